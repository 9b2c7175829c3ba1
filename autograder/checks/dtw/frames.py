"""Two frames against each other: how far apart, and how alike."""

from __future__ import annotations

import numpy as np

from autograder.checks.dtw.inputs import bad, slower, spoken
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import dtw


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
    return sum(np.subtract.outer(x, y) ** 2 for x, y in zip(X.T, Y.T, strict=True)) ** 0.5


LOCAL_COSTS = Exercise(
    function=dtw.local_costs,
    read="Every moment against every moment",
    cases=_pairs_for_costs,
    refuses=bad("Y"),
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
    forbidden="scipy.spatial.distance.cdist scipy.spatial.distance_matrix "
    "sklearn.metrics.pairwise.euclidean_distances",
    because="each of them is this function",
)


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
    return np.where(np.arange(len(Y))[:, None] == 2, 0.0, Y)


def _similarities_in_loops(X, Y):
    return [[x @ y / (np.sqrt(x @ x) * np.sqrt(y @ y)) for y in Y] for x in X]


def _similarities_divided_at_the_end(X, Y):
    powers = np.outer((X**2).sum(axis=1), (Y**2).sum(axis=1))
    return np.einsum("if,kf->ik", X, Y) / np.sqrt(powers)


LOCAL_SIMILARITIES = Exercise(
    function=dtw.local_similarities,
    read="The exam's recursion",
    cases=_pairs_for_similarities,
    refuses={"a frame of digital silence": {"Y": _silenced}},
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
        Alternative("lengths_Y).T => lengths_Y).T.astype(np.float32)", why="partly single"),
    ),
    forbidden="scipy.spatial.distance.cdist scipy.spatial.distance.cosine "
    "sklearn.metrics.pairwise.cosine_similarity",
    because="each of them is this function",
)
