"""WAV files of 16 bits, by the standard library: what every computer and every browser plays.

Other kinds of files (FLAC, Ogg) are read by `soundfile`, which cannot be had where a page runs
this package; what ships with it is FLAC, and arrays of NumPy in the copy that pages run.
"""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

FULL = 2.0**31  # a sample of 1, of which the upper 16 bits are kept, as libsndfile does it


def encoded(samples: ArrayLike, rate: float) -> bytes:
    """A WAV file of 16 bits a sample; `samples` has shape (N,) or (N, 2), within -1 and 1."""
    whole = np.rint(np.asarray(samples, dtype=float) * FULL).clip(-FULL, FULL - 1).astype("<i4")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1 if whole.ndim == 1 else whole.shape[1])
        file.setsampwidth(2)
        file.setframerate(round(rate))
        file.writeframes((whole >> 16).astype("<i2").tobytes())
    return buffer.getvalue()


def decoded(content: bytes) -> tuple[NDArray[np.int16], int]:
    """The samples of a WAV file, shape (N,) or (N, 2), as 16-bit numbers, and its rate in Hz.

    Raises `ValueError` if it is none, or its samples have not 16 bits.
    """
    try:
        with wave.open(io.BytesIO(content)) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (wave.Error, EOFError) as why:
        raise ValueError(f"This is no WAV file of plain numbers: {why}.") from None
    if width != 2:
        raise ValueError(f"The samples of this WAV file have {8 * width} bits, not 16.")
    samples = np.frombuffer(frames, dtype="<i2")
    return (samples if channels == 1 else samples.reshape(-1, channels)), rate


def shipped(flac: Path) -> tuple[NDArray[np.int16], int]:
    """The same of a FLAC file that ships with the package, or of the arrays in its place."""
    arrays = flac.with_suffix(".npz")
    if not flac.is_file() and arrays.is_file():
        with np.load(arrays) as held:
            return unpacked(held["low"], held["high"]), int(held["rate"])
    import soundfile

    return soundfile.read(flac, dtype="int16")


def packed(samples: NDArray[np.int16]) -> dict[str, NDArray]:
    """16-bit samples (N,) as arrays that become small by compression: see `unpacked`."""
    steps = np.diff(samples, prepend=np.int16(0))
    return {"low": steps.astype(np.uint8), "high": (steps >> 8).astype(np.int8)}


def unpacked(low: NDArray[np.uint8], high: NDArray[np.int8]) -> NDArray[np.int16]:
    """Samples (N,) from the low and the high bytes of the steps from each to the next."""
    return np.cumsum(low + 256 * high.astype(np.int16), dtype=np.int16)
