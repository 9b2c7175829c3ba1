"""How often voices are told apart: which of those enrolled, and whether two are the same.

Verification on `librispeech251` compares the halves of each recording with those of all others;
the space is learned from four fifths of the people and tried on the last fifth, in turn. Those of
`librispeech10` are compared across recordings, in a space learned from the 251.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.systems.speakers import (
    HOP,
    RATE,
    Space,
    cepstra,
    identify,
    learn,
    pieces,
    plain,
    summary,
)

SHORTEST, PARTS, FOLDS = 4.0, 4, 5  # seconds; parts of a recording to learn from
HEARD, ENROLLED = 2.0, 3  # seconds that are identified; recordings of each voice that are known


@dataclass(frozen=True)
class Voice:
    """A recording as numbers: its frames (T, 21) and who speaks."""

    speaker: str
    frames: NDArray[np.floating]


@lru_cache
def voices(key: str, standin: bool) -> tuple[Voice, ...]:
    """The recordings of a collection that are long enough; `standin` is for the cache only."""
    return tuple(
        Voice(one.speaker, cepstra(one.samples, one.rate))
        for one in corpora.collection(key)
        if one.seconds >= SHORTEST or one.split == "test"
    )


def readers(key: str) -> tuple[Voice, ...]:
    """The recordings of a collection, from the cache or stand-ins."""
    return voices(key, not corpora.held_collection(key))


def learned(rule=learn) -> Space:
    """The space that the people of `librispeech251` give."""
    return rule([pieces(one.frames, PARTS) for one in readers("librispeech251")])


def crossing(scores: NDArray, same: NDArray) -> float:
    """The rate at which as many pairs of one voice are refused as others are accepted."""
    accepted, found, _ = roc_curve(same, scores, drop_intermediate=False)
    return float(np.interp(0.0, accepted - (1 - found), accepted))


def halves(rule) -> list[NDArray]:
    """Of each fold: scores of all pairs of a first and a second half, shape (R, R)."""
    people = [pieces(one.frames, PARTS) for one in readers("librispeech251")]
    pairs = np.array([pieces(one.frames, 2) for one in readers("librispeech251")])
    fold = np.random.default_rng(0).permutation(len(people)) % FOLDS
    tables = []
    for left_out in range(FOLDS):
        space = rule([own for own, f in zip(people, fold) if f != left_out])
        first, second = np.moveaxis(space.place(pairs[fold == left_out]), 1, 0)
        tables.append(first @ second.T)
    return tables


def rate_of(tables: Sequence[NDArray]) -> float:
    """The equal error rate over tables of scores; the diagonals are pairs of one voice."""
    same = np.concatenate([np.eye(len(table), dtype=bool).ravel() for table in tables])
    return crossing(np.concatenate([np.ravel(table) for table in tables]), same)


def _interval(tables: Sequence[NDArray], draws: int = 200) -> tuple[float, float]:
    """The 95 % interval over people: those of each fold are drawn with replacement."""
    rng, rates = np.random.default_rng(0), []
    for _ in range(draws):
        scores, same = [], []
        for table in tables:
            drawn = rng.integers(len(table), size=len(table))
            pairs = table[np.ix_(drawn, drawn)]
            equal = drawn[:, None] == drawn
            own = np.eye(len(drawn), dtype=bool)
            kept = own | ~equal  # a person drawn twice is no pair of strangers
            scores.append(pairs[kept])
            same.append(own[kept])
        rates.append(crossing(np.concatenate(scores), np.concatenate(same)))
    return tuple(float(v) for v in np.quantile(rates, [0.025, 0.975]))


def verification() -> Figure:
    """The equal error rate on halves of recordings of people who were not learned from."""
    ours = halves(learn)
    low, high = _interval(ours)
    return Figure(
        "speaker verification, halves of a recording",
        "equal error rate",
        rate_of(ours),
        low,
        high,
        "plain cosine",
        rate_of(halves(plain)),
        sum(map(len, ours)),
        place("librispeech251"),
    )


def place(key: str) -> str:
    """What a figure on a collection is measured on."""
    return key if corpora.held_collection(key) else "synthetic voices"


def identified(space: Space) -> list[bool]:
    """Whether each recording's first seconds are given to the right voice, by recordings before."""
    by_voice: dict[str, list] = {}
    for one in readers("librispeech10"):
        by_voice.setdefault(one.speaker, []).append(one.frames)
    known = {name: [summary(f) for f in own[:ENROLLED]] for name, own in by_voice.items()}
    length = round(HEARD * RATE / HOP)
    return [
        identify(summary(frames[:length]), known, space) == name
        for name, own in by_voice.items()
        for frames in own[ENROLLED:]
    ]


def identification() -> Figure:
    """How often the voice of two seconds is named rightly among ten."""
    ours, base = identified(learned()), identified(learned(plain))
    count = len({one.speaker for one in readers("librispeech10")})
    return Figure.of(
        f"speaker identification, {HEARD:.0f} s, {count} voices",
        "right",
        ours,
        "plain cosine",
        base,
        place("librispeech10"),
        better="higher",
    )


def figures() -> list[Figure]:
    """Identification and verification, beside the same numbers compared as they are."""
    return [identification(), verification()]
