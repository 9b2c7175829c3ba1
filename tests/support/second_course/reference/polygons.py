"""Polygons in the plane: their area and their convex hull."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def area(corners: ArrayLike) -> float:
    """Area of a polygon whose sides do not cross.

    Parameters
    ----------
    corners : array of shape (n, 2)
        The corners in the order in which they are met, either way around; n is 3 or more.

    Returns
    -------
    float
        The area in the square of the unit of the corners; never negative.

    Raises
    ------
    ValueError
        If `corners` does not have that shape.
    """
    corners = np.asarray(corners, dtype=float)
    if corners.ndim != 2 or corners.shape[1] != 2 or len(corners) < 3:
        raise ValueError("a polygon has three corners or more, each with two coordinates")
    x, y = corners.T
    twice = np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))
    return float(abs(twice) / 2)


def hull(points: ArrayLike) -> np.ndarray:
    """Corners of the smallest convex polygon around some points.

    Parameters
    ----------
    points : array of shape (n, 2)
        The points; not all of them lie on one line.

    Returns
    -------
    array of shape (m, 2)
        The corners anticlockwise, from the leftmost one (of several, the lowest) on.

    Raises
    ------
    ValueError
        If `points` does not have that shape.
    """
    points = np.asarray(points, dtype=float)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError("each point has two coordinates")
    ordered = [points[i] for i in np.lexsort((points[:, 1], points[:, 0]))]

    def chain(some):
        kept = []
        for point in some:
            while len(kept) > 1:
                (ax, ay), (bx, by) = kept[-1] - kept[-2], point - kept[-1]
                if ax * by - ay * bx > 0:
                    break
                kept.pop()
            kept.append(point)
        return kept[:-1]

    return np.array(chain(ordered) + chain(ordered[::-1]))
