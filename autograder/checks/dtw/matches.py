"""Which frames are matched, in the exam's way to warp."""

from __future__ import annotations

import numpy as np

from autograder.checks.dtw.compare import Cells
from autograder.checks.dtw.inputs import (
    TIES,
    bad,
    few_values,
    similarities,
)
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import EDGE
from autograder.reference import dtw


def _crossing(rng):
    """Alike only along the other diagonal: at most one pair of frames can be matched."""
    return rng.uniform(0.5, 1) * np.eye(5)[::-1]


def _similarity_path_cases(rng):
    def table(a):
        return (dtw.accumulated_similarity(a),)

    return [
        Case(table(similarities(rng, 9, 13)), "a table of 9 by 13"),
        Case(table(rng.normal(size=(15, 8))), "a table of 15 by 8"),
        Case(table(rng.random((10, 10))), "positive similarities only"),
        Case(table(few_values(rng, 12, 12, least=-3)), "whole numbers, with many ties", TIES),
        Case(table(_crossing(rng)), "matches of which any one excludes all others", TIES),
        Case(table(np.ones((4, 6))), "every frame like every other", TIES),
        Case(table(rng.random((1, 6))), "a single row", EDGE),
        Case(table(rng.random((7, 1))), "a single column", EDGE),
        Case((np.zeros((3, 5)),), "nothing alike anywhere", EDGE),
    ]


def _raised(*where):
    def change(A):
        A = np.array(A)
        A[where] += 10
        return A

    return change


def _similarity_path_recursively(A):

    def matches(rows, columns):
        if rows == 0 or columns == 0:
            return []
        here = A[rows - 1, columns - 1]
        if here == (A[rows - 2, columns - 1] if rows > 1 else 0):
            return matches(rows - 1, columns)
        if here == (A[rows - 1, columns - 2] if columns > 1 else 0):
            return matches(rows, columns - 1)
        return [*matches(rows - 1, columns - 1), (rows - 1, columns - 1)]

    return matches(*A.shape)


def _similarity_path_with_the_frames_left_out(A):
    i, k = np.subtract(A.shape, 1)
    path = [(i, k)]
    while i > 0 and k > 0:
        if A[i, k] <= A[i - 1, k]:
            i = i - 1
        elif A[i, k] <= A[i, k - 1]:
            k = k - 1
        else:
            i, k = i - 1, k - 1
        path.append((i, k))
    return np.array(path[::-1])


SIMILARITY_PATH = Exercise(
    function=dtw.similarity_path,
    read="The exam's recursion",
    cases=_similarity_path_cases,
    refuses={
        "a table that falls along a row": {"A": _raised(-1, 2)},
        "a table that falls along a column": {"A": _raised(2, -1)},
        "a table with negative numbers": {"A": lambda A: A - 1 - A[0, 0]},
        **bad("A"),
    },
    criteria=(
        Criterion("the matches", 2, equal=Cells()),
        Criterion("the tie rule", 1, TIES, equal=Cells()),
        Criterion("one row, one column, nothing to match", 1, EDGE, equal=Cells()),
    ),
    mistakes=(
        """
        matches[::-1] => matches
            Your matches come in the order of the backtracking, the last one first.
        matches.append((i, k)) => matches.append((i + 1, k + 1))
            Your frames are counted from 1, as in formulas; code counts them from 0.
        while i > 0 and k > 0 => while i > 1 and k > 1
            You stop too early: the first frame of either sequence can be matched too.
        matches.append((i, k)) => matches.append((k, i))
            The columns are the wrong way round: first i, the frame of the first sequence.
        if A[i, k] <= A[i - 1, k]: => if A[i, k] <= A[i, k-1]:
        i -= 1 => k = k - 1
        elif A[i, k] <= A[i, k - 1]: => elif A[i, k] <= A[i - 1, k]:
        k -= 1 => i -= 1
            The order of the tie rule is wrong: ask first whether frame i of the first sequence can
            be left out.
        if A[i, k] <= A[i - 1, k]: => if A[i, k] <= A[i - 1, k - 1]:
        i -= 1 => i, k = i - 1, k - 1
        elif A[i, k] <= A[i, k - 1]: => elif False:
            You compare with the diagonal cell only. A may have risen because of a frame beside it;
            two frames are matched where neither can be left out.
        """,
        Mistake(
            _similarity_path_with_the_frames_left_out,
            says="You list every cell the backtracking passes. Asked for are only those cells "
            "where two frames are matched.",
        ),
    ),
    alternatives=(
        Alternative(_similarity_path_recursively, why="a recursion that returns a list"),
        Alternative("dtype=int => dtype=np.int32", why="32-bit integers"),
    ),
    forbidden="librosa.sequence.dtw_backtracking",
)
