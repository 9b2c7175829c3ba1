"""The exam's way to warp: similarities and their recursion."""

from __future__ import annotations

from functools import cache

import numpy as np

from autograder.checks.dtw.inputs import (
    BAD_PAIRS,
    bad,
    few_values,
    similarities,
    slower,
    spoken,
)
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import EDGE
from autograder.reference import dtw

# ---- local similarities ----


def _pairs_for_similarities(rng):
    X = spoken(rng, 9) + 1
    Y = slower(rng, X, 7)
    return [
        Case((X, Y), "9 and 7 frames of four features"),
        Case((spoken(rng, 6, 13), spoken(rng, 11, 13)), "6 and 11 frames of 13 features"),
        Case((X, -3 * X), "a sequence against its opposite"),
        Case((-Y, X), "two recordings, one of opposite polarity"),
        Case((X[:1], Y[4:5]), "a single frame on both sides", EDGE),
        Case((-1e-6 * X, 100 * Y), "a very soft and a very loud recording", EDGE),
    ]


def _silenced(Y):
    Y = np.array(Y)
    Y[2] = 0
    return Y


def _similarities_in_loops(X, Y):
    return [[x @ y / (np.sqrt(x @ x) * np.sqrt(y @ y)) for y in Y] for x in X]


def _similarities_divided_at_the_end(X, Y):
    powers = np.outer((X**2).sum(axis=1), (Y**2).sum(axis=1))
    return np.einsum("if,kf->ik", X, Y) / np.sqrt(powers)


LOCAL_SIMILARITIES = Exercise(
    function=dtw.local_similarities,
    read="The exam's recursion",
    cases=_pairs_for_similarities,
    refuses={**BAD_PAIRS, "a frame of digital silence": {"Y": _silenced}},
    criteria=(
        Criterion("the similarities", 2),
        Criterion("one frame; very soft and very loud recordings", 1, EDGE),
    ),
    mistakes="""
        (X / lengths_X) @ (Y / lengths_Y).T => X @ Y.T
            You return the inner products as they are. They grow with the length of the vectors; a
            cosine does not.
        (X / lengths_X) @ => X @
            Only the frames of Y are scaled to length one; those of X should be as well.
        return (X => return 1 - (X
            You return one minus the cosine, which is a distance: it is small where the frames are
            alike.
        return (X / lengths_X) @ (Y / lengths_Y).T => return X @ Y.T / lengths_X**2
            You divide by the squared length of one frame instead of by the lengths of both.
        return (X / lengths_X) @ (Y / lengths_Y).T
        => return np.abs((X / lengths_X) @ (Y / lengths_Y).T)
            You drop the sign: opposite frames come out as alike.
        lengths_X = => X, Y = (Z - np.mean(Z, axis=1, keepdims=True) for Z in (X, Y)); lengths_X =
            You subtract each frame's mean first. That gives the correlation coefficient; for the
            cosine the mean stays in.
    """,
    alternatives=(
        Alternative(_similarities_in_loops, why="two loops and lists"),
        Alternative(_similarities_divided_at_the_end, why="einsum, divided at the end"),
        Alternative(
            "(Y / lengths_Y).T => (Y / lengths_Y).T.astype(np.float32)",
            why="partly single precision",
        ),
    ),
    forbidden="scipy.spatial.distance.cdist scipy.spatial.distance.cosine "
    "sklearn.metrics.pairwise.cosine_similarity",
)


# ---- the table ----


def _similarity_cases(rng):
    square = similarities(rng, 8, 8)
    return [
        Case((similarities(rng, 9, 13),), "9 by 13 local similarities"),
        Case((similarities(rng, 16, 7) - 0.2,), "16 by 7 local similarities"),
        Case((few_values(rng, 7, 10, least=-4),), "whole numbers, most of them not positive"),
        Case((rng.random((6, 6)) + 0.1,), "positive numbers only"),
        Case((square[:1],), "a single row", EDGE),
        Case((square[:, :1],), "a single column", EDGE),
        Case((-np.abs(square) - 0.1,), "nothing alike anywhere", EDGE),
    ]


def _similarity_in_a_table(a):
    A = np.zeros(np.add(a.shape, 1))
    for i, k in np.ndindex(a.shape):
        A[i + 1, k + 1] = max(A[i, k + 1], A[i + 1, k], a[i, k] + A[i, k])
    return A[1:, 1:]


def _similarity_row_by_row(a):
    A = np.zeros(np.add(a.shape, 1))
    for i, row in enumerate(a):
        A[i + 1, 1:] = np.maximum.accumulate(np.maximum(A[i, 1:], row + A[i, :-1]))
    return A[1:, 1:]


def _similarity_by_recursion(a):
    a = a.tolist()

    @cache
    def best(i, k):
        if min(i, k) < 0:
            return 0.0
        return max(best(i - 1, k), best(i, k - 1), a[i][k] + best(i - 1, k - 1))

    return [[best(i, k) for k in range(len(a[0]))] for i in range(len(a))]


def _similarity_from_the_corner(a):
    A = np.zeros_like(a)
    A[0], A[:, 0] = a[0, 0], a[0, 0]
    for i in range(1, len(a)):
        for k in range(1, a.shape[1]):
            A[i, k] = max(A[i - 1, k], A[i, k - 1], a[i, k] + A[i - 1, k - 1])
    return A


ACCUMULATED_SIMILARITY = Exercise(
    function=dtw.accumulated_similarity,
    read="The exam's recursion",
    answers=("sheet dtw",),
    cases=_similarity_cases,
    refuses=bad("a"),
    criteria=(
        Criterion("the table", 3),
        Criterion("one row, one column, nothing alike", 1, EDGE),
    ),
    mistakes=(
        """
        max(above[k + 1], row[k], similarity + above[k])
        => similarity + max(above[k + 1], row[k], above[k])
            You add the local similarity at every step, so that one frame is matched, and counted,
            many times. Only the diagonal step matches two frames.
        max(above[k + 1], row[k], similarity + above[k]) => similarity + above[k]
            You only go along the diagonal; a frame may also be left out, on either side.
        max(above[k + 1], row[k], similarity + above[k]) => max(above[k + 1], row[k])
            Nothing is ever matched in your table: the diagonal step is missing.
        max(above[k + 1], row[k], similarity => max(above[k + 1], similarity
            Only frames of the first sequence can be left out in your table; those of the second may
            be left out as well.
        A.append(row[1:]) => A.append(row)
            Your table still has a border of zeros; return the cells of the frames only.
        similarity + above[k]) => similarity)
            A match earns only its own similarity in your table: what was earned before it, up to
            the cell on the diagonal, has to be kept.
        """,
        Mistake(
            _similarity_from_the_corner,
            says="You begin the table at (0, 0) and copy that value along its edges. The edges "
            "follow the same recursion as all other cells, with zeros outside the table.",
        ),
    ),
    alternatives=(
        Alternative(_similarity_in_a_table, why="a table with a border of zeros"),
        Alternative(_similarity_row_by_row, why="a running maximum along each row"),
        Alternative(_similarity_by_recursion, why="a cached recursion that returns lists"),
        Alternative(
            "similarity + above[k] => max(similarity, 0) + above[k]",
            why="negative similarities replaced by zero, which matches nothing either",
        ),
    ),
    forbidden="librosa.sequence.dtw",
)
