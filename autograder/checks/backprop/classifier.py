"""The gradient of a binary classifier's first layer."""

from __future__ import annotations

import numpy as np
from scipy import special

from autograder.checks.recurrent.inputs import away_from_zero
from autograder.exercise.compare import DERIVED_EXACTLY
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, EDGE, spoilt
from autograder.reference import backprop

SURE = "a net that is very sure of itself"


def _classifier(rng, H, D, y, kind, group="usual", b_2=None):
    """Some units on and some off, some biases that matter."""
    W_1, x = away_from_zero(rng, H, D), away_from_zero(rng, D)
    on = np.arange(H) % 2 == rng.integers(2)
    b_1 = np.where(on, 1, -1) * rng.uniform(0.3, 1.5, H) - W_1 @ x
    w_2 = away_from_zero(rng, H)
    z = w_2 @ np.maximum(W_1 @ x + b_1, 0)
    b_2 = rng.uniform(-1, 1) - z if b_2 is None else b_2 - z
    return Case((W_1, b_1, w_2, float(b_2), x, y), kind, group)


def _at_the_bend(rng, y):
    """Whole numbers, with which one unit's sum is 0 without rounding."""
    W_1, x = rng.choice([-2.0, -1.0, 1.0, 3.0], (3, 2)), rng.choice([-3.0, 1.0, 2.0], 2)
    b_1 = rng.permutation([0.0, 1.0, -1.0]) - W_1 @ x
    w_2, b_2 = away_from_zero(rng, 3), float(rng.uniform(-1, 1))
    return Case((W_1, b_1, w_2, b_2, x, y), f"a unit at exactly 0, y = {y}", EDGE)


def _classifier_cases(rng):
    return [
        _classifier(rng, 4, 3, 1, "4 units, 3 inputs, y = 1"),
        _classifier(rng, 3, 5, 0, "3 units, 5 inputs, y = 0"),
        _classifier(rng, 3, 3, 0, "as many units as inputs"),
        _classifier(rng, 4, 2, 0, "a net that is sure, and wrong", SURE, 900.0),
        _classifier(rng, 4, 2, 1, "a net that is sure, and wrong", SURE, -900.0),
        _classifier(rng, 4, 2, 1, "a net that is sure, and right", SURE, 900.0),
        *(_at_the_bend(rng, y) for y in (0, 1, 1)),
    ]


def _classifier_by_loops(W_1, b_1, w_2, b_2, x, y):
    z_1 = [sum(W_1[j][k] * x[k] for k in range(len(x))) + b_1[j] for j in range(len(b_1))]
    g = special.expit(sum(w * max(0, z) for w, z in zip(w_2, z_1)) + b_2)
    return [[(g - y) * w * v if z > 0 else 0 for v in x] for w, z in zip(w_2, z_1)]


def _classifier_by_matrices(W_1, b_1, w_2, b_2, x, y):
    z = W_1 @ x + b_1
    error = special.expit(w_2 @ np.maximum(z, 0) + b_2) - y
    return (x[:, None] @ (error * w_2[None] @ np.diag(np.heaviside(z, 0.0)))).T


CLASSIFIER_GRADIENT = Exercise(
    function=backprop.classifier_gradient,
    read="A derivative has a shape",
    cases=_classifier_cases,
    refuses={"a y of 2": {"y": 2}, "a y of -1": {"y": -1}, **spoilt("x")},
    criteria=(
        Criterion("the derivative with respect to every weight", 2, equal=DERIVED_EXACTLY),
        Criterion("a sure net, too", 1, SURE, equal=DERIVED_EXACTLY),
        Criterion("slope 0 at exactly 0", 1, EDGE, equal=DERIVED_EXACTLY),
    ),
    mistakes="""
        np.outer(by_z_1, x) => np.outer(x, by_z_1)
            Your derivatives stand in the other layout: the rows of W_1 are its units. (The printed
            solution does not say which layout it means; it is like yours.)
        (g - y) => (y - g)
            The sign is turned: where g is too large, a larger z_2 makes the loss larger.
        * (z_1 > 0) => * 1.0
            Units that are off pass nothing on, and nothing back: the slope of the ReLU is missing.
        * (z_1 > 0) => * np.maximum(z_1, 0)
            You multiply by the ReLU itself; coming back it is its slope, 0 or 1.
        (g - y) => (g - y) * g * (1 - g)
            The slope of the sigmoid is there once too often. With the cross-entropy it cancels;
            what you have belongs to the squared error.
        (g - y) * w_2 => (g - y)
            The way from z_2 back to the hidden units leads through w_2, which is missing.
        W_1 @ x + b_1 => W_1 @ x
            Without b_1 the wrong units are on.
        * (z_1 > 0) => * (z_1 >= 0)
            Where the sum of a unit is exactly 0, your ReLU has slope 1; here it is taken as 0.
        * (z_1 > 0) => * np.heaviside(z_1, 0.5)
            Where the sum of a unit is exactly 0, your ReLU has slope 1/2, which is what nudging
            to both sides measures; here it is taken as 0.
        (g - y) => -(y / g - (1 - y) / (1 - g)) * g * (1 - g)
            Where g is 0 or 1 to the last digit, your formula divides zero by zero. Simplify it
            before you compute it.
    """,
    alternatives=(
        Alternative(_classifier_by_loops, why="loops and lists"),
        Alternative(_classifier_by_matrices, why="diagonal matrix"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
    answers=("homework 3.3",),
)
