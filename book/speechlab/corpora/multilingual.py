"""Digits in five languages.

The clips are synthetic speech that ships with the package: voices of espeak-ng that no system of
the course was trained on (`data/multilingual/README.md`). English digits by other speakers, real
ones if they are there, come from `speechlab.corpora`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from speechlab import wav

from .cache import DATA
from .clips import Clip

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
    packed, rate = wav.shipped(FOLDER / "clips.flac")
    with open(FOLDER / "clips.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Clip(
            samples=packed[int(row["start"]) : int(row["stop"])] / 32768,
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
        if language in (None, language_of(clip.speaker)) and digit in (None, clip.digit)
    ]


def language_of(speaker: str) -> str:
    """The language of a clip's or utterance's speaker: those of the corpus speak English."""
    first = speaker.split()[0]
    return first if first in NAMES else "en"


def translated(words: Iterable[str], language: str) -> tuple[str, ...]:
    """Words for digits in `language`, in English."""
    return tuple(WORDS["en"][WORDS[language].index(word)] for word in words)
