"""Units by k-means, and the mask that hides frames."""

from __future__ import annotations

import numpy as np

from autograder.checks.hubert.inputs import CLUSTERING, every_unit
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, emptied, with_nan
from autograder.reference import hubert


def _quantise_cases(rng):
    x, codevectors = rng.normal(size=(60, 4)), rng.normal(size=(6, 4))
    lengths = rng.permutation([0.3, 0.5, 1.0, 1.5, 2.0, 3.0])
    uneven = codevectors / np.linalg.norm(codevectors, axis=1, keepdims=True) * lengths[:, None]
    grid = rng.integers(0, 3, (20, 2))
    return [
        Case((x, codevectors), "60 frames of four features and 6 codevectors"),
        Case((rng.normal(size=(60, 13)), rng.normal(size=(9, 13))), "60 frames of 13 features"),
        Case((x, uneven), "codevectors of very different lengths"),
        Case((x, codevectors[:1]), "a single codevector", EDGE),
        Case((100 + x[:7], 100 + codevectors), "features far from zero", EDGE),
        Case(
            (grid.tolist(), [[0, 0], [1, 1], [2, 0], [1, 1], [0, 2]]),
            "lists of whole numbers, where codevectors are equally near",
            EDGE,
        ),
    ]


def _quantise_by_loops(x, codevectors):
    rows = [[np.hypot.reduce(np.subtract(frame, e)) for e in codevectors] for frame in x]
    units = [distances.index(min(distances)) for distances in rows]
    return units, [list(codevectors[unit]) for unit in units]


def _quantise_expanded(x, codevectors):
    x, codevectors = np.array(x), np.array(codevectors)
    half = np.sum(codevectors**2, axis=1) / 2
    units = (x @ codevectors.T - half).argmax(axis=1)
    return units.astype(float), codevectors[units]


QUANTISE = Exercise(
    function=hubert.quantise,
    read="Fifty clusters",
    cases=_quantise_cases,
    refuses={
        "NaN in x": {"x": with_nan},
        "no frames at all": {"x": emptied},
    },
    criteria=(
        Criterion("units", 2, select=0),
        Criterion("codevectors", 1, select=1),
        Criterion("one codevector, ties, far from zero", 1, EDGE),
    ),
    mistakes="""
        np.argmin(squared => np.argmax(squared
            You take the codevector that is farthest away.
        np.sum((x[:, None, :] - codevectors) ** 2, axis=2) => -x @ codevectors.T
            You take the largest product, which favours long codevectors; nearest is meant by
            distance.
        (x[:, None, :] - codevectors) ** 2 => np.abs(x[:, None, :] - codevectors)
            You add up absolute differences, which is another distance than the Euclidean one.
        np.argmin(squared, axis=1) => len(codevectors) - 1 - np.argmin(squared[:, ::-1], axis=1)
            Where two codevectors are equally near you take the last one instead of the first.
        return units, codevectors => return units + 1, codevectors
            Your units count from 1; they are rows of an array and count from 0.
        return units, codevectors[units] => return units, x
            You return the frames as they came; the second value is what they are replaced by.
    """,
    alternatives=(
        Alternative(_quantise_by_loops, why="loops and lists"),
        Alternative(_quantise_expanded, why="products instead of distances"),
    ),
    forbidden=CLUSTERING,
    because="each of them contains this very step",
)


def _centroid_case(rng, T, D, C, kind, group="usual"):
    x = rng.normal(size=(T, D)) + 2
    return Case((x, every_unit(rng, T, C), rng.normal(size=(C, D)) + 2), kind, group)


def _centroid_cases(rng):
    x, units, centroids = _centroid_case(rng, 12, 3, 4, "").args
    return [
        _centroid_case(rng, 30, 4, 5, "30 frames and 5 units"),
        _centroid_case(rng, 9, 2, 3, "9 frames and 3 units"),
        Case((x, 2 * (units // 2), centroids), "units to which no frame was given", EDGE),
        _centroid_case(rng, 6, 2, 1, "a single unit", EDGE),
        _centroid_case(rng, 5, 2, 5, "as many units as frames", EDGE),
        Case(([[1, 2], [3, 4]], [1, 1], [[0, 0], [9, 9]]), "lists of whole numbers", EDGE),
    ]


def _centroids_by_loops(x, units, centroids):
    x, units, centroids = (np.array(part) for part in (x, units, centroids))
    moved, total = centroids.tolist(), 0.0
    for unit in set(units.tolist()):
        mine = x[units == unit]
        moved[unit] = mine.mean(axis=0).tolist()
        total += len(mine) * mine.var(axis=0).sum()
    return [moved, total / len(x)]


def _centroids_one_by_one(x, units, centroids):
    moved, seen = np.array(centroids, dtype=float), {}
    for frame, unit in zip(np.array(x), units):
        seen[unit] = seen.get(unit, 0) + 1
        moved[unit] = moved[unit] * (seen[unit] > 1)
        moved[unit] += (frame - moved[unit]) / seen[unit]
    return moved, np.sum((np.array(x) - moved[units]) ** 2) / len(x)


MOVE_CENTROIDS = Exercise(
    function=hubert.move_centroids,
    read="Fifty clusters",
    cases=_centroid_cases,
    refuses={
        "NaN in x": {"x": with_nan},
        "a unit out of range": {"units": lambda units: units + 1},
    },
    criteria=(
        Criterion("centroids", 2, select=0),
        Criterion("distortion", 1, select=1),
        Criterion("units without frames or with one, a single unit", 1, EDGE),
    ),
    mistakes="""
        / counts[used, None] =>
            You add the frames up without dividing by how many there are.
        counts[used, None] => len(x)
            You divide by the number of all frames instead of those of the unit.
        moved = centroids.copy() => moved = np.zeros(centroids.shape)
            A centroid to which no frame was given goes to zero; it should stay.
        (x - moved[units]) => (x - centroids[units])
            Your distortion is measured from where the centroids were before they moved.
        np.mean(np.sum((x - moved[units]) ** 2, axis=1)) => np.mean((x - moved[units]) ** 2)
            Your distortion is averaged over the features, too; a distance adds them up.
        np.mean(np.sum((x - moved[units]) ** 2, axis=1))
        => np.mean(np.linalg.norm(x - moved[units], axis=1))
            Your distortion averages distances; asked for are their squares, which is what the mean
            makes small.
        moved[used] = (members.T @ x)[used] => moved[used] += (members.T @ x)[used]
            The old place of a centroid is left in the new one; it goes to the mean of its frames
            wherever it was.
    """,
    alternatives=(
        Alternative(_centroids_by_loops, why="a loop over the units, distortion from variances"),
        Alternative(_centroids_one_by_one, why="running means, frame by frame"),
    ),
)


def _span_cases(rng):
    x, embedding = rng.normal(size=(20, 3)), rng.normal(size=3) + 5
    early = rng.integers(0, 4)
    overlap = [early, early + 2, early + 9, early + 10]
    return [
        Case((x, overlap, 5, embedding), "spans that overlap"),
        Case((x, [12, early], 3, embedding), "two spans apart, the later one first"),
        Case((x, [18, early], 6, embedding), "a span that runs over the end", EDGE),
        Case((x, [], 5, embedding), "no spans", EDGE),
        Case((x, [19 - early], 1, embedding), "a span of one frame", EDGE),
        Case(([[1, 2], [3, 4], [5, 6]], [1], 9, [0, 0]), "lists, and a long span", EDGE),
    ]


def _spans_by_sets(x, starts, length, embedding):
    hidden = {t for start in starts for t in range(start, min(start + length, len(x)))}
    frames = [list(embedding if t in hidden else frame) for t, frame in enumerate(x)]
    return frames, [t in hidden for t in range(len(x))]


def _spans_by_counting(x, starts, length, embedding):
    change = np.zeros(len(x) + 1)
    np.add.at(change, np.array(starts, dtype=int), 1)
    np.add.at(change, np.minimum(np.array(starts, dtype=int) + length, len(x)), -1)
    masked = (np.cumsum(change)[:-1] > 0).astype(int)
    return x + masked[:, None] * (np.array(embedding) - x), masked


MASK_SPANS = Exercise(
    function=hubert.mask_spans,
    read="Your ear does it",
    cases=_span_cases,
    refuses={
        "a start after the end": {"starts": [20]},
        "a negative start": {"starts": [-1]},
        "NaN in x": {"x": with_nan},
    },
    criteria=(
        Criterion("frames", 1, select=0),
        Criterion("which are masked", 1, select=1),
        Criterion("at the end, no spans, long and short ones", 1, EDGE),
    ),
    mistakes="""
        start + length] => start + length + 1]
            Your spans are one frame too long.
        masked[start : start + length] = True => masked[start : start + length] ^= 1
            Where two spans overlap, your mask takes itself back; a frame is hidden once or not at
            all.
        start : start + length] => start]
            Only the first frame of each span is hidden.
        masked[:, None], embedding, x => masked[:, None], 0.0, x
            Hidden frames are zero in your answer; the embedding stands for them.
        masked[:, None], embedding, x => masked[:, None], x, embedding
            You hide the frames that should be seen, and show the others.
        return corrupted, masked => return corrupted, ~masked
            Your mask is True where a frame is seen; it should be True where it is hidden.
    """,
    alternatives=(
        Alternative(_spans_by_sets, why="a set of frames, lists"),
        Alternative(_spans_by_counting, why="counting the spans that are open"),
    ),
)
