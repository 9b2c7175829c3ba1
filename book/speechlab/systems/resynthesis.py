"""Speech from units: a few numbers a second say what was said, how high, and by whom.

HuBERT's unit of each 20 ms says what is said, a number from 0 to 63 every 40 ms says how high the
voice is, and one number for the whole recording says who speaks. A generator of HiFi-GAN's form
makes samples of them. Another number for the speaker is another voice.

Shapes: `T` frames of 20 ms, `N` samples at 8 kHz, `B` bands of pitch.

Source: A. Polyak et al., "Speech resynthesis from discrete disentangled self-supervised
representations", Interspeech (2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray
from scipy.signal import istft, medfilt, stft

from speechlab.systems import hubert, weights
from speechlab.systems._shared.generator import generate, turned
from speechlab.systems._shared.mel import RATE
from speechlab.systems._shared.vocoding import at_peak

FRAME = 160  # samples: 20 ms
FACTORS, DILATIONS = (5, 8, 4), ((1, 3, 9), (1, 3), (1, 3))  # of the generator's steps
UNITS = hubert.UNITS[2]
RECORDED = ("george", "jackson", "lucas", "nicolas", "yweweler")
SPEAKERS = (*RECORDED, "alder", "birch", "cedar", "hazel", "maple")
OF_UNIT, OF_SPEAKER = 48, 16  # numbers that a unit, a speaker is for the generator
LOWEST, HIGHEST, BANDS = 60.0, 400.0, 32  # Hz, and bands between them
LEVELS, HELD = 64, 2  # what F0 is rounded to, 0 for no voice; frames that one of them holds for
WINDOW, VOICED = 480, 0.5  # samples that F0 is found in; how alike two periods must be
FINE = 4  # lags tried for each sample
QUIET = 0.05  # of the loudest frame's rms: below it is a pause

Array = NDArray[np.floating]
Units = NDArray[np.int_]


# --- what is sent -------------------------------------------------------------------------


def units(samples: ArrayLike, rate: int) -> Units:
    """HuBERT's unit of each 20 ms, 0 to 99, shape (T,) with T = (N // 80 + 2) // 2.

    Raises `ValueError` for an empty or silent sound, NaN, or a rate other than 8000.
    """
    return hubert.encoder().units(samples, rate)


def f0(samples: ArrayLike, rate: int) -> Array:
    """The fundamental frequency in Hz of each 20 ms, 0 where there is no voice; shape (T,).

    Where the autocorrelation of 60 ms, divided by the window's, is highest (P. Boersma, 1993).
    Raises `ValueError` as `units` does.
    """
    x = at_peak(samples, rate)
    count = (len(x) // 80 + 2) // 2
    padded = np.pad(x, (WINDOW // 2, WINDOW // 2 + FRAME))
    shape = np.hanning(WINDOW)
    frames = sliding_window_view(padded, WINDOW)[::FRAME][:count]
    frames = (frames - frames.mean(axis=1, keepdims=True)) * shape
    own, alike = (_autocorrelation(part) for part in (shape[None], frames))
    lags = np.arange(int(FINE * RATE / HIGHEST), int(FINE * RATE / LOWEST) + 1)
    level = alike[:, :1]
    alike = alike[:, lags] / (level + 1e-9) / (own[:, lags] / own[:, :1])
    best = np.argmax(alike * np.linspace(1, 0.9, len(lags)), axis=1)
    sure = np.take_along_axis(alike, best[:, None], axis=1)[:, 0]
    voiced = (sure > VOICED) & (level[:, 0] > 1e-3 * level.max())
    voiced = medfilt(voiced.astype(float), 3) > 0.5
    smooth = np.exp(medfilt(np.log(FINE * RATE / lags[best]), 3))
    return np.where(voiced, np.clip(smooth, LOWEST, HIGHEST), 0.0)


def _autocorrelation(frames: Array) -> Array:
    """Of each frame (T, W), at lags of a quarter of a sample."""
    power = np.abs(np.fft.rfft(frames, 2 * WINDOW, axis=1)) ** 2
    return np.fft.irfft(power, 2 * WINDOW * FINE, axis=1)


def rounded(hertz: ArrayLike) -> Units:
    """F0 (T,) as it is sent: one number every 40 ms, 0 for no voice, else 1 to 63.

    The numbers are half a semitone and more apart (52 cents). Raises `ValueError` if F0 is not
    finite, negative or of a shape other than (T,).
    """
    hertz = np.asarray(hertz, dtype=float)
    if hertz.ndim != 1 or len(hertz) == 0 or not np.all(np.isfinite(hertz)) or np.any(hertz < 0):
        raise ValueError("F0 is one number a frame in Hz, finite and not negative, 0 for no voice.")
    pairs = np.pad(hertz, (0, len(hertz) % HELD), mode="edge").reshape(-1, HELD)
    voiced = pairs > 0
    high = np.where(voiced, np.log(np.clip(pairs, LOWEST, HIGHEST) / LOWEST), 0).sum(axis=1)
    high = high / np.maximum(voiced.sum(axis=1), 1) / np.log(HIGHEST / LOWEST)
    return np.where(voiced.any(axis=1), 1 + np.rint(high * (LEVELS - 2)), 0).astype(int)


def heard(numbers: ArrayLike, frames: int) -> Array:
    """F0 in Hz of so many frames from the numbers sent, shape (T,): the inverse of `rounded`."""
    numbers = np.asarray(numbers)
    hertz = LOWEST * (HIGHEST / LOWEST) ** ((numbers - 1) / (LEVELS - 2))
    return np.repeat(np.where(numbers > 0, hertz, 0.0), HELD)[:frames]


def bits_per_second() -> dict[str, float]:
    """What units and F0 cost when each number is sent with as many bits as it needs, and both."""
    seconds = FRAME / RATE
    cost = {"units": np.log2(UNITS) / seconds, "F0": np.log2(LEVELS) / (HELD * seconds)}
    return cost | {"both": sum(cost.values())}


# --- what is made of it -------------------------------------------------------------------


def bands_of(hertz: ArrayLike) -> Array:
    """F0 for the generator, shape (T, 33): how near it is to each band, and whether there is any.

    Two neighbouring bands share it in proportion to its place between them on a logarithmic scale.
    """
    hertz = np.asarray(hertz, dtype=float)
    high = np.log(np.clip(hertz, LOWEST, HIGHEST) / LOWEST) / np.log(HIGHEST / LOWEST)
    near = np.maximum(1 - np.abs(high[:, None] * (BANDS - 1) - np.arange(BANDS)), 0)
    voiced = (hertz > 0)[:, None]
    return np.hstack([near * voiced, voiced]).astype(np.float32)


def speakers() -> tuple[str, ...]:
    """The voices that the generator learned."""
    return SPEAKERS


@cache
def _generator() -> dict[str, Array]:
    return turned(weights("resynthesis"), "generator.")


def say(units: ArrayLike, f0: ArrayLike, speaker: str) -> Array:
    """The sound of units and F0 (T,) in a voice: shape (160 T,), 8 kHz, a peak of about 1.

    In pauses the phases are drawn by lot, see `unhummed`.

    Raises
    ------
    ValueError
        If the units are not whole numbers from 0 to 99, F0 is not as many finite numbers that are
        0 or positive, or there is no such speaker.
    """
    units, hertz = np.asarray(units), np.asarray(f0, dtype=float)
    if speaker not in SPEAKERS:
        raise ValueError(f"There is no voice {speaker!r}: there are {', '.join(SPEAKERS)}.")
    if units.ndim != 1 or len(units) == 0 or units.dtype.kind not in "iu":
        raise ValueError("Units are a row of one whole number or more.")
    if units.min() < 0 or units.max() >= UNITS:
        raise ValueError(f"Units go from 0 to {UNITS - 1}.")
    if hertz.shape != units.shape or not np.all(np.isfinite(hertz)) or np.any(hertz < 0):
        raise ValueError("F0 is one number a unit in Hz, finite and not negative, 0 for no voice.")
    return unhummed(generated(units, hertz, speaker), hertz > 0)


def generated(units: Units, hertz: Array, speaker: str) -> Array:
    """What the net alone makes of units and F0 (T,) in a voice: shape (160 T,)."""
    w = weights("resynthesis")
    who = np.tile(w["speakers"][SPEAKERS.index(speaker)], (len(units), 1))
    rows = np.hstack([w["units"][units], bands_of(hertz), who])
    return generate(rows, _generator(), DILATIONS)[-1][:, 0].astype(float)


def unhummed(samples: Array, voiced: NDArray[np.bool_]) -> Array:
    """The sound (160 T,) with phases by lot, and the same spectra, where it is quiet and unvoiced.

    A net that is given no noise makes the same 20 ms of the same unit, again and again: a pause,
    which is one unit many times over, would hum at 50 Hz.
    """
    level = np.sqrt(np.mean(samples.reshape(-1, FRAME) ** 2, axis=1))
    loud = np.repeat(1.0 * (voiced | (level >= QUIET * level.max())), FRAME)
    shape = np.hanning(FRAME + 3)[1:-1]
    loud = np.convolve(np.pad(loud, FRAME // 2, mode="edge"), shape / shape.sum(), "valid")
    loud = np.clip(loud, 0, 1)  # rounding may lead beyond
    how = {"nperseg": FRAME, "noverlap": 3 * FRAME // 4}
    sizes = np.abs(stft(samples, **how)[2])
    turned = np.exp(2j * np.pi * np.random.default_rng(0).random(sizes.shape))
    # frames that do not agree add up to half of what frames that do would give
    noise = 2 * istft(sizes * turned, **how)[1][: len(samples)]
    return np.sqrt(loud) * samples + np.sqrt(1 - loud) * noise


@dataclass(frozen=True, eq=False)
class Sent:
    """What goes over the line: units (T,), numbers of F0 (T / 2,), and the number of samples."""

    units: Units
    pitch: Units
    length: int

    @property
    def seconds(self) -> float:
        return self.length / RATE


def encode(samples: ArrayLike, rate: int) -> Sent:
    """What is sent of a recording (N,). Raises `ValueError` as `units` does."""
    return Sent(units(samples, rate), rounded(f0(samples, rate)), len(np.asarray(samples)))


def decode(sent: Sent, speaker: str, shifted: float = 0.0) -> Array:
    """The sound (N,) of what was sent in a voice, `shifted` by so many semitones."""
    hertz = heard(sent.pitch, len(sent.units))
    hertz = np.where(hertz > 0, np.clip(hertz * 2 ** (shifted / 12), LOWEST, HIGHEST), 0)
    return say(sent.units, hertz, speaker)[: sent.length]


def usual(speaker: str) -> float:
    """The F0 in Hz that a speaker has on average, on a logarithmic scale."""
    if speaker not in SPEAKERS:
        raise ValueError(f"There is no voice {speaker!r}: there are {', '.join(SPEAKERS)}.")
    return float(np.exp(weights("resynthesis")["usual"][SPEAKERS.index(speaker)]))


def convert(samples: ArrayLike, rate: int, speaker: str) -> Array:
    """A recording (N,) in another voice, moved to the pitch that voice usually has."""
    sent = encode(samples, rate)
    hertz = heard(sent.pitch, len(sent.units))
    voiced = hertz[hertz > 0]
    own = np.exp(np.mean(np.log(voiced))) if len(voiced) else usual(speaker)
    return decode(sent, speaker, 12 * np.log2(usual(speaker) / own))
