"""Logistic regression: its gradient over all examples, and the penalty on its weights."""

from __future__ import annotations

import numpy as np
from scipy import special

from autograder.exercise.compare import DERIVED_EXACTLY
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, EDGE, changed, spoilt
from autograder.reference import learning

SURE = "answers that are very sure of themselves"


def _examples(rng, M, D, kind, group="usual", size=1.0):
    """Labels that follow a line with noise; weights that have learned some of it."""
    X, w = rng.normal(size=(M, D)), rng.normal(size=D)
    b = float(rng.uniform(0.3, 1.5) * rng.choice([-1, 1]))
    y = (X @ w + b + rng.normal(size=M) > 0).astype(float)
    y[:2] = 0, 1  # both classes are there
    return Case((X, y, size * w, size * b), kind, group)


def _logistic_cases(rng):
    return [
        _examples(rng, 12, 3, "12 examples, 3 features"),
        _examples(rng, 5, 7, "more features than examples"),
        _examples(rng, 400, 2, "400 examples"),
        _examples(rng, 9, 1, "a single feature"),
        *(_examples(rng, 15, 3, "answers that are sure", SURE, 2000.0) for _ in range(3)),
        _examples(rng, 2, 4, "two examples", EDGE),
    ]


def _logistic_by_loops(X, y, w, b):
    cost, dw, db = 0.0, [0.0] * len(w), 0.0
    for row, label in zip(X, y):
        z = sum(weight * value for weight, value in zip(w, row)) + b
        cost -= special.log_expit(z if label else -z) / len(y)
        miss = special.expit(z) - label
        dw = [slope + miss * value / len(y) for slope, value in zip(dw, row)]
        db += miss / len(y)
    return cost, dw, db


def _logistic_with_signs(X, y, w, b):
    """Labels -1 and 1, and the bias as one more weight."""
    sign = 2 * y - 1
    margins = sign * (np.column_stack([X, np.ones(len(y))]) @ np.append(w, b))
    pull = -sign * special.expit(-margins) / len(y)
    return np.mean(-special.log_expit(margins)), pull @ X, pull.sum()


LOGISTIC_GRADIENT = Exercise(
    function=learning.logistic_gradient,
    read="All examples at once",
    cases=_logistic_cases,
    refuses={
        "a label of 2": {"y": changed(0, 2.0)},
        "a label of -1": {"y": changed(0, -1.0)},
        "a label too few": {"y": lambda y: y[1:]},
        "a weight too many": {"w": lambda w: np.append(w, 1.0)},
        **spoilt("X"),
    },
    criteria=(
        Criterion("the cost", 1, select=0),
        Criterion("the derivatives", 2, select=(1, 2), equal=DERIVED_EXACTLY),
        Criterion("two examples are enough", 1, EDGE),
        Criterion("sure answers, too", 1, SURE),
    ),
    mistakes="""
        np.tanh(0.5 * z)) - y => np.tanh(0.5 * z)) - y; miss = -miss
            The signs of your derivatives are turned: where the answer is larger than the label, a
            larger z costs more.
        np.mean(np.logaddexp => np.sum(np.logaddexp
        X.T @ miss / len(y) => X.T @ miss
        np.mean(miss) => np.sum(miss)
            You take sums over the examples; asked for are means, so that the cost does not grow
            with the number of examples.
        X.T @ miss / len(y) => X.T @ miss
            Your dw is a sum over the examples, where your cost is a mean.
        X.T @ miss / len(y) => X.T @ miss / len(w)
            You divide dw by the number of features; the mean is one over examples.
        X @ w + b => X @ w
            The bias b is not in your z.
        np.tanh(0.5 * z)) - y
        => np.tanh(0.5 * z)) - y; miss = miss * (miss + y) * (1 - miss - y)
            The slope of the sigmoid is there once too often: with the cross-entropy it cancels.
        np.logaddexp(0.0, z) - y * z => y * (np.logaddexp(0.0, z) - z)
            Your cost leaves out the examples whose label is 0.
        np.logaddexp(0.0, z) - y * z => (np.logaddexp(0.0, z) - y * z) / np.log(2)
            Your cost is in bits. Here the logarithm is the natural one.
        np.logaddexp(0.0, z) - y * z
        => -y * np.log(1 / (1 + np.exp(-z))) - (1 - y) * np.log(1 - 1 / (1 + np.exp(-z)))
            Where an answer is 0 or 1 to the last digit, you take the logarithm of zero. Write the
            cost in terms of z before you compute it.
        cost = np => a = (0.5 + 0.5 * np.tanh(z / 2)).clip(1e-15, 1 - 1e-15); cost = np
        np.logaddexp(0.0, z) - y * z => -y * np.log(a) - (1 - y) * np.log(1 - a)
            You keep the answers away from 0 and 1, so that no cost is larger than a certain number.
            Write the cost in terms of z, where nothing has to be kept away.
        np.mean(np.logaddexp(0.0, z) - y * z) => np.mean((0.5 + 0.5 * np.tanh(0.5 * z) - y) ** 2)
            Your cost is the mean squared miss; logistic regression has the cross-entropy.
    """,
    alternatives=(
        Alternative(_logistic_by_loops, why="example by example, lists"),
        Alternative(_logistic_with_signs, why="labels as signs, the bias as a weight"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
)


def _penalty_cases(rng):
    def case(D, M, strength, kind, group="usual"):
        cost, b = rng.uniform(0.2, 2.0, 2)
        return Case((cost, rng.normal(size=D), -b, rng.normal(size=D), b, strength, M), kind, group)

    return [
        case(3, 20, float(rng.uniform(1, 5)), "20 examples"),
        case(8, 5, float(rng.uniform(0.1, 1)), "5 examples"),
        case(2, 60, float(rng.uniform(10, 50)), "a strong penalty"),
        case(1, 7, float(rng.uniform(1, 5)), "a single weight"),
        case(4, 9, 0.0, "a strength of zero", EDGE),
        case(4, 1, float(rng.uniform(1, 5)), "a single example", EDGE),
    ]


def _penalty_by_elements(cost, dw, db, w, b, strength, M):
    squares = sum(weight * weight for weight in w)
    slopes = [slope + strength * weight / M for slope, weight in zip(dw, w)]
    return cost + strength * squares / 2 / M, slopes, db


REGULARISED_GRADIENT = Exercise(
    function=learning.regularised_gradient,
    read="Not by heart",
    cases=_penalty_cases,
    refuses={
        "a negative strength": {"strength": -1.0},
        "an infinite strength": {"strength": np.inf},
        "no example": {"M": 0},
        "a derivative too many": {"dw": lambda dw: np.append(dw, 1.0)},
        "a cost of NaN": {"cost": np.nan},
        **spoilt("w"),
    },
    criteria=(
        Criterion("the cost", 1, select=0),
        Criterion("the derivatives", 2, select=(1, 2)),
        Criterion("no penalty, and a single example", 1, EDGE),
    ),
    mistakes="""
        dw + share * w => dw - share * w
            The penalty pulls in the wrong direction: it must make a step of descent shrink the
            weights.
        0.5 * share * np.sum => share * np.sum
            The one half is missing in your cost (your derivatives have it).
        dw + share * w => dw + 2 * share * w
            Your derivatives of the penalty are twice too large: its one half cancels the 2 of the
            square.
        strength / M => strength
            Your penalty is not divided by the number of examples.
        float(db) => float(db + share * b)
            You penalise the bias. A bias only says how frequent a class is; it is left alone.
        np.sum(w**2) => np.sqrt(np.sum(w**2))
            Your cost has the length of the weights, where the sum of their squares is asked for.
        dw + share * w => dw + share * np.sign(w)
        np.sum(w**2) => 2 * np.sum(np.abs(w))
            That is an L1 penalty, on the magnitudes of the weights; L2 is on their squares.
        cost + 0.5 * share * np.sum(w**2) => cost
            Your cost lacks the penalty, so that it does not fit your derivatives.
        dw + share * w => dw
            Your derivatives lack the penalty, so that they do not fit your cost.
        np.sum(w**2) => np.mean(w**2)
            You take the mean of the squares of the weights; asked for is their sum.
    """,
    alternatives=(Alternative(_penalty_by_elements, why="weight by weight, lists"),),
)
