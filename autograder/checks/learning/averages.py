"""Averages that forget, and the optimiser that steps along one."""

from __future__ import annotations

import numpy as np
from scipy import signal

from autograder.checks.learning.inputs import BAD_BETAS, BAD_SETTINGS, drawn
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, spoilt
from autograder.reference import learning


def _average_cases(rng):
    def case(T, beta, kind, group="usual"):
        return Case((3.0 + rng.normal(size=T), beta), kind, group)

    return [
        case(30, float(rng.uniform(0.85, 0.92)), "30 numbers"),
        case(12, float(rng.uniform(0.3, 0.45)), "an average of a short memory"),
        case(50, float(rng.uniform(0.97, 0.99)), "an average of a long memory"),
        case(2, float(rng.uniform(0.6, 0.9)), "two numbers"),
        case(1, float(rng.uniform(0.6, 0.9)), "a single number", EDGE),
        case(6, 0.0, "a beta of 0", EDGE),
    ]


def _average_by_weights(x, beta):
    """Every average as a weighted sum of all numbers."""
    delay = np.arange(len(x))[:, None] - np.arange(len(x))
    weights = np.where(delay >= 0, beta ** np.maximum(delay, 0), 0.0)
    return (1 - beta) * weights @ x, weights @ x / weights.sum(axis=1)


def _average_by_filter(x, beta):
    passed = [signal.lfilter([1 - beta], [1, -beta], one) for one in (x, np.ones(len(x)))]
    return passed[0], passed[0] / passed[1]


def _average_by_moving(x, beta):
    """The corrected average moves towards each number, by less and less."""
    total, mean, plain, corrected = 0.0, 0.0, [], []
    for value in x:
        total = 1 - beta + beta * total
        mean += (1 - beta) / total * (value - mean)
        corrected.append(mean)
        plain.append(mean * total)
    return plain, corrected


EXPONENTIAL_AVERAGE = Exercise(
    function=learning.exponential_average,
    read="Averages that forget",
    cases=_average_cases,
    refuses={
        "a beta of 1": {"beta": 1.0},
        "a beta below 0": {"beta": -0.1},
        **spoilt("x"),
    },
    criteria=(
        Criterion("the average without correction", 2, select=0),
        Criterion("the average with correction", 2, select=1),
        Criterion("a single number, and no memory", 1, EDGE),
    ),
    mistakes="""
        beta * v + (1 - beta) * x[t] => (1 - beta) * v + beta * x[t]
            Your beta and 1 - beta have changed places: beta weighs the past.
        plain, v = np.zeros(len(x)), 0.0 => plain, v = np.zeros(len(x)), x[0]
            You start from the first number; the average starts from 0, which is what the correction
            is there for.
        np.arange(1, len(x) + 1) => np.arange(len(x)).clip(1e-9)
            You count t from 0, and divide the first average by almost nothing.
        np.arange(1, len(x) + 1) => np.arange(2, len(x) + 2)
            Your correction is one step ahead: after the first number t is 1.
        beta * v + (1 - beta) * x[t] => beta * v + x[t]
            The factor 1 - beta of the new number is missing, as in PyTorch's momentum.
        plain / (1 - beta ** np.arange(1, len(x) + 1)) => plain / (1 - beta)
            You divide by the weight of the newest number alone; what has to be made up for is the
            sum of the weights of all numbers so far.
        plain / (1 - beta ** np.arange(1, len(x) + 1)) => plain
            Your second answer is not corrected.
        plain / (1 - beta ** np.arange(1, len(x) + 1))
        => plain / (1 - beta ** len(x))
            You correct all averages as if they were the last one. The correction depends on t.
        plain, plain / (1 - beta ** np.arange(1, len(x) + 1))
        => plain / (1 - beta ** np.arange(1, len(x) + 1)), plain
            Your two answers have changed places.
        plain[t] = v => v /= 1 - beta ** (t + 1); plain[t] = v * (1 - beta ** (t + 1))
            You go on from the corrected average. The correction is for the reader only; the
            recursion goes on without it.
        plain[t] = v => plain[t] = v if t else 0.0
            Your first average should have the first number in it.
    """,
    alternatives=(
        Alternative(_average_by_weights, why="a matrix of weights"),
        Alternative(_average_by_filter, why="a recursive filter, and its response to ones"),
        Alternative(_average_by_moving, why="a mean that moves, lists"),
    ),
)


def _momentum_cases(rng):
    def case(D, kind, group="usual", beta=None, first=False):
        w, v, _, gradient = drawn(rng, D, first)
        beta = float(rng.uniform(0.6, 0.9)) if beta is None else beta
        return Case((w, v, gradient, float(rng.uniform(0.05, 0.2)), beta), kind, group)

    return [
        case(4, "4 parameters"),
        case(9, "9 parameters"),
        case(1, "a single parameter"),
        case(3, "the first step", EDGE, first=True),
        case(3, "a beta of 0", EDGE, beta=0.0),
    ]


def _momentum_by_elements(w, v, gradient, rate, beta):
    v = [old + (1 - beta) * (new - old) for old, new in zip(v, gradient)]
    return [weight - rate * speed for weight, speed in zip(w, v)], v


def _momentum_as_in_torch(w, v, gradient, rate, beta):
    """A velocity without the factor, and a rate that has it."""
    velocity = beta * v / (1 - beta) + gradient
    return w - rate * (1 - beta) * velocity, (1 - beta) * velocity


MOMENTUM_STEP = Exercise(
    function=learning.momentum_step,
    read="Three ways to take a step",
    cases=_momentum_cases,
    refuses={**BAD_SETTINGS, **BAD_BETAS, **spoilt("w")},
    criteria=(
        Criterion("the parameters", 2, select=0),
        Criterion("the velocity", 1, select=1),
        Criterion("the first step, and no memory", 1, EDGE),
    ),
    mistakes="""
        (1 - beta) * gradient => gradient
            The factor 1 - beta in front of the new gradient is missing. That is PyTorch's momentum.
        w - rate * v => w + rate * v
            Your step leads uphill: it adds what is to be taken away.
        v = beta * v => before = v; v = beta * v
        w - rate * v => w - rate * before
            You step with the velocity from before this gradient: the new gradient enters it first.
        beta * v + (1 - beta) * gradient => (1 - beta) * v + beta * gradient
            Your beta and 1 - beta have changed places: beta weighs the past.
        w - rate * v => w - rate * gradient
            You step along the gradient, and the velocity has no effect.
        beta * v + (1 - beta) * gradient => beta * v - rate * gradient
        w - rate * v => w + v
            Your velocity has the learning rate in it, as in some texts; here it is an average of
            gradients.
        return w - rate * v, v => return w - rate * (beta * v + (1 - beta) * gradient), v
            You look one step ahead, as Nesterov does. Asked for is plain momentum.
    """,
    alternatives=(
        Alternative(_momentum_by_elements, why="parameter by parameter, lists"),
        Alternative(_momentum_as_in_torch, why="PyTorch's velocity, scaled back"),
    ),
)
