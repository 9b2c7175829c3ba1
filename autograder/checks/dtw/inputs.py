"""What the checks on warping share: inputs, group names, calls that give answers away."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Case
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import dtw

TIES = "ties"
READY_MADE = ("librosa.sequence.dtw", "librosa.sequence.dtw_backtracking")
WARPING = "finding the way through the table is the point of the exercise"


def bad(name):
    """For `refuses`: a matrix with NaN, which no comparison notices."""
    return {f"NaN in {name}": {name: with_nan}}


def spoken(rng, frames, features=4):
    """Features that drift, as those of speech do."""
    return np.cumsum(rng.normal(size=(frames, features)), axis=0)


def slower(rng, X, frames):
    """The same again in another number of frames, unevenly, with a little noise."""
    when = np.sort(rng.choice(len(X), frames))
    return X[when] + 0.3 * rng.normal(size=(frames, X.shape[1]))


def few_values(rng, rows, columns, least=0):
    """Small whole numbers, so that sums are exact and many of them equal."""
    return rng.integers(least, 4, (rows, columns)).astype(float)


def tables(rng, draw, what, above=0.0):
    """Cases of tables of several shapes, drawn by `costs` or `similarities`, raised by `above`."""
    square = draw(rng, 8, 8) + above
    return [
        Case((draw(rng, 9, 13),), f"9 by 13 {what}"),
        Case((draw(rng, 16, 7),), f"16 by 7 {what}"),
        Case((square,), "as many frames on both sides"),
        Case((square[:1],), "a single row", EDGE),
        Case((square[:, 3:4],), "a single column", EDGE),
    ]


def costs(rng, rows, columns):
    X = spoken(rng, rows)
    return dtw.local_costs(X, slower(rng, X, columns))


def similarities(rng, rows, columns):
    X = spoken(rng, rows)
    return dtw.local_similarities(X, slower(rng, X, columns))
