"""Sounds one can play and figures one can read with eyes closed.

Both carry words along: a sound has a caption, a figure an alternative text, and neither can be made
without. Mathematics in those words is written between `\\(` and `\\)`.
"""

from __future__ import annotations

import html
import io
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.signal.windows import tukey

from speechlab import wav
from speechlab.show import media, themes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DPI = 144  # half as much again as figures are shown at, so that they stay sharp
LARGE = 60_000  # bytes of a figure; above them, what nobody sees of its pixels is left out
HOPELESS = 3  # times as many by quick zlib: no packing without loss gets from there to so few
PEAK = 0.97  # of the range of the samples
WINDOW = 0.2  # s, in which the level of a sound is measured
FADE = 0.005  # s, at either end of a sound, so that neither clicks


@dataclass(frozen=True)
class Sound:
    """A sound as it is shown: encoded samples, what one hears, and how long it takes."""

    wav: bytes
    caption: str
    seconds: float

    @property
    def level(self) -> float:
        """The level in dB of the loudest 200 ms, below a full sine; -200 for none."""
        samples, rate = wav.decoded(self.wav)
        squares = np.square(samples.reshape(len(samples), -1) / 32768)
        power = np.concatenate([[0.0], np.cumsum(np.mean(squares, axis=1))])
        length = min(len(samples), round(WINDOW * rate))
        loudest = np.max(power[length:] - power[:-length]) / length
        return float(10 * np.log10(2 * loudest + 1e-20))

    @property
    def address(self) -> str:
        """Where a page finds the sound: inside it in a notebook, in a built book a file of FLAC.

        FLAC keeps every sample in about half the bytes; a notebook may be opened where WAV alone
        is played.
        """
        if media.store() is None:
            return media.address(self.wav, "wav")
        import soundfile  # only for a book that is built

        samples, rate = wav.decoded(self.wav)
        buffer = io.BytesIO()
        soundfile.write(buffer, samples, rate, format="FLAC", subtype="PCM_16")
        return media.address(buffer.getvalue(), "flac")

    def _repr_html_(self) -> str:
        label = html.escape(self.caption)
        return (
            '<figure class="speech-sound">'
            f'<audio controls preload="none" aria-label="{label}" '
            f'data-seconds="{self.seconds:.3f}" data-level="{self.level:.1f}" '
            f'src="{self.address}"></audio>'
            f'<figcaption class="mathjax_process">{label}</figcaption></figure>'
        )

    def __repr__(self) -> str:
        return f"[sound, {self.seconds:.2f} s: {self.caption}]"


@dataclass(frozen=True)
class Picture:
    """A figure as it is shown: WebP for light and dark pages, what they show, a caption if any."""

    light: bytes
    dark: bytes
    alt: str
    caption: str
    size: tuple[int, int]

    def _repr_html_(self) -> str:
        words = html.escape(self.caption)
        caption = f'<figcaption class="mathjax_process">{words}</figcaption>' if words else ""
        width, height = self.size
        # A notebook has not the script that takes the one for a dark page.
        dark = f'data-dark="{media.address(self.dark, "webp")}" ' if media.store() else ""
        return (
            f'<figure class="speech-picture"><img src="{media.address(self.light, "webp")}" {dark}'
            f'alt="{html.escape(self.alt)}" loading="lazy" width="{width}" height="{height}">'
            f"{caption}</figure>"
        )

    def __repr__(self) -> str:
        return f"[figure: {self.alt}]"


@dataclass(frozen=True)
class Followed:
    """A figure over time and its sound: a line moves through the figure while the sound plays.

    `left` and `right` are where the sound begins and ends, in parts of the figure's width. `words`
    are texts with the second at which each is reached.
    """

    sound: Sound
    picture: Picture
    left: float
    right: float
    words: tuple[tuple[float, str], ...] = ()

    def _repr_html_(self) -> str:
        words = " ".join(
            f'<span data-at="{at:.2f}">{html.escape(text)}</span>' for at, text in self.words
        )
        line = f'<p class="speech-words">{words}</p>' if words else ""
        return (
            f'<div class="speech-follow" style="--left:{self.left:.4f};--right:{self.right:.4f}">'
            f"{self.picture._repr_html_()}{line}{self.sound._repr_html_()}</div>"
        )

    def __repr__(self) -> str:
        return f"{self.picture!r} {self.sound!r}"


def sound(samples: ArrayLike, rate: float, caption: str, normalise: bool = False) -> Sound:
    """A player for `samples`, with its caption underneath.

    Parameters
    ----------
    samples : array_like, shape (N,) or (N, 2)
        One channel, or left and right. Scaled down to a peak of 0.97 where it exceeds 1, else kept
        as it is, so that two sounds on a page can be compared in loudness; only the first and last
        5 ms (at most an eighth of the sound) fade in and out.
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
        samples = samples * (PEAK / peak)
    seconds = len(samples) / rate
    samples = (samples.T * tukey(len(samples), 2 * min(FADE / seconds, 1 / 8))).T
    return Sound(wav.encoded(samples, rate), caption, seconds)


def follow(
    played: Sound,
    fig: Figure,
    alt: str,
    caption: str = "",
    words: Iterable[tuple[float, str]] = (),
) -> Followed:
    """A figure whose first axis of time is as long as a sound, which is followed through it.

    Parameters
    ----------
    played : Sound
        What is heard.
    fig : matplotlib.figure.Figure
        Time runs along the first of its axes from 0 to the end of the sound.
    alt, caption : str
        As for `picture`.
    words : iterable of (float, str)
        Texts under the figure, each with the second of the sound at which it is reached.

    Raises
    ------
    ValueError
        If the first axis has another extent in time, or `picture` refuses the figure.
    """
    themes.legible(fig)
    start, end = fig.axes[0].get_xlim() if fig.axes else (0.0, 0.0)
    if start != 0 or abs(end - played.seconds) > 0.01:
        raise ValueError(f"The figure must run from 0 to {played.seconds:g} s, as the sound does.")
    themes.fit_words(fig)
    box = fig.axes[0].get_position()
    shown = picture(fig, alt, caption)
    timed = tuple((float(at), str(text)) for at, text in words)
    return Followed(played, shown, float(box.x0), float(box.x1), timed)


def parts(result: Any) -> list[Sound | Picture | str]:
    """What a function shows, in order: its result, or the members of nested lists.

    Raises
    ------
    TypeError
        If one is no sound, picture or text.
    """
    if isinstance(result, list | tuple):
        return [part for member in result for part in parts(member)]
    if isinstance(result, Sound | Picture | str):
        return [result]
    raise TypeError(
        "An explored function returns sounds, pictures and texts, "
        f"not {type(result).__name__} (wrap a figure in picture)."
    )


def render(result: Any) -> str:
    """The HTML of a sound, a picture, a text, or a list of those."""
    return "".join(
        f'<p class="speech-text mathjax_process">{html.escape(part)}</p>'
        if isinstance(part, str)
        else part._repr_html_()
        for part in parts(result)
    )


def picture(fig: Figure, alt: str, caption: str = "") -> Picture:
    """A Matplotlib figure with its alternative text, for light and dark pages; it is closed.

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
    themes.legible(fig)
    themes.fit_words(fig)
    fig.set_layout_engine("none")  # all has its place, for both themes
    light = _drawn(fig, "white")
    themes.darken(fig)
    dark = _drawn(fig, "none")
    plt.close(fig)
    width, height = (round(96 * inches) for inches in fig.get_size_inches())
    return Picture(light, dark, alt, str(caption).strip(), (width, height))


def _drawn(fig: Figure, ground: str) -> bytes:
    """The figure as WebP: without loss, unless that is too much for a slow line."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    fig.set(dpi=DPI, facecolor=ground)
    canvas = FigureCanvasAgg(fig)
    canvas.draw()  # once; `savefig` draws twice, to lay out
    pixels = np.array(canvas.buffer_rgba())
    image = Image.fromarray(pixels)
    hopeless = len(zlib.compress(pixels, 1)) > HOPELESS * LARGE  # a spectrogram, not lines
    # Method 2 takes half the time of the usual one, and a few per cent more bytes.
    for how in ({"lossless": True}, {"quality": 90})[hopeless:]:
        buffer = io.BytesIO()
        image.save(buffer, format="webp", method=2, **how)
        if buffer.tell() <= LARGE:
            break
    return buffer.getvalue()


def _words(text: str, complaint: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ValueError(complaint)
    return " ".join(text.split())
