"""The two tables: the least cost, and the most similarity, of everything up to a cell."""

from __future__ import annotations

from functools import cache

import numpy as np

from autograder.checks.dtw.inputs import (
    READY_MADE,
    WARPING,
    bad,
    costs,
    few_values,
    similarities,
    tables,
)
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import dtw


def _cost_cases(rng):
    return [
        *tables(rng, costs, "local costs"),
        Case((few_values(rng, 6, 9, least=-2),), "whole numbers, some negative"),
        Case((rng.uniform(1, 9, (1, 1)),), "a single cell", EDGE),
    ]


def _cost_without_a_border(C):
    D = np.zeros_like(C)
    for i, k in np.ndindex(C.shape):
        before = [D[a, b] for a, b in ((i - 1, k), (i, k - 1), (i - 1, k - 1)) if min(a, b) >= 0]
        D[i, k] = C[i, k] + min(before, default=0)
    return D


def _cost_row_by_row(C):
    D = [np.cumsum(C[0])]
    for row in C[1:]:
        arriving, total = np.minimum(D[-1], np.append(np.inf, D[-1][:-1])), np.cumsum(row)
        D.append(total + np.minimum.accumulate(arriving - (total - row)))
    return np.array(D)


def _cost_by_diagonals(C):
    D = np.full(np.add(C.shape, 1), np.inf)
    D[0, 0] = 0
    for s in range(sum(C.shape) - 1):
        i = np.arange(max(0, s - C.shape[1] + 1), min(s + 1, len(C)))
        k = s - i
        D[i + 1, k + 1] = C[i, k] + np.min([D[i, k + 1], D[i + 1, k], D[i, k]], axis=0)
    return D[1:, 1:]


ACCUMULATED_COST = Exercise(
    function=dtw.accumulated_cost,
    read="The cheapest path",
    cases=_cost_cases,
    refuses=bad("C"),
    criteria=(Criterion("the table", 3), Criterion("one row, one column, one cell", 1, EDGE)),
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
        Alternative(_cost_without_a_border, why="the neighbours that there are"),
        Alternative(_cost_row_by_row, why="a running minimum along each row"),
        Alternative(_cost_by_diagonals, why="one anti-diagonal after the other"),
    ),
    forbidden=READY_MADE,
    because=WARPING,
)


def _similarity_cases(rng):
    return [
        *tables(rng, similarities, "local similarities"),
        Case((few_values(rng, 7, 10, least=-4),), "whole numbers, most of them not positive"),
        Case((rng.random((6, 6)) + 0.1,), "positive numbers only"),
        Case((-rng.uniform(0.1, 1, (8, 8)),), "nothing alike anywhere", EDGE),
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
    @cache
    def best(i, k):
        if min(i, k) < 0:
            return 0.0
        return max(best(i - 1, k), best(i, k - 1), float(a[i, k]) + best(i - 1, k - 1))

    return [[best(i, k) for k in range(len(a[0]))] for i in range(len(a))]


ACCUMULATED_SIMILARITY = Exercise(
    function=dtw.accumulated_similarity,
    read="The exam's recursion",
    answers=("sheet dtw",),
    cases=_similarity_cases,
    refuses=bad("a"),
    criteria=(Criterion("the table", 3), Criterion("one row, one column, nothing alike", 1, EDGE)),
    mistakes="""
        max(above[k + 1], row[k], similarity + => similarity + max(above[k + 1], row[k],
            You add the local similarity at every step, so that one frame is matched, and counted,
            many times. Only the diagonal step matches two frames.
        max(above[k + 1], row[k], similarity + above[k]) => similarity + above[k]
            You only go along the diagonal; a frame may also be left out, on either side.
        max(above[k + 1], row[k], similarity + above[k]) => max(above[k + 1], row[k])
            Nothing is ever matched in your table: the diagonal step is missing.
        max(above[k + 1], row[k], similarity => max(above[k + 1], similarity
            Only frames of the first sequence are ever left out in yours; the second's may be, too.
        A.append(row[1:]) => A.append(row)
            Your table still has a border of zeros; return the cells of the frames only.
        similarity + above[k]) => similarity)
            A match earns only its own similarity in your table: what was earned before it, up to
            the cell on the diagonal, has to be kept.
        similarity + above[k])) => similarity + above[k]) if A and k else a[0, 0])
            You begin the table at (0, 0) and copy that value along its edges. The edges follow the
            same recursion as all other cells, with zeros outside the table.
    """,
    alternatives=(
        Alternative(_similarity_in_a_table, why="a table with a border of zeros"),
        Alternative(_similarity_row_by_row, why="a running maximum along each row"),
        Alternative(_similarity_by_recursion, why="a cached recursion that returns lists"),
        Alternative("similarity + => max(similarity, 0) +", why="zero for negative similarities"),
    ),
    forbidden="librosa.sequence.dtw",
    because=WARPING,
)
