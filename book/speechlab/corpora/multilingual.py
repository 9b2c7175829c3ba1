"""Digits in five languages, utterances made of them, and sounds in which nobody speaks.

The clips are synthetic speech that ships with the package: voices of espeak-ng that no system of
the course was trained on (`data/multilingual/README.md`). English digits by other speakers, real
ones if they are there, come from `speechlab.corpora`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import numpy as np
import scipy.signal
import soundfile
from numpy.typing import NDArray

from speechlab.corpora import Clip
from speechlab.corpora.cache import DATA
from speechlab.systems.word_counter import RATE, Speakers, Utterance

Array = NDArray[np.floating]

NAMES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian"}
WORDS = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "de": ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun"),
    "fr": ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
    "es": ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
    "it": ("zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"),
}
FOLDER = DATA / "multilingual"


@cache
def _shipped() -> tuple[Clip, ...]:
    """All clips of the folder; a speaker is called by language and voice, as in "de m5"."""
    packed, rate = soundfile.read(FOLDER / "clips.flac")
    with open(FOLDER / "clips.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Clip(
            samples=packed[int(row["start"]) : int(row["stop"])],
            rate=rate,
            text=WORDS[row["language"]][int(row["digit"])],
            speaker=f"{row['language']} {row['voice']}",
            digit=int(row["digit"]),
            index=0,
            split="test",
        )
        for row in rows
    )


def clips(language: str | None = None, digit: int | None = None) -> list[Clip]:
    """The shipped clips at 8 kHz, all of them held out from training.

    `text` is the word in its own language and `speaker` begins with the language: `language_of`.
    `language` is a key of `NAMES`; None takes all.

    Raises
    ------
    ValueError
        For a language or digit that there is not.
    """
    if language is not None and language not in NAMES:
        raise ValueError(f"There is no language {language!r}: there are {', '.join(NAMES)}.")
    if digit is not None and digit not in range(10):
        raise ValueError(f"There is no digit {digit!r}: say 0 to 9.")
    return [
        replace(clip, samples=clip.samples.copy())
        for clip in _shipped()
        if language in (None, language_of(clip)) and digit in (None, clip.digit)
    ]


def language_of(spoken: Clip | Utterance) -> str:
    """The language of a clip or utterance: that of the corpus is English."""
    first = spoken.speaker.split()[0]
    return first if first in NAMES else "en"


def translated(words: Iterable[str], language: str) -> tuple[str, ...]:
    """Words for digits in `language`, in English."""
    return tuple(WORDS["en"][WORDS[language].index(word)] for word in words)


class Voices(Speakers):
    """Draws utterances of given clips: each by one voice, so in one language."""

    def __init__(self, spoken: Iterable[Clip], seed: int) -> None:
        self.clips = {}
        for clip in spoken:
            self.clips.setdefault(clip.speaker, []).append(clip)
        if not self.clips:
            raise ValueError("Without clips nothing can be said.")
        self.rng = np.random.default_rng(seed)


# --- sounds in which nobody speaks --------------------------------------------------------


def _coloured(length: int, rng: np.random.Generator) -> Array:
    """Noise that is dull, white or sharp."""
    pole = rng.uniform(-0.7, 0.98)
    return scipy.signal.lfilter([1], [1, -pole], rng.standard_normal(length))


def _hum(length: int, rng: np.random.Generator) -> Array:
    """A steady tone with harmonics, as of a transformer."""
    phase = 2 * np.pi * rng.uniform(45, 400) * np.arange(length) / RATE
    strengths = rng.uniform(0, 1, size=6) / np.arange(1, 7)
    return sum(a * np.sin(n * phase + rng.uniform(0, 6)) for n, a in enumerate(strengths, 1))


def _sweep(length: int, rng: np.random.Generator) -> Array:
    """A tone that glides from one pitch to another, and perhaps back."""
    t = np.arange(length) / length
    low, high = rng.uniform(100, 3500, size=2)
    hertz = low + (high - low) * (t if rng.random() < 0.5 else 1 - np.abs(2 * t - 1))
    return np.sin(2 * np.pi * np.cumsum(hertz) / RATE)


def _knocks(length: int, rng: np.random.Generator) -> Array:
    """Short blows on something that rings for a moment."""
    blows = np.zeros(length)
    blows[rng.integers(length, size=rng.integers(1, 12))] = rng.uniform(0.2, 1)
    ring = np.exp(-np.arange(800) / rng.uniform(10, 200)) * rng.standard_normal(800)
    return scipy.signal.fftconvolve(blows, ring)[:length]


def _gusts(length: int, rng: np.random.Generator) -> Array:
    """Noise that swells and fades as often as syllables do."""
    knots = rng.uniform(0, 1, size=max(2, int(length / RATE * rng.uniform(1, 8)))) ** 2
    swell = np.interp(np.linspace(0, 1, length), np.linspace(0, 1, len(knots)), knots)
    return swell * _coloured(length, rng)


def _bells(length: int, rng: np.random.Generator) -> Array:
    """Struck tones that die away."""
    t, strokes = np.arange(length) / RATE, np.zeros(length)
    for start in rng.uniform(0, t[-1], size=rng.integers(1, 6)):
        since = np.maximum(t - start, 0)
        tone = sum(np.sin(2 * np.pi * rng.uniform(300, 3500) * since) for _ in range(3))
        strokes += tone * np.exp(-since / rng.uniform(0.05, 0.4)) * (since > 0)
    return strokes


QUIET = {
    "hiss": _coloured,
    "hum": _hum,
    "sweep": _sweep,
    "knocks": _knocks,
    "gusts": _gusts,
    "bells": _bells,
}
UNHEARD = "bells"  # is kept from training


def no_speech(kind: str, seconds: float, rng: np.random.Generator) -> Array:
    """A sound of one of the kinds in `QUIET`, at 8 kHz, with a little noise; shape (N,).

    Raises `ValueError` for a kind that there is not.
    """
    if kind not in QUIET:
        raise ValueError(f"There is no sound {kind!r}: there are {', '.join(QUIET)}.")
    samples = QUIET[kind](round(seconds * RATE), rng)
    samples = samples / max(np.abs(samples).max(), 1e-9)
    below = 10 ** (-rng.uniform(10, 50) / 20)
    return rng.uniform(0.1, 1) * (samples + below * rng.standard_normal(len(samples))) / 2
