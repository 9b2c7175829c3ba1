"""Digits said one after another by one speaker, and the language they are drawn from.

Which digit follows which is a first-order Markov chain (`grammar`), so that a language model has
something to know: after a digit comes the next one half of the time, the one three further on in a
quarter of cases, the same again in 15 %, and the other seven share the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.speech.utterances import in_noise, spoken_part

RATE = 8000
STEPS = {1: 0.5, 3: 0.25, 0: 0.15}  # how far to the next digit, and how often
GAPS = (-0.05, 0.15)  # seconds between digits; below zero they overlap
SNR = 10.0  # decibels, unless one asks for more or less noise
FADE = 80  # samples over which a digit comes and goes

Array = NDArray[np.floating]
Digits = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Language:
    """Which digit follows which: `table` (11, 10), probabilities of the next digit.

    Row 0 is for the first digit of a sentence, row d + 1 for what follows the digit d.
    """

    table: Array

    def __post_init__(self) -> None:
        table = np.asarray(self.table, dtype=float)
        if table.shape != (11, 10) or not np.all(table >= 0):
            raise ValueError("A language is a table (11, 10) of probabilities.")
        if not np.allclose(table.sum(axis=1), 1):
            raise ValueError("What may follow a digit must have probabilities that sum to one.")

    def draw(self, rng: np.random.Generator, length: int) -> Digits:
        """A sentence of so many digits."""
        row, said = 0, []
        for _ in range(length):
            said.append(int(rng.choice(10, p=self.table[row])))
            row = said[-1] + 1
        return tuple(said)

    def perplexity(self, sentences: Sequence[Digits]) -> float:
        """exp of the mean of -ln p(digit | digit before) over all digits of the sentences."""
        before, now = _pairs(sentences)
        with np.errstate(divide="ignore"):
            return float(np.exp(-np.mean(np.log(self.table[before, now]))))


def _pairs(sentences: Sequence[Digits]) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """For all digits of the sentences: the row of the table, and the digit."""
    if not sum(map(len, sentences)):
        raise ValueError("Give at least one sentence of one digit or more.")
    before = [d for s in sentences for d in (0, *(x + 1 for x in s[:-1]))]
    return np.array(before), np.array([d for s in sentences for d in s])


def uniform() -> Language:
    """The language in which every digit may follow, all alike: perplexity 10."""
    return Language(np.full((11, 10), 0.1))


def grammar() -> Language:
    """The language that the utterances are drawn from; the first digit may be any."""
    rest = (1 - sum(STEPS.values())) / (10 - len(STEPS))
    chance = np.array([STEPS.get(step, rest) for step in range(10)])
    rows = [np.full(10, 0.1)] + [np.roll(chance, digit) for digit in range(10)]
    return Language(np.array(rows))


def learned(sentences: Sequence[Digits], extra: float = 0.2) -> Language:
    """A bigram model counted on sentences; `extra` is added to each count.

    The more sentences it has read, the nearer its perplexity comes to the grammar's own.
    """
    counts = np.full((11, 10), float(extra))
    if len(sentences):
        np.add.at(counts, _pairs(sentences), 1)
    return Language(counts / counts.sum(axis=1, keepdims=True))


def blended(first: Language, second: Language, share: float) -> Language:
    """`share` of the first language and the rest of the second."""
    return Language(share * first.table + (1 - share) * second.table)


def sentences(count: int, seed: int = 0, lengths: tuple[int, int] = (3, 7)) -> list[Digits]:
    """So many sentences of the grammar, for training or measuring a language model."""
    rng, language = np.random.default_rng(seed), grammar()
    return [language.draw(rng, int(rng.integers(lengths[0], lengths[1] + 1))) for _ in range(count)]


# --- said ---------------------------------------------------------------------------------

Voices = dict[str, dict[int, list[Array]]]  # the recordings of each speaker, by digit


@dataclass(frozen=True, eq=False)
class Utterance:
    """Digits of one speaker in a row: `samples` (N,) at `rate` Hz.

    `starts` and `ends` hold the first and the last sample of each digit.
    """

    samples: Array
    rate: int
    digits: Digits
    speaker: str
    starts: NDArray[np.int_]
    ends: NDArray[np.int_]

    @property
    def text(self) -> str:
        """The digits as one reads them: "3 4 7"."""
        return " ".join(map(str, self.digits))


def voices(clips: Sequence[corpora.Clip]) -> Voices:
    """The spoken part of each clip at one level (root mean square 0.1), by speaker and digit."""
    found: Voices = {}
    for clip in clips:
        part = spoken_part(clip.samples)
        part = 0.1 * part / np.sqrt(np.mean(part**2))
        found.setdefault(clip.speaker, {}).setdefault(clip.digit, []).append(part)
    return found


@cache
def voices_of(corpus: str, split: str) -> Voices:
    """Voices of the corpus in use, read once; `corpus` is its name, so that it may change."""
    return voices(corpora.digits(split=split))


def join(
    parts: Sequence[Array], rng: np.random.Generator, margins: Sequence[int] = (1200, 1200)
) -> tuple[Array, NDArray[np.int_], NDArray[np.int_]]:
    """Lay recordings one after another, with pauses or overlaps: samples, starts, ends.

    `margins` are the samples of silence before the first and after the last.
    """
    ramp = np.sin(np.pi / 2 * (np.arange(FADE) + 0.5) / FADE) ** 2
    lengths = np.array([len(part) for part in parts])
    gaps = np.rint(rng.uniform(*GAPS, size=len(parts)) * RATE).astype(int)
    starts = margins[0] + np.cumsum(lengths + gaps) - (lengths + gaps)
    samples = np.zeros(starts[-1] + lengths[-1] + margins[1])
    for part, start in zip(parts, starts):
        faded = part.copy()
        faded[:FADE] *= ramp
        faded[-FADE:] *= ramp[::-1]
        samples[start : start + len(part)] += faded
    return samples, starts, starts + lengths - 1


def utterances(
    split: str,
    count: int,
    seed: int = 0,
    snr: float = SNR,
    language: Language | None = None,
    lengths: tuple[int, int] = (3, 7),
) -> list[Utterance]:
    """Connected digits, put together from single ones of one half of the corpus in use.

    Parameters
    ----------
    split : "train", "test" or "all"
    count : how many utterances
    seed : of all that is drawn by lot: speaker, digits, recordings, pauses, noise
    snr : decibels by which the white noise is weaker than the speech
    language : which digit follows which (default: `grammar()`)
    lengths : fewest and most digits of an utterance
    """
    if count < 1 or not 1 <= lengths[0] <= lengths[1]:
        raise ValueError("Ask for one utterance or more, of one digit or more each.")
    rng = np.random.default_rng(seed)
    said, speakers = language or grammar(), voices_of(corpora.name(), split)
    made = []
    for _ in range(count):
        speaker = str(rng.choice(sorted(speakers)))
        digits = said.draw(rng, int(rng.integers(lengths[0], lengths[1] + 1)))
        own = speakers[speaker]
        parts = [own[d][rng.integers(len(own[d]))] for d in digits]
        samples, starts, ends = join(parts, rng)
        noisy = in_noise(samples, snr, rng)
        made.append(Utterance(noisy, RATE, digits, speaker, starts, ends))
    return made
