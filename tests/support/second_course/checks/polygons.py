"""What is asked about polygons."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from reference import polygons

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise


def stars(rng: np.random.Generator) -> Iterator[Case]:
    """Polygons around the origin, both ways around, and one away from it."""
    for n in (3, 5, 8):
        angles = 2 * np.pi * (np.arange(n) + rng.uniform(0, 0.4, n)) / n
        radii = rng.uniform(1, 3, n)
        corners = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)
        yield Case((corners,), f"a polygon of {n} corners")
        yield Case((corners[::-1] + 10,), f"a polygon of {n} corners, clockwise", "clockwise")


def clouds(rng: np.random.Generator) -> Iterator[Case]:
    """Points without any order."""
    for n in (4, 20):
        yield Case((rng.normal(size=(n, 2)),), f"{n} points")
    square = np.array([[0, 0], [1, 0], [2, 0], [2, 2], [0, 2], [0, 1]])
    yield Case((rng.permutation(square),), "points on the sides of a square", "sides")


def area_by_triangles(corners: np.ndarray) -> float:
    """The triangles at the first corner."""
    corners = np.asarray(corners, dtype=float)
    if corners.ndim != 2 or corners.shape[1] != 2 or len(corners) < 3:
        raise ValueError("no polygon")
    total, (x, y) = 0.0, corners[0]
    for (ax, ay), (bx, by) in itertools.pairwise(corners[1:]):
        total += (ax - x) * (by - y) - (ay - y) * (bx - x)
    return abs(total) / 2


AREA = Exercise(
    function=polygons.area,
    cases=stars,
    criteria=(Criterion("the area", 2), Criterion("clockwise", 1, "clockwise")),
    refuses={"two corners": {"corners": [[0.0, 0.0], [1.0, 1.0]]}},
    mistakes="""
        float(abs(twice) / 2) => float(twice / 2)
            Your area is negative for a polygon that runs clockwise.
        abs(twice) / 2 => abs(twice)
            That is the area of the parallelograms: halve it.
        np.roll(y, -1) - y * np.roll(x, -1) => np.roll(y, -1) + y * np.roll(x, -1)
            The two products of a side are subtracted, not added.
    """,
    alternatives=(Alternative(area_by_triangles, why="triangles at the first corner"),),
)
HULL = Exercise(
    function=polygons.hull,
    cases=clouds,
    criteria=(Criterion("the corners", 3), Criterion("no corner on a side", 1, "sides")),
    refuses={"points in space": {"points": [[0.0, 0.0, 0.0], [1.0, 0.0, 1.0]]}},
    mistakes="""
        ax * by - ay * bx > 0 => ax * by - ay * bx >= 0
            A point on a side of the hull is no corner: drop it as well.
        chain(ordered) + chain(ordered[::-1]) => chain(ordered)
            That is the lower half only: come back along the top.
        ax * by - ay * bx > 0 => ax * by - ay * bx < 0
            Your hull turns right at its corners: it should turn left.
    """,
    forbidden="scipy.spatial.ConvexHull",
)
EXERCISES = (AREA, HULL)
