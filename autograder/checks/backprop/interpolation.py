"""The net through given points: any weights are right that go through them.

The student's function returns weights. They are data, and run here, through our own net, at the
points and between them. Only what the net then answers is compared.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import spoilt
from autograder.reference import backprop


@dataclass(frozen=True)
class Points(Case):
    """A call, and the places between the points at which the net is tried."""

    between: np.ndarray | None = None


def as_net(answer: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray, float] | None:
    """Three vectors of one length and a number, all finite, or None."""
    answer = list(answer) if isinstance(answer, np.ndarray) and answer.ndim else answer
    if not isinstance(answer, (tuple, list)) or len(answer) != 4:
        return None
    try:
        w_1, b_1, w_2, b_2 = (np.asarray(part, dtype=float) for part in answer)
    except (TypeError, ValueError, OverflowError):
        return None
    if w_1.ndim != 1 or not w_1.shape == b_1.shape == w_2.shape or b_2.size != 1:
        return None
    if not all(np.isfinite(part).all() for part in (w_1, b_1, w_2, b_2)):
        return None
    return w_1, b_1, w_2, float(b_2.reshape(()))


def run(net, x: np.ndarray) -> np.ndarray:
    """What the net answers at each x."""
    w_1, b_1, w_2, b_2 = net
    return b_2 + np.clip(np.outer(x, w_1) + b_1, 0, None) @ w_2


@dataclass(frozen=True)
class AnswersTheSame:
    """Equal if both nets answer the same, at the points or between them."""

    at_points: bool
    wrong: str

    def __call__(self, answer: Any, expected: Any, case: Case) -> str | None:
        given, right = as_net(answer), as_net(expected)
        if given is None:
            return "your answer should be w_1, b_1, w_2 (vectors of one length) and the number b_2"
        x = np.asarray(case.args[0]) if self.at_points else case.between
        size = np.ptp(case.args[1])
        near = np.abs(run(given, x) - run(right, x)) <= 1e-5 * size
        return None if near.all() else self.wrong


def few_units(answer: Any, expected: Any, case: Case) -> str | None:
    """No more hidden units than the other net has."""
    given, right = as_net(answer), as_net(expected)
    if given is not None and right is not None and len(given[0]) <= len(right[0]):
        return None
    return "your net has more hidden units than it needs"


def _points(rng, x, y, kind):
    inner = np.sort(x)
    share = rng.uniform(0.1, 0.9, (4, len(x) - 1))
    between = (inner[:-1] + share * np.diff(inner)).ravel()
    return Points((x, y), kind, between=between)


def _spread(rng, n):
    """Increasing, with gaps from 0.2 to 2, not beginning at zero."""
    return rng.uniform(-4, 2) + np.cumsum(rng.uniform(0.2, 2, n))


def _cases(rng):
    x, y = _spread(rng, 5), rng.normal(size=5)
    hertz = np.sort(rng.choice(np.arange(200, 1000, 10), 6, replace=False)).astype(float)
    shuffled = rng.permutation(_spread(rng, 9))
    while np.all(np.diff(shuffled) > 0):
        shuffled = rng.permutation(shuffled)
    return [
        _points(rng, x, y, "5 points in order"),
        _points(rng, _spread(rng, 2), np.array([1.0, 4.0]) + rng.normal(size=2), "two points"),
        _points(rng, hertz, rng.uniform(800, 2400, 6), "6 points in hertz"),
        _points(rng, _spread(rng, 20), rng.normal(size=20), "20 points in order"),
        _points(rng, shuffled, rng.normal(size=9), "9 points in no order"),
    ]


def _facing_left(x, y):
    """Every unit is off to the right of its point; the last point is the constant."""
    points = sorted(zip(x, y), reverse=True)
    w_2, slope = [], 0.0
    for (x_1, y_1), (x_0, y_0) in itertools.pairwise(points):
        new = (y_0 - y_1) / (x_1 - x_0)
        w_2.append(new - slope)
        slope = new
    return [-1.0] * len(w_2), [one for one, _ in points[:-1]], w_2, points[0][1]


def _by_solving(x, y):
    """The weights as the solution of n - 1 equations, units scaled and in any order."""
    first, knots = np.argmin(x), np.sort(x)[:-1][::-1]
    scale = np.linspace(0.5, 3, len(knots))
    others = np.delete(np.arange(len(x)), first)
    seen = np.maximum(scale * (x[others, None] - knots), 0)
    w_2 = np.linalg.solve(seen, y[others] - y[first])
    return scale, -scale * knots, w_2, np.array([y[first]])


INTERPOLATING_NET = Exercise(
    function=backprop.interpolating_net,
    read="What one hidden layer can do",
    cases=_cases,
    refuses={"two points with the same x": {"x": lambda x: np.append(x[1], x[1:])}, **spoilt("y")},
    criteria=(
        Criterion(
            "goes through every point",
            3,
            equal=AnswersTheSame(True, "your net does not go through all points"),
        ),
        Criterion(
            "is straight in between",
            2,
            equal=AnswersTheSame(False, "between the points your net is off the straight line"),
        ),
        Criterion("has n - 1 hidden units or fewer", 1, equal=few_units),
    ),
    mistakes="""
        -x[:-1] => -np.append(x[0], x[:-2])
            Your units bend one point too early: unit i should bend at x_i. The printed solution of
            this homework has that slip.
        -x[:-1] => -x[1:]
            Your units bend one point too late, so that nothing moves before the second point.
        np.diff(slopes, prepend=0.0) => slopes
            Units to the left stay on, and their slopes add up: each new unit brings only the change
            of slope.
        -x[:-1] => x[:-1]
            The sign of b_1 is turned: w_1 x + b_1 must be zero where the unit bends.
        float(y[0]) => 0.0
            At the first point all units are still off, so b_2 alone has to be right there.
        order = np.argsort(x) => order = np.arange(len(x))
            It works for points in order of x only; sort them first.
        np.diff(y) / np.diff(x) => np.diff(y)
            You take differences of y for slopes: divide by how far the points are apart.
    """,
    alternatives=(
        Alternative(_facing_left, why="units that are on to the left of their point, lists"),
        Alternative(_by_solving, why="units of other scales in another order, equations solved"),
    ),
    forbidden="torch.tensor torch.from_numpy",
    answers=("homework 3.2",),
)
