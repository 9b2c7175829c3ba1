"""The usual way to warp: costs, their recursion, and the cheapest path."""

from __future__ import annotations

import numpy as np

from autograder.checks.dtw.compare import Cells
from autograder.checks.dtw.inputs import (
    BAD_PAIRS,
    READY_MADE,
    TIES,
    bad,
    costs,
    few_values,
    slower,
    spoken,
)
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import dtw

# ---- local costs ----


def _pairs_for_costs(rng):
    X = spoken(rng, 9)
    far = 1e6 + rng.normal(size=(5, 3))
    return [
        Case((X, slower(rng, X, 7)), "9 and 7 frames of four features"),
        Case((spoken(rng, 6, 13), spoken(rng, 11, 13)), "6 and 11 frames of 13 features"),
        Case((X[:1], X[4:5] + 1), "a single frame on both sides", EDGE),
        Case((rng.normal(size=(4, 1)), rng.normal(size=(3, 1))), "one feature a frame", EDGE),
        Case((far, far[[0, 0, 1, 2, 4]]), "features far from zero, some frames equal", EDGE),
    ]


def _costs_in_loops(X, Y):
    return [[float(np.linalg.norm(x - y)) for y in Y] for x in X]


def _costs_feature_by_feature(X, Y):
    squares = np.zeros((len(X), len(Y)))
    for x, y in zip(X.T, Y.T, strict=True):
        squares += np.subtract.outer(x, y) ** 2
    return squares**0.5


LOCAL_COSTS = Exercise(
    function=dtw.local_costs,
    read="Every moment against every moment",
    cases=_pairs_for_costs,
    refuses=BAD_PAIRS,
    criteria=(
        Criterion("the distances", 2),
        Criterion("one frame, one feature, features far from zero", 1, EDGE),
    ),
    mistakes="""
        np.sqrt(np.sum(difference**2, axis=2)) => np.sum(difference**2, axis=2)
            You return squared distances: the root is missing.
        np.sqrt(np.sum(difference**2, axis=2)) => np.sum(np.abs(difference), axis=2)
            You add up absolute differences (the city-block distance); asked for is the Euclidean
            one.
        np.sum(difference**2, axis=2) => np.mean(difference**2, axis=2)
            You average over the features; the Euclidean distance is the root of a sum.
        np.sqrt(np.sum(difference**2, axis=2)) => np.sqrt(np.sum(difference**2, 2)).T
            Rows and columns are swapped: C[i, k] belongs to X[i] and Y[k].
        np.sqrt(np.sum(difference**2, axis=2))
        => np.sqrt(np.maximum(np.sum(X**2, 1)[:, None] + np.sum(Y**2, 1) - 2 * X @ Y.T, 0))
            You multiply the square out. Where features are large and distances small that is a
            small difference of large numbers, and its digits are lost: subtract first.
    """,
    alternatives=(
        Alternative(_costs_in_loops, why="two loops and lists"),
        Alternative(_costs_feature_by_feature, why="one feature after the other"),
    ),
    forbidden=(
        "scipy.spatial.distance.cdist",
        "scipy.spatial.distance_matrix",
        "sklearn.metrics.pairwise.euclidean_distances",
        *READY_MADE,
    ),
)


# ---- the table ----


def _cost_cases(rng):
    square = costs(rng, 8, 8)
    return [
        Case((costs(rng, 9, 13),), "9 by 13 local costs"),
        Case((costs(rng, 16, 7),), "16 by 7 local costs"),
        Case((square,), "as many frames on both sides"),
        Case((few_values(rng, 6, 9, least=-2),), "whole numbers, some negative"),
        Case((square[:1],), "a single row", EDGE),
        Case((square[:, :1],), "a single column", EDGE),
        Case((square[:1, :1] + 1,), "a single cell", EDGE),
    ]


def _cost_in_a_table(C):
    D = np.zeros_like(C)
    for i in range(len(C)):
        for k in range(C.shape[1]):
            if i == 0 and k == 0:
                before = 0
            elif i == 0:
                before = D[0, k - 1]
            elif k == 0:
                before = D[i - 1, 0]
            else:
                before = min(D[i - 1, k], D[i, k - 1], D[i - 1, k - 1])
            D[i, k] = before + C[i, k]
    return D


def _cost_row_by_row(C):
    D = [np.cumsum(C[0])]
    for row in C[1:]:
        arriving = np.minimum(D[-1], np.append(np.inf, D[-1][:-1]))
        total = np.cumsum(row)
        D.append(total + np.minimum.accumulate(arriving - (total - row)))
    return np.array(D)


def _cost_by_diagonals(C):
    padded = np.full(np.add(C.shape, 1), np.inf)
    padded[0, 0] = 0
    for s in range(sum(C.shape) - 1):
        i = np.arange(max(0, s - C.shape[1] + 1), min(s + 1, len(C)))
        k = s - i
        before = [padded[i, k + 1], padded[i + 1, k], padded[i, k]]
        padded[i + 1, k + 1] = C[i, k] + np.min(before, axis=0)
    return padded[1:, 1:]


ACCUMULATED_COST = Exercise(
    function=dtw.accumulated_cost,
    read="The cheapest road",
    cases=_cost_cases,
    refuses=bad("C"),
    criteria=(
        Criterion("the table", 3),
        Criterion("one row, one column, one cell", 1, EDGE),
    ),
    mistakes="""
        row[k], above[k]) => row[k], above[k] if not D else np.inf)
            The diagonal step is missing: both sequences may move on at once.
        above[k]) => above[k] + (cost if D or k else 0))
            You count the cost twice on a diagonal step; here every cell counts once.
        return np.array(D) => return np.array(D) - C
            The cost of the last cell itself is missing from each of your sums.
        above = [0.0] => above = [-C[0, 0]]
            The cost of the first cell, (0, 0), is missing from your sums.
        min(above[k + 1], row[k], above[k]) => min(above[k + 1], above[k])
            The step (0, 1), on which the second sequence moves on alone, is missing.
        return np.array(D) => return np.array(D)[-1, -1]
            You return the total of the whole path only; the table of all cells is needed, because
            the path is found from it.
        above = [0.0] + [np.inf] * C.shape[1] => above = [0.0] * (C.shape[1] + 1)
        row = [np.inf] => row = [0.0]
            Your border of zeros lets a path begin at any cell of the first row or column for free.
            Every path begins at (0, 0).
    """,
    alternatives=(
        Alternative(_cost_in_a_table, why="the first row and column by themselves"),
        Alternative(_cost_row_by_row, why="a running minimum along each row"),
        Alternative(_cost_by_diagonals, why="one anti-diagonal after the other"),
    ),
    forbidden=READY_MADE,
)


# ---- the path ----


def _hill(rng):
    """A costly cell, before the last, that can be passed on either side at the same cost."""
    C = np.ones((5, 5))
    C[3, 3] = rng.integers(5, 9)
    return C * rng.integers(1, 50)


def _cost_path_cases(rng):
    def table(C):
        return (dtw.accumulated_cost(C),)

    square = costs(rng, 8, 8)
    return [
        Case(table(costs(rng, 9, 13)), "a table of 9 by 13"),
        Case(table(costs(rng, 17, 6)), "a table of 17 by 6"),
        Case(table(few_values(rng, 12, 12)), "costs of 0 to 3, with many ties", TIES),
        Case(table(_hill(rng)), "a costly cell that can be passed on either side", TIES),
        Case(table(np.zeros((5, 8))), "costs of 0 everywhere", TIES),
        Case(table(square[:1]), "a single row", EDGE),
        Case(table(square[:, :1]), "a single column", EDGE),
        Case(table(square[:1, :1]), "a single cell", EDGE),
    ]


def _cost_path_by_cases(D):
    i, k = len(D) - 1, len(D[0]) - 1
    path = [[i, k]]
    while (i, k) != (0, 0):
        if i == 0:
            k -= 1
        elif k == 0:
            i -= 1
        elif D[i - 1, k - 1] <= min(D[i - 1, k], D[i, k - 1]):
            i, k = i - 1, k - 1
        elif D[i - 1, k] <= D[i, k - 1]:
            i -= 1
        else:
            k -= 1
        path.insert(0, [i, k])
    return path


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
        Alternative(_cost_path_by_cases, why="case by case, as a list of lists"),
        Alternative(_cost_path_by_argmin, why="argmin in a table with a border"),
    ),
    forbidden=READY_MADE,
)
