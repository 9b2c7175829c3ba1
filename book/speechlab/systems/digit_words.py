"""Digits said one at a time by anyone: templates and hidden Markov models that ship with the book.

They are those of `digit_dtw` and `digit_hmm`, made once of both corpora, so that a page that has no
corpus can recognise a digit. Two voices, `STRANGERS`, are kept out for the measurement.

Shapes: `T` frames, `F` features, `M` templates, `S` states.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from speechlab.systems import weights
from speechlab.systems.digit_dtw import Templates
from speechlab.systems.digit_hmm import Packed, WordModel, log_likelihoods

STRANGERS = ("theo", "rowan")  # one voice of each corpus, which neither has heard
STATES = 8

Array = NDArray[np.floating]


@cache
def templates() -> Templates:
    """The shipped templates, a few of each digit."""
    shipped = weights("digit_words")
    ends = np.cumsum(shipped["lengths"])
    return Templates(np.split(shipped["frames"].astype(float), ends[:-1]), shipped["words"])


@cache
def models() -> dict[int, WordModel]:
    """The shipped models of the ten digits, with `STATES` states each."""
    shipped = weights("digit_words")
    parts = (shipped[name].astype(float) for name in ("stay", "means", "variances"))
    return {word: WordModel(*own) for word, own in enumerate(zip(*parts))}


def template_scores(x: Array) -> tuple[Array, int]:
    """Minus the least cost per frame among each digit's templates (10,), and the frames T of x.

    Costs are Euclidean distances along the best path, in which a diagonal step counts twice.
    """
    known = templates()
    costs = known.scores(x, "euclidean", similar=False)
    return np.array([costs[known.words == digit].max() for digit in range(10)]), len(x)


def model_scores(x: Array) -> tuple[Array, int]:
    """The log likelihood per frame of x (T, F) under each digit's model (10,), and its frames."""
    packed = Packed([x])
    totals = [log_likelihoods(model, packed)[0] for model in models().values()]
    return np.array(totals) / len(x), len(x)
