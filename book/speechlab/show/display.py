"""Sounds one can play and figures one can read with eyes closed.

Both carry words along: a sound has a caption, a figure an alternative text, and neither can be made
without. Mathematics in those words is written between `\\(` and `\\)`.
"""

from __future__ import annotations

import html
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import soundfile
from numpy.typing import ArrayLike

from speechlab.show import media

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 144  # half as much again as figures are shown at, so that they stay sharp


@dataclass(frozen=True)
class Sound:
    """A sound as it is shown: encoded samples, what one hears, and how long it takes."""

    wav: bytes
    caption: str
    seconds: float

    def _repr_html_(self) -> str:
        label = html.escape(self.caption)
        return (
            '<figure class="speech-sound">'
            f'<audio controls preload="metadata" aria-label="{label}" '
            f'src="{media.address(self.wav, "wav")}"></audio>'
            f'<figcaption class="mathjax_process">{label}</figcaption></figure>'
        )

    def __repr__(self) -> str:
        return f"[sound, {self.seconds:.2f} s: {self.caption}]"


@dataclass(frozen=True)
class Picture:
    """A figure as it is shown: encoded pixels, what they show, and a caption if any."""

    png: bytes
    alt: str
    caption: str
    size: tuple[int, int]

    def _repr_html_(self) -> str:
        width, height = self.size
        words = html.escape(self.caption)
        caption = f'<figcaption class="mathjax_process">{words}</figcaption>' if words else ""
        return (
            '<figure class="speech-picture">'
            f'<img src="{media.address(self.png, "png")}" alt="{html.escape(self.alt)}" '
            f'loading="lazy" width="{width}" height="{height}">{caption}</figure>'
        )

    def __repr__(self) -> str:
        return f"[figure: {self.alt}]"


def sound(samples: ArrayLike, rate: float, caption: str, normalise: bool = False) -> Sound:
    """A player for `samples`, with its caption underneath.

    Parameters
    ----------
    samples : array_like, shape (N,) or (N, 2)
        One channel, or left and right. Scaled down to a peak of 0.97 where it exceeds 1, else kept
        as it is, so that two sounds on a page can be compared in loudness.
    rate : float
        Sampling rate in Hz, rounded to a whole number.
    caption : str
        What one hears and should listen for. Required.
    normalise : bool
        Scale to a peak of 0.97 in any case.

    Raises
    ------
    ValueError
        If the samples are empty, not finite or not of that shape, or the caption is empty.
    """
    caption = _words(caption, "A sound needs a caption that says what one hears.")
    samples = np.asarray(samples, dtype=float)
    if samples.ndim not in (1, 2) or (samples.ndim == 2 and samples.shape[1] != 2):
        raise ValueError(f"Samples must have shape (N,) or (N, 2), not {samples.shape}.")
    if samples.size == 0:
        raise ValueError("A sound needs at least one sample.")
    if not np.all(np.isfinite(samples)):
        raise ValueError("Samples must be finite numbers.")
    if not np.isfinite(rate) or round(rate) < 1:
        raise ValueError(f"The sampling rate must be a positive number of hertz, not {rate!r}.")
    peak = np.max(np.abs(samples))
    if peak > 1 or (normalise and peak > 0):
        samples = samples * (0.97 / peak)
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, round(rate), format="WAV", subtype="PCM_16")
    return Sound(buffer.getvalue(), caption, len(samples) / rate)


def picture(fig: Figure, alt: str, caption: str = "") -> Picture:
    """A Matplotlib figure with its alternative text; the figure is closed.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        What `plt.subplots` gave first.
    alt : str
        What the figure shows, for readers who cannot see it. Required.
    caption : str
        Shown underneath, if any.

    Raises
    ------
    ValueError
        If `fig` is not a figure, or the alternative text is empty.
    """
    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure

    alt = _words(alt, "A figure needs an alternative text that says what it shows.")
    if not isinstance(fig, Figure):
        raise ValueError(f"A picture is made from a Matplotlib figure, not from {type(fig)}.")
    buffer = io.BytesIO()
    # Without the software's name in it, the same figure gives the same bytes.
    fig.savefig(buffer, format="png", dpi=DPI, facecolor="white", metadata={"Software": None})
    plt.close(fig)
    width, height = (round(96 * inches) for inches in fig.get_size_inches())
    return Picture(buffer.getvalue(), alt, str(caption).strip(), (width, height))


def _words(text: str, complaint: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ValueError(complaint)
    return " ".join(text.split())
