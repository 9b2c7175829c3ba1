"""Back through the tables: the cheapest path, and the frames that are matched."""

from __future__ import annotations

import numpy as np

from autograder.checks.dtw.compare import Cells
from autograder.checks.dtw.inputs import (
    READY_MADE,
    TIES,
    WARPING,
    bad,
    costs,
    few_values,
    similarities,
)
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, changed
from autograder.reference import dtw


def _hill(rng):
    """A costly cell, before the last, that can be passed on either side at the same cost."""
    C = np.ones((5, 5))
    C[3, 3] = rng.integers(5, 9)
    return C * rng.integers(1, 50)


def _cost_path_cases(rng):
    square = costs(rng, 8, 8)
    made = [
        (costs(rng, 9, 13), "a table of 9 by 13"),
        (costs(rng, 17, 6), "a table of 17 by 6"),
        (few_values(rng, 12, 12), "costs of 0 to 3, with many ties", TIES),
        (_hill(rng), "a costly cell that can be passed on either side", TIES),
        (np.zeros((5, 8)), "costs of 0 everywhere", TIES),
        (square[:1], "a single row", EDGE),
        (square[:, :1], "a single column", EDGE),
        (square[:1, :1], "a single cell", EDGE),
    ]
    return [Case((dtw.accumulated_cost(C),), *kind) for C, *kind in made]


def _cost_path_recursively(D):
    def way(i, k):
        if i == 0 or k == 0:
            return [[0, j] for j in range(k)] + [[j, 0] for j in range(i)] + [[i, k]]
        if D[i - 1, k - 1] <= min(D[i - 1, k], D[i, k - 1]):
            return [*way(i - 1, k - 1), [i, k]]
        return [*(way(i - 1, k) if D[i - 1, k] <= D[i, k - 1] else way(i, k - 1)), [i, k]]

    return way(len(D) - 1, len(D[0]) - 1)


def _cost_path_by_argmin(D):
    padded = np.pad(D, ((1, 0), (1, 0)), constant_values=np.inf)
    steps = np.array([[1, 1], [1, 0], [0, 1]])
    path = [np.array(padded.shape) - 2]
    while path[-1].any():
        before = padded[tuple((path[-1] + 1 - steps).T)]
        path.append(path[-1] - steps[np.argmin(before)])
    return np.array(path[::-1])


COST_PATH = Exercise(
    function=dtw.cost_path,
    read="Walking back",
    cases=_cost_path_cases,
    refuses=bad("D"),
    criteria=(
        Criterion("the path", 2, equal=Cells()),
        Criterion("the tie rule", 1, TIES, equal=Cells()),
        Criterion("one row, one column, one cell", 1, EDGE, equal=Cells()),
    ),
    mistakes="""
        path[::-1] => path
            Your path runs from the end to the beginning; return it in order of time.
        [(i - 1, k - 1), (i - 1, k), (i, k - 1)] => [(i - 1, k), (i, k - 1), (i - 1, k - 1)]
            Of equal cells you do not take the diagonal one first: see the tie rule.
        [(i - 1, k - 1), (i - 1, k), (i, k - 1)] => [(i - 1, k - 1), (i, k - 1), (i - 1, k)]
            Where (i-1, k) and (i, k-1) are equal you take the second: see the tie rule.
        path[::-1] => path[-2::-1]
            The beginning is missing: the path includes the cell (0, 0).
        while i > 0 or k > 0 => while i > 0 and k > 0
            You stop at the first row or column, but the path goes on along it to (0, 0).
        np.array(path[::-1]) => np.array(path[::-1])[:, ::-1]
            The columns are the wrong way round: first i, the frame of the first sequence.
        np.array(path[::-1]) => np.array(path[::-1]) + 1
            Your frames are counted from 1, as in formulas; code counts them from 0.
        path = [(i, k)] => path = []
            The end is missing: the path includes the last cell.
    """,
    alternatives=(
        Alternative(_cost_path_recursively, why="a recursion, as a list of lists"),
        Alternative(_cost_path_by_argmin, why="argmin in a table with a border"),
    ),
    forbidden=READY_MADE,
    because=WARPING,
)


def _similarity_path_cases(rng):
    crossing = rng.uniform(0.5, 1) * np.eye(5)[::-1]  # of its five matches only one is possible
    made = [
        (similarities(rng, 9, 13), "a table of 9 by 13"),
        (rng.normal(size=(15, 8)), "a table of 15 by 8"),
        (rng.random((10, 10)), "positive similarities only"),
        (few_values(rng, 12, 12, least=-3), "whole numbers, with many ties", TIES),
        (crossing, "matches of which any one excludes all others", TIES),
        (np.ones((4, 6)), "every frame like every other", TIES),
        (rng.random((1, 6)), "a single row", EDGE),
        (rng.random((7, 1)), "a single column", EDGE),
        (np.zeros((3, 5)), "nothing alike anywhere", EDGE),
    ]
    return [Case((dtw.accumulated_similarity(a),), *kind) for a, *kind in made]


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


SIMILARITY_PATH = Exercise(
    function=dtw.similarity_path,
    read="The exam's recursion",
    cases=_similarity_path_cases,
    refuses={
        "a table that falls along a row": {"A": changed((-1, 2), 1000.0)},
        "a table that falls along a column": {"A": changed((2, -1), 1000.0)},
        "a table with negative numbers": {"A": lambda A: A - 1 - A[0, 0]},
    },
    criteria=(
        Criterion("the matches", 2, equal=Cells()),
        Criterion("the tie rule", 1, TIES, equal=Cells()),
        Criterion("one row, one column, nothing to match", 1, EDGE, equal=Cells()),
    ),
    mistakes="""
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
        while i > 0 and k > 0 => while i > 0 and k > 0 and not matches.append((i - 1, k - 1))
        matches.append((i, k)) => pass
            You list every cell the backtracking passes. Asked for are only those cells where two
            frames are matched.
    """,
    alternatives=(
        Alternative(_similarity_path_recursively, why="a recursion that returns a list"),
        Alternative("dtype=int => dtype=np.int32", why="32-bit integers"),
    ),
    forbidden="librosa.sequence.dtw_backtracking",
    because=WARPING,
)
