"""What notebooks use of `IPython.display`, where IPython is not there; see `cells.py`."""

from __future__ import annotations

import base64
import html
import io
import sys
import wave
from pathlib import Path
from typing import Any


def display(*values: Any, **options: Any) -> None:
    """Show values as the outputs of the cell that runs."""
    sys.modules["__main__"].__display__(*values, **options)


def clear_output(wait: bool = False) -> None:
    """Do nothing: a page keeps what a cell has shown."""


def get_ipython() -> None:
    """None, as outside of IPython."""


class HTML:
    """A piece of a page."""

    def __init__(self, data: str = "", **_options: Any) -> None:
        self.data = data

    def _repr_html_(self) -> str:
        return self.data


class SVG(HTML):
    """A drawing, as text."""


class Markdown(HTML):
    """Text, shown as it is written."""

    def _repr_html_(self) -> str:
        return f'<div style="white-space: pre-wrap">{html.escape(self.data)}</div>'


class Image:
    """A picture: the bytes of a file, or its name."""

    def __init__(
        self, data: Any = None, filename: str | None = None, alt: str = "", **_options: Any
    ) -> None:
        named = filename or (data if isinstance(data, str | Path) else None)
        self.data = Path(named).read_bytes() if named is not None else bytes(data)
        self.alt = alt

    def _speechlab_output_(self) -> dict[str, Any]:
        kind = "png" if self.data.startswith(b"\x89PNG") else "jpeg"
        alt = self.alt or "A picture without a description."
        return {"kind": "image", "mime": f"image/{kind}", "bytes": self.data, "alt": alt}


class Audio:
    """A player for samples, or for the bytes or the name of a sound file.

    Parameters
    ----------
    data : array_like of shape (N,) or (channels, N), bytes or str
        Samples, the bytes of a file, or its name.
    rate : float
        Sampling rate of samples, in Hz.
    normalize : bool
        Scale samples to the full range, as IPython does; else they must lie between -1 and 1.

    Raises
    ------
    ValueError
        If samples come without a rate, are empty or not finite, or exceed the range.
    """

    def __init__(
        self,
        data: Any = None,
        filename: str | None = None,
        rate: float | None = None,
        normalize: bool = True,
        **_options: Any,
    ) -> None:
        named = filename or (data if isinstance(data, str | Path) else None)
        self.rate = rate
        if named is not None:
            self.data = Path(named).read_bytes()
        elif isinstance(data, bytes | bytearray):
            self.data = bytes(data)
        elif rate is None:
            raise ValueError("rate must be specified when data is a numpy array or list of samples")
        else:
            self.data = _wav(data, rate, normalize)

    def _speechlab_output_(self) -> dict[str, Any]:
        return {"kind": "audio", "bytes": self.data, "label": self._label()}

    def _repr_html_(self) -> str:
        address = "data:audio/wav;base64," + base64.b64encode(self.data).decode()
        return f'<audio controls src="{address}" aria-label="{self._label()}"></audio>'

    def _label(self) -> str:
        try:
            with wave.open(io.BytesIO(self.data)) as file:
                seconds = file.getnframes() / file.getframerate()
        except (wave.Error, EOFError):  # a file of another kind
            return "A sound."
        return f"A sound of {seconds:.2f} seconds."


def _wav(data: Any, rate: float, normalize: bool) -> bytes:
    import numpy as np

    samples = np.asarray(data, dtype=float)
    if samples.ndim not in (1, 2) or samples.size == 0:
        raise ValueError(f"Samples must have shape (N,) or (channels, N), not {samples.shape}.")
    if not np.all(np.isfinite(samples)):
        raise ValueError("Samples must be finite numbers.")
    peak = np.max(np.abs(samples))
    if not normalize and peak > 1:
        raise ValueError("Audio data must be between -1 and 1 when normalize=False.")
    scale = 32767 / (peak if normalize and peak > 0 else 1)
    channels = 1 if samples.ndim == 1 else len(samples)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(round(rate))
        file.writeframes(np.round(samples.T * scale).astype("<i2").tobytes())
    return buffer.getvalue()
