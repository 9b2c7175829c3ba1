"""Spoken digits and sentences, from whichever corpus this machine has."""

from __future__ import annotations

import csv
import os
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache

import numpy as np

from speechlab import wav

from .cache import DATA, FSDD, REMEDY, CorpusError, embedded_only

WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SPLITS = ("train", "test", "all")
EMBEDDED = "embedded synthetic speech"
TEST_TOKENS = {"fsdd": 5, "embedded": 2}  # of each digit by each speaker, the first so many


@dataclass(frozen=True, eq=False)
class Clip:
    """A recording of one speaker saying one thing.

    `samples` has shape `(N,)`, float64 in [-1, 1]; it belongs to the caller, who may change it.
    `digit` is None for a sentence; `index` counts the speaker's repetitions of the same text.
    """

    samples: np.ndarray = field(repr=False)
    rate: int  # samples a second
    text: str
    speaker: str
    digit: int | None
    index: int
    split: str  # "train" or "test"

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


@dataclass(frozen=True)
class Label:
    """Which digit clip, without its sound."""

    speaker: str
    digit: int
    index: int
    split: str


def digits(
    split: str = "train",
    speakers: Iterable[str] | str | None = None,
    digits: Iterable[int] | int | None = None,
) -> list[Clip]:
    """Clips of spoken digits at 8 kHz, ordered by speaker, digit and index.

    Parameters
    ----------
    split : "train", "test" or "all"
        The first few repetitions of each digit by each speaker are the test set.
    speakers, digits
        One, or several, to keep; None keeps all. `speakers()` lists the speakers.

    Raises
    ------
    ValueError
        For a split, speaker or digit that there is not.
    CorpusError
        If `SPEECHLAB_CORPUS` asks for real speech that is not in the cache, or is damaged there.
    """
    corpus = _corpus()
    if split not in SPLITS:
        raise ValueError(f'There is no split {split!r}: say "train", "test" or "all".')
    labels = _labels(corpus)
    who = _chosen(speakers, sorted({label.speaker for label in labels}), str, "speaker")
    which = _chosen(digits, range(10), int, "digit")
    return [
        _clip(corpus, label)
        for label in labels
        if split in ("all", label.split) and label.speaker in who and label.digit in which
    ]


def speakers() -> list[str]:
    """The names of the speakers of the digits."""
    return sorted({label.speaker for label in _labels(_corpus())})


def sentences() -> list[Clip]:
    """Ten sentences at 16 kHz (synthetic speech, whichever corpus gives the digits)."""
    packed, rate = _packed("sentences")
    return [
        Clip(
            samples=packed[int(row["start"]) : int(row["stop"])] / 32768,
            rate=rate,
            text=row["text"],
            speaker=row["speaker"],
            digit=None,
            index=0,
            split="test",
        )
        for row in embedded_table("sentences")
    ]


def name() -> str:
    """What `digits` gives on this machine: the title of the corpus."""
    return FSDD.title if _corpus() == "fsdd" else EMBEDDED


def recorded() -> bool:
    """Whether people were recorded for what `digits` gives; else a speech synthesiser said it."""
    return _corpus() == "fsdd"


def voice(speaker: str) -> str:
    """Whose voice a speaker of the digits is, for captions and alternative texts.

    Raises
    ------
    ValueError
        If there is no such speaker.
    """
    _chosen(speaker, speakers(), str, "speaker")
    if recorded():
        return f"speaker {speaker} of the {FSDD.title}"
    return f"{speaker}, a voice of a speech synthesiser"


def _corpus() -> str:
    """Either "fsdd" or "embedded", as the environment and the cache decide."""
    choice = os.environ.get("SPEECHLAB_CORPUS") or "auto"
    if choice not in ("auto", "fsdd", "embedded"):
        raise ValueError(f'SPEECHLAB_CORPUS is {choice!r}: say "auto", "fsdd" or "embedded".')
    if embedded_only():
        return "embedded"
    have, all_of_it = len(FSDD.present()), len(FSDD.registry)
    if have == all_of_it:
        return "fsdd"
    if choice == "fsdd":
        raise CorpusError(
            f"SPEECHLAB_CORPUS asks for the {FSDD.title}, but the cache holds {have} of its"
            f" {all_of_it} recordings: {REMEDY}."
        )
    if have:
        _warn_once(have, all_of_it)
    return "embedded"


@lru_cache
def _warn_once(have: int, all_of_it: int) -> None:
    warnings.warn(
        f"The cache holds {have} of the {all_of_it} recordings of the {FSDD.title}, so synthetic"
        f" speech is used: {REMEDY}.",
        stacklevel=4,
    )


def _chosen(wanted, known, kind, what: str) -> set:
    """The wanted ones as a set, each of which must be known."""
    if wanted is None:
        return set(known)
    if isinstance(wanted, (str, int, np.integer)):
        wanted = [wanted]
    wanted = set(wanted)
    for one in wanted:
        if one not in known or isinstance(one, bool):
            raise ValueError(f"There is no {what} {one!r}: there are {', '.join(map(str, known))}.")
    return {kind(one) for one in wanted}


@lru_cache
def _labels(corpus: str) -> tuple[Label, ...]:
    if corpus == "fsdd":
        parts = [file.removesuffix(".wav").split("_") for file in FSDD.registry]
        keys = [(speaker, int(digit), int(index)) for digit, speaker, index in parts]
    else:
        rows = embedded_table("digits")
        keys = [(row["speaker"], int(row["digit"]), int(row["index"])) for row in rows]
    first = TEST_TOKENS[corpus]
    return tuple(Label(*key, "test" if key[2] < first else "train") for key in sorted(keys))


def _clip(corpus: str, label: Label) -> Clip:
    if corpus == "fsdd":
        pcm, rate = _recording(f"{label.digit}_{label.speaker}_{label.index}.wav")
    else:
        packed, rate = _packed("digits")
        start, stop = _places()[label.speaker, label.digit, label.index]
        pcm = packed[start:stop]
    return Clip(
        samples=pcm / 32768,
        rate=rate,
        text=WORDS[label.digit],
        speaker=label.speaker,
        digit=label.digit,
        index=label.index,
        split=label.split,
    )


# What is read is kept as 16-bit samples (21 MB for all of the real corpus), so that every call can
# give the caller arrays of its own.


@cache
def _recording(file: str) -> tuple[np.ndarray, int]:
    return wav.decoded(FSDD.read(file))


@lru_cache
def _packed(kind: str) -> tuple[np.ndarray, int]:
    return wav.shipped(DATA / "embedded" / f"{kind}.flac")


@lru_cache
def _places() -> dict[tuple[str, int, int], tuple[int, int]]:
    return {
        (row["speaker"], int(row["digit"]), int(row["index"])): (
            int(row["start"]),
            int(row["stop"]),
        )
        for row in embedded_table("digits")
    }


def embedded_table(kind: str) -> list[dict[str, str]]:
    """The rows of a table that ships with the package: digits, sentences or vowels."""
    with open(DATA / "embedded" / f"{kind}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
