"""The inputs that the exercises on dynamic time warping are tried on, drawn for each student."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Case
from autograder.exercise.draw import BAD, EDGE
from autograder.reference import dtw

TIES, SIMILAR = "ties", "similarities"


def _spoken(rng, frames, features=4):
    """Features that drift, as those of speech do."""
    return np.cumsum(rng.normal(size=(frames, features)), axis=0)


def _slower(rng, X, frames):
    """The same again in another number of frames, unevenly, with a little noise."""
    when = np.sort(rng.choice(len(X), frames))
    return X[when] + 0.3 * rng.normal(size=(frames, X.shape[1]))


def with_nan(matrix):
    """A copy in which one number is missing."""
    spoilt = np.array(matrix, dtype=float)
    spoilt[len(spoilt) // 2, -1] = np.nan
    return spoilt


def _bad_matrices(matrix, name):
    return [
        Case((with_nan(matrix),), f"NaN in {name}", BAD),
        Case((matrix[:0],), f"{name} without rows", BAD),
        Case((matrix[0],), f"a vector for {name}", BAD),
    ]


def _bad_pairs(X, Y):
    return [
        Case((with_nan(X), Y), "NaN in X", BAD),
        Case((X, Y[:0]), "Y without frames", BAD),
        Case((X, Y[:, :-1]), "frames of different dimensions", BAD),
    ]


def pairs_for_costs(rng):
    X = _spoken(rng, 9)
    far = 1e6 + rng.normal(size=(5, 3))
    return [
        Case((X, _slower(rng, X, 7)), "9 and 7 frames of four features"),
        Case((_spoken(rng, 6, 13), _spoken(rng, 11, 13)), "6 and 11 frames of 13 features"),
        Case((X[:1], X[4:5] + 1), "a single frame on both sides", EDGE),
        Case((rng.normal(size=(4, 1)), rng.normal(size=(3, 1))), "one feature a frame", EDGE),
        Case((far, far[[0, 0, 1, 2, 4]]), "features far from zero, some frames equal", EDGE),
        *_bad_pairs(X, X[2:]),
    ]


def pairs_for_similarities(rng):
    X = _spoken(rng, 9) + 1
    Y = _slower(rng, X, 7)
    silent = Y.copy()
    silent[2] = 0
    return [
        Case((X, Y), "9 and 7 frames of four features"),
        Case((_spoken(rng, 6, 13), _spoken(rng, 11, 13)), "6 and 11 frames of 13 features"),
        Case((X, -3 * X), "a sequence against its opposite"),
        Case((-Y, X), "two recordings, one of opposite polarity"),
        Case((X[:1], Y[4:5]), "a single frame on both sides", EDGE),
        Case((-1e-6 * X, 100 * Y), "a very soft and a very loud recording", EDGE),
        *_bad_pairs(X, X[2:]),
        Case((X, silent), "a frame of digital silence", BAD),
    ]


def _few_values(rng, rows, columns, least=0):
    """Small whole numbers, so that sums are exact and many of them equal."""
    return rng.integers(least, 4, (rows, columns)).astype(float)


def _costs(rng, rows, columns):
    X = _spoken(rng, rows)
    return dtw.local_costs(X, _slower(rng, X, columns))


def _similarities(rng, rows, columns):
    X = _spoken(rng, rows)
    return dtw.local_similarities(X, _slower(rng, X, columns))


def cost_cases(rng):
    square = _costs(rng, 8, 8)
    return [
        Case((_costs(rng, 9, 13),), "9 by 13 local costs"),
        Case((_costs(rng, 16, 7),), "16 by 7 local costs"),
        Case((square,), "as many frames on both sides"),
        Case((_few_values(rng, 6, 9, least=-2),), "whole numbers, some negative"),
        Case((square[:1],), "a single row", EDGE),
        Case((square[:, :1],), "a single column", EDGE),
        Case((square[:1, :1] + 1,), "a single cell", EDGE),
        *_bad_matrices(square, "C"),
    ]


def _hill(rng):
    """A costly cell, before the last, that can be passed on either side at the same cost."""
    C = np.ones((5, 5))
    C[3, 3] = rng.integers(5, 9)
    return C * rng.integers(1, 50)


def cost_path_cases(rng):
    def table(C):
        return (dtw.accumulated_cost(C),)

    square = _costs(rng, 8, 8)
    return [
        Case(table(_costs(rng, 9, 13)), "a table of 9 by 13"),
        Case(table(_costs(rng, 17, 6)), "a table of 17 by 6"),
        Case(table(_few_values(rng, 12, 12)), "costs of 0 to 3, with many ties", TIES),
        Case(table(_hill(rng)), "a costly cell that can be passed on either side", TIES),
        Case(table(np.zeros((5, 8))), "costs of 0 everywhere", TIES),
        Case(table(square[:1]), "a single row", EDGE),
        Case(table(square[:, :1]), "a single column", EDGE),
        Case(table(square[:1, :1]), "a single cell", EDGE),
        *_bad_matrices(*table(square), "D"),
    ]


def similarity_cases(rng):
    square = _similarities(rng, 8, 8)
    return [
        Case((_similarities(rng, 9, 13),), "9 by 13 local similarities"),
        Case((_similarities(rng, 16, 7) - 0.2,), "16 by 7 local similarities"),
        Case((_few_values(rng, 7, 10, least=-4),), "whole numbers, most of them not positive"),
        Case((rng.random((6, 6)) + 0.1,), "positive numbers only"),
        Case((square[:1],), "a single row", EDGE),
        Case((square[:, :1],), "a single column", EDGE),
        Case((-np.abs(square) - 0.1,), "nothing alike anywhere", EDGE),
        *_bad_matrices(square, "a"),
    ]


def _crossing(rng):
    """Alike only along the other diagonal: at most one pair of frames can be matched."""
    return rng.uniform(0.5, 1) * np.eye(5)[::-1]


def similarity_path_cases(rng):
    def table(a):
        return (dtw.accumulated_similarity(a),)

    (good,) = table(rng.random((5, 6)))
    along_row, along_column = good.copy(), good.copy()
    along_row[-1, 2] += 10
    along_column[2, -1] += 10
    return [
        Case(table(_similarities(rng, 9, 13)), "a table of 9 by 13"),
        Case(table(rng.normal(size=(15, 8))), "a table of 15 by 8"),
        Case(table(rng.random((10, 10))), "positive similarities only"),
        Case(table(_few_values(rng, 12, 12, least=-3)), "whole numbers, with many ties", TIES),
        Case(table(_crossing(rng)), "matches of which any one excludes all others", TIES),
        Case(table(np.ones((4, 6))), "every frame like every other", TIES),
        Case(table(rng.random((1, 6))), "a single row", EDGE),
        Case(table(rng.random((7, 1))), "a single column", EDGE),
        Case((np.zeros((3, 5)),), "nothing alike anywhere", EDGE),
        Case((along_row,), "a table that falls along a row", BAD),
        Case((along_column,), "a table that falls along a column", BAD),
        Case((good - 1,), "a table with negative numbers", BAD),
        *_bad_matrices(good, "A"),
    ]


def distance_cases(rng):
    square = _costs(rng, 8, 8)
    return [
        Case((_costs(rng, 9, 13),), "9 by 13 local costs"),
        Case((_costs(rng, 20, 7),), "20 by 7 local costs"),
        Case((square + 0.5,), "as many frames on both sides"),
        Case((np.full((6, 10), rng.uniform(1, 2)),), "the same cost everywhere", EDGE),
        Case((square[:1] + 1,), "a single row", EDGE),
        Case((square[:, 3:4] + 1,), "a single column", EDGE),
        *_bad_matrices(square, "C"),
    ]


WORDS = np.array(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])


def _tables(rng, frames, lengths, goals, accumulate):
    """A table for each template, with a total of about its goal a frame, in random order."""
    made = []
    for length, goal in zip(lengths, goals, strict=True):
        table = accumulate(rng.uniform(0.5, 1, (frames, length)))
        total = (goal + rng.uniform(-0.01, 0.01)) * (frames + length)
        made.append(table * (total / table[-1, -1]))
    order = rng.permutation(len(made))
    return [made[m] for m in order], [str(word) for word in rng.permutation(WORDS)[: len(made)]]


def template_cases(rng):
    by_cost = _tables(rng, 8, [4, 20, 40], [0.9, 0.7, 0.74], dtw.accumulated_cost)
    longer = _tables(rng, 12, [6, 30, 60], [0.9, 0.7, 0.74], dtw.accumulated_cost)
    alike = _tables(rng, 8, [20, 40, 4], [0.6, 0.5, 0.4], dtw.accumulated_similarity)
    more = _tables(rng, 12, [30, 60, 6], [0.6, 0.5, 0.4], dtw.accumulated_similarity)
    tables, words = by_cost
    best = min(tables, key=lambda table: table[-1, -1] / sum(table.shape))
    twice = [table for table in tables if table is not best] + [best, best]
    names = [str(word) for word in rng.permutation(WORDS)[:4]]
    return [
        Case(by_cost, "three templates and a recording of 8 frames"),
        Case(longer, "three templates and a recording of 12 frames"),
        Case((tables[:1], words[:1]), "a single template"),
        Case((*alike, True), "similarities to three templates, 8 frames", SIMILAR),
        Case((*more, True), "similarities to three templates, 12 frames", SIMILAR),
        Case((twice, names), "two templates that are equally near", TIES),
        Case(([], []), "no template", BAD),
        Case((tables, words[1:]), "fewer words than templates", BAD),
        Case(([tables[0], tables[1][1:], tables[2]], words), "tables that disagree about I", BAD),
        Case(([tables[0], with_nan(tables[1]), tables[2]], words), "NaN in a table", BAD),
    ]
