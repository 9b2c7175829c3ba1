"""Optimisers that divide by the size of past gradients."""

from __future__ import annotations

import numpy as np

from autograder.checks.learning.inputs import BAD_BETAS, BAD_SETTINGS, BAD_SQUARES, drawn
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, spoilt
from autograder.reference import learning

SMALL = "gradients as small as epsilon"


def _rmsprop_cases(rng):
    def case(D, kind, group="usual", epsilon=1e-8, first=False):
        w, _, s, gradient = drawn(rng, D, first)
        if group == SMALL:
            s, gradient = s * epsilon**2, gradient * epsilon
        rate, beta = float(rng.uniform(0.05, 0.2)), float(rng.uniform(0.6, 0.9))
        return Case((w, s, gradient, rate, beta, epsilon), kind, group)

    return [
        case(4, "4 parameters"),
        case(9, "9 parameters"),
        case(1, "a single parameter"),
        *(case(5, "gradients as small as epsilon", SMALL, 1e-3) for _ in range(3)),
        case(3, "the first step", EDGE, first=True),
    ]


def _rmsprop_by_elements(w, s, gradient, rate, beta, epsilon):
    s = [old + (1 - beta) * (slope * slope - old) for old, slope in zip(s, gradient)]
    steps = [rate * slope / (square**0.5 + epsilon) for slope, square in zip(gradient, s)]
    return [weight - step for weight, step in zip(w, steps)], s


def _rmsprop_by_lengths(w, s, gradient, rate, beta, epsilon):
    """The root as the length of what is left of the past and the new gradient."""
    size = np.hypot(np.sqrt(beta * s), np.sqrt(1 - beta) * gradient)
    return w + np.divide(-rate * gradient, size + epsilon), np.square(size)


RMSPROP_STEP = Exercise(
    function=learning.rmsprop_step,
    read="Three ways to take a step",
    cases=_rmsprop_cases,
    refuses={**BAD_SETTINGS, **BAD_BETAS, **BAD_SQUARES, **spoilt("w")},
    criteria=(
        Criterion("the parameters", 2, select=0),
        Criterion("the average of squares", 1, select=1),
        Criterion("where epsilon stands", 1, SMALL),
        Criterion("the first step", 1, EDGE),
    ),
    mistakes="""
        np.sqrt(s) + epsilon => np.sqrt(s + epsilon)
            Your epsilon stands inside the root, where its own root counts. Here it is added
            outside.
        np.sqrt(s) + epsilon => s + epsilon
            You divide by the average of squares itself, and the units of the gradient do not
            cancel: the root is missing.
        np.sqrt(s) + epsilon => np.sqrt(s)
            Your epsilon is missing: where gradients are as small as epsilon it makes a difference.
        beta * s + (1 - beta) * gradient**2 => (1 - beta) * s + beta * gradient**2
            Your beta and 1 - beta have changed places: beta weighs the past.
        beta * s + (1 - beta) * gradient**2 => s + gradient**2
            You add up the squares and forget none, as AdaGrad does.
        beta * s + (1 - beta) * gradient**2 => beta * s + gradient**2
            The factor 1 - beta in front of the new squares is missing.
        w - rate * gradient => w + rate * gradient
            Your step leads uphill: it adds what is to be taken away.
        s = beta * s + (1 - beta) * gradient**2
        => old = s; s = beta * s + (1 - beta) * gradient**2
        np.sqrt(s) + epsilon => np.sqrt(old) + epsilon
            You divide by the average from before this gradient: the new one enters it first.
        (np.sqrt(s) + epsilon), s => (np.sqrt(s) + epsilon), np.sqrt(s)
            You return the root of the average of squares; return the average.
        gradient**2 => np.sum(gradient**2)
            You have one average for all parameters together; each derivative has its own.
    """,
    alternatives=(
        Alternative(_rmsprop_by_elements, why="parameter by parameter, lists"),
        Alternative(_rmsprop_by_lengths, why="the root as a length"),
    ),
)

FIRST, LATE = "the first step", "a late step"


def _adam_cases(rng):
    def case(D, t, kind, group="usual", epsilon=1e-8, first=False):
        w, v, s, gradient = drawn(rng, D, first)
        if group == SMALL:
            v, s, gradient = v * epsilon, s * epsilon**2, gradient * epsilon
        betas = float(rng.uniform(0.6, 0.75)), float(rng.uniform(0.85, 0.95))
        rate = float(rng.uniform(0.05, 0.2))
        return Case((w, v, s, gradient, t, rate, *betas, epsilon), kind, group)

    return [
        case(4, int(rng.integers(2, 5)), "4 parameters, an early step"),
        case(9, int(rng.integers(5, 9)), "9 parameters"),
        case(1, int(rng.integers(2, 5)), "a single parameter"),
        *(case(5, 3, "gradients as small as epsilon", SMALL, 1e-3) for _ in range(3)),
        case(3, 1, "the first step", FIRST, first=True),
        case(3, 5000, "step 5000", LATE),
    ]


def _adam_by_elements(w, v, s, gradient, t, rate, beta_1, beta_2, epsilon):
    new = []
    for weight, speed, square, slope in zip(w, v, s, gradient):
        speed += (1 - beta_1) * (slope - speed)
        square += (1 - beta_2) * (slope * slope - square)
        size = (square / (1 - beta_2**t)) ** 0.5 + epsilon
        new.append((weight - rate * speed / (1 - beta_1**t) / size, speed, square))
    return [list(column) for column in zip(*new)]


def _adam_efficient(w, v, s, gradient, t, rate, beta_1, beta_2, epsilon):
    """Kingma and Ba's second form: corrections in the rate, and an epsilon that grows with them."""
    v = np.average([v, gradient], axis=0, weights=[beta_1, 1 - beta_1])
    s = np.average([s, gradient**2], axis=0, weights=[beta_2, 1 - beta_2])
    root = np.sqrt(1 - beta_2**t)
    return w - rate * root / (1 - beta_1**t) * v / (np.sqrt(s) + epsilon * root), v, s


ADAM_STEP = Exercise(
    function=learning.adam_step,
    read="Three ways to take a step",
    cases=_adam_cases,
    refuses={
        "step 0": {"t": 0},
        "a beta_1 of 1": {"beta_1": 1.0},
        "a beta_2 below 0": {"beta_2": -0.1},
        **BAD_SETTINGS,
        **BAD_SQUARES,
        **spoilt("w"),
    },
    criteria=(
        Criterion("the parameters", 2, select=0),
        Criterion("the two averages", 1, select=(1, 2)),
        Criterion("where epsilon stands", 1, SMALL),
        Criterion("the first step", 1, FIRST),
        Criterion("a step when nothing is left to correct", 1, LATE),
    ),
    mistakes="""
        v / (1 - beta_1**t) => v
        s / (1 - beta_2**t) => s
            The bias correction is missing: at first both averages are too small.
        v / (1 - beta_1**t) => v
            You correct the average of squares and not that of the gradients.
        s / (1 - beta_2**t) => s
            You correct the average of the gradients and not that of the squares.
        v / (1 - beta_1**t) => v / (1 - beta_1 ** (t + 1))
        s / (1 - beta_2**t) => s / (1 - beta_2 ** (t + 1))
            Your count of steps is one ahead: the first step is step 1, not 2.
        np.sqrt(s_corrected) + epsilon => np.sqrt(s_corrected + epsilon)
            Your epsilon stands inside the root, where its own root counts. Here it is added
            outside.
        np.sqrt(s_corrected) + epsilon => np.sqrt(s_corrected)
            Your epsilon is missing: where gradients are as small as epsilon it makes a difference.
        np.sqrt(s_corrected) + epsilon => s_corrected + epsilon
            You divide by the average of squares itself: the root is missing.
        (np.sqrt(s_corrected) + epsilon), v, s
        => (np.sqrt(s_corrected) + epsilon), v_corrected, s_corrected
            You return the corrected averages. What is kept for the next step is not corrected.
        beta_1 * v + (1 - beta_1) * gradient => beta_2 * v + (1 - beta_2) * gradient
        beta_2 * s + (1 - beta_2) * gradient**2 => beta_1 * s + (1 - beta_1) * gradient**2
        v / (1 - beta_1**t) => v / (1 - beta_2**t)
        s / (1 - beta_2**t) => s / (1 - beta_1**t)
            The two betas have changed places: beta_1 belongs to the gradients.
        beta_1 * v + (1 - beta_1) * gradient => beta_1 * v + gradient
            The factor 1 - beta_1 in front of the new gradient is missing.
        w - rate * v_corrected => w + rate * v_corrected
            Your step leads uphill: it adds what is to be taken away.
        w - rate * v_corrected => w - rate * gradient
            You step along the new gradient alone: that is RMSprop with a correction. Adam steps
            along the average.
        (1 - beta_2) * gradient**2 => (1 - beta_2) * v**2
            You average the squares of the averaged gradient; asked for are those of the gradient.
        np.sqrt(s_corrected) + epsilon => np.sqrt(s) + epsilon * np.sqrt(1 - beta_2**t)
            The correction of the average of squares is missing in the root.
    """,
    alternatives=(
        Alternative(_adam_by_elements, why="parameter by parameter, lists"),
        Alternative(_adam_efficient, why="Kingma and Ba's second form"),
    ),
)
