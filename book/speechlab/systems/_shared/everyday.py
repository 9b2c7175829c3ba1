"""What the systems of everyday sounds look at, and their two small nets, in NumPy.

A recording is cut into pieces of 0.96 s, and those that are as good as silent are left out: the
clips of ESC-10 are filled up with silence to 5 s, and no net shall hear how long a sound was. A
piece is seen in two formats, as 48 frames of 64 mel bands and as 15,360 samples. `heard_in_mel` and
`heard_in_wave` make one vector of each piece.

Shapes: `C` pieces, `D` = 256 features.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from speechlab.speech.spectra import mel_filters, short_time
from speechlab.systems._shared.recording import finite_samples

RATE, HOP, WINDOW, FFT, BANDS = 16000, 320, 640, 1024, 64  # 40 ms every 20 ms
FRAMES = 48  # of a piece, 0.96 s
FLOOR = 1e-6  # power below which nothing is heard, in a recording whose peak is 1
SOFT = 0.01  # a piece whose peak is lower than this, where the recording's is 1, is left out
MEL_LAYERS = (24, 48, 96)  # channels after each convolution of 3 by 3 with stride 2
WAVE_LAYERS = ((48, 64, 16), (64, 8, 4), (128, 10, 5), (128, 3, 1))  # channels, kernel, stride
FEATURES = 256

MEL = mel_filters(RATE, FFT, BANDS)

Array = NDArray[np.floating]
Weights = Mapping[str, Array]


class Pieces(NamedTuple):
    """The pieces of a recording: log-mel (C, 48, 64), ln of power, and samples (C, 15360)."""

    mel: Array
    wave: Array


def scaled(samples: ArrayLike, rate: int) -> Array:
    """A recording at a peak of 1, filled up with silence to the length of a piece; shape (N,).

    Raises
    ------
    ValueError
        For an empty or silent recording, more than one channel, NaN, or another rate than 16000.
    """
    samples = finite_samples(samples, rate, RATE)
    peak = np.abs(samples).max()
    if peak == 0:
        raise ValueError("The sound is silence: all of its samples are zero.")
    return np.pad(samples / peak, (0, max(FRAMES * HOP - len(samples), 0)))


def levels(sound: Array) -> Array:
    """Logarithms of the power in 64 mel bands, every 20 ms; shape (1 + N // 320, 64)."""
    spectrum = short_time(sound, FFT, HOP, WINDOW)
    return np.log(np.abs(spectrum.T) ** 2 @ MEL.T + FLOOR).astype(np.float32)


def pieces(samples: ArrayLike, rate: int) -> Pieces:
    """The pieces of a recording that are not silent, at least one; its peak is scaled to 1.

    What is left over behind the last whole piece is not heard. Raises `ValueError` as `scaled`
    does.
    """
    sound = scaled(samples, rate)
    count = len(sound) // (FRAMES * HOP)
    mel = levels(sound)[: count * FRAMES].reshape(count, FRAMES, BANDS)
    wave = sound[: count * FRAMES * HOP].reshape(count, -1).astype(np.float32)
    loud = np.abs(wave).max(axis=1)
    kept = loud >= min(SOFT, loud.max())
    return Pieces(mel[kept], wave[kept])


def _step(x: Array, w: Weights, name: str) -> Array:
    return np.maximum(x @ w[name] + w[f"{name}_bias"], 0)


def _pooled(frames: Array) -> Array:
    """Mean plus maximum over time, (C, T, D) to (C, D)."""
    return frames.mean(axis=1) + frames.max(axis=1)


def heard_in_mel(mel: Array, w: Weights) -> Array:
    """Features (C, 256) of standardised log-mel pieces (C, T, 64).

    Three convolutions `conv_1` ... of matrices (9 channels, channels), a matrix `frame` over all
    that belongs to a frame, then mean plus maximum over time.
    """
    x = np.asarray(mel, dtype=np.float32)[..., None]
    for n in range(1, len(MEL_LAYERS) + 1):
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
        near = sliding_window_view(padded, (3, 3), axis=(1, 2))[:, ::2, ::2]
        x = _step(near.reshape(*near.shape[:3], -1), w, f"conv_{n}")
    return _pooled(_step(x.reshape(*x.shape[:2], -1), w, "frame"))


def heard_in_wave(wave: Array, w: Weights) -> Array:
    """Features (C, 256) of pieces of sound (C, N): four convolutions over time, then as above."""
    x = np.asarray(wave, dtype=np.float32)[..., None]
    for n, (_, kernel, stride) in enumerate(WAVE_LAYERS, 1):
        before = (kernel - stride + 1) // 2
        padded = np.pad(x, ((0, 0), (before, before), (0, 0)))
        near = sliding_window_view(padded, kernel, axis=1)[:, ::stride]
        x = _step(near.reshape(*near.shape[:2], -1), w, f"conv_{n}")
    return _pooled(_step(x, w, "frame"))


def initial(format: str, seed: int = 0) -> dict[str, Array]:
    """Weights before training, of the net for "mel" or for "wave", drawn at random.

    Each matrix keeps the mean square of what it is given, on the whole.
    """
    if format == "mel":
        rows = [9 * channels for channels in (1, *MEL_LAYERS[:-1])]
        shapes = {f"conv_{n}": s for n, s in enumerate(zip(rows, MEL_LAYERS), 1)}
        shapes["frame"] = (MEL_LAYERS[-1] * BANDS // 2 ** len(MEL_LAYERS), FEATURES)
    elif format == "wave":
        shapes, channels = {}, 1
        for n, (width, kernel, _) in enumerate(WAVE_LAYERS, 1):
            shapes[f"conv_{n}"] = (channels * kernel, width)
            channels = width
        shapes["frame"] = (channels, FEATURES)
    else:
        raise ValueError(f'There are nets for "mel" and "wave", not for {format!r}.')
    rng = np.random.default_rng([seed, len(format)])
    w = {k: rng.normal(size=s) * np.sqrt(2 / s[0]) for k, s in shapes.items()}
    w |= {f"{k}_bias": np.zeros(s[1]) for k, s in shapes.items()}
    return {k: a.astype(np.float32) for k, a in w.items()}
