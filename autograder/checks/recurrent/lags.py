"""A unit that listens to its own last outputs, and a small computation to warm up on."""

from __future__ import annotations

import numpy as np

from autograder.checks.recurrent.inputs import away_from_zero
from autograder.exercise.compare import DERIVED_EXACTLY
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, spoilt
from autograder.reference import recurrent


def _output_cases(rng):
    x, w = rng.normal(size=30), away_from_zero(rng, 4)
    return [
        Case((x, w), "30 inputs and four lags"),
        Case((rng.normal(size=12), away_from_zero(rng, 1)), "12 inputs and one lag"),
        Case((rng.normal(size=5), away_from_zero(rng, 8)), "more lags than inputs"),
        Case((rng.normal(size=1), away_from_zero(rng, 2)), "a single input"),
    ]


def _outputs_by_loops(x, w):
    h = []
    for now in x:
        heard = sum(weight * past for weight, past in zip(w, reversed(h)))
        h.append(1 / (1 + np.exp(-(now + heard))))
    return h


RECURRENT_OUTPUTS = Exercise(
    function=recurrent.recurrent_outputs,
    read="A unit that hears itself",
    cases=_output_cases,
    refuses={**spoilt("x"), "no weights at all": {"w": []}},
    criteria=(Criterion("outputs", 2),),
    mistakes="""
        h[n : n + M][::-1] => h[n : n + M]
            Your weights meet the past outputs in the opposite order: w_1 belongs to the latest one.
        logistic(x[n] + w @ heard) => x[n] + w @ heard
            What comes out is xi[n]: the sigmoid is missing, and h with it stays in 0 to 1.
        logistic(x[n] + w @ heard) => np.tanh(x[n] + w @ heard)
            You squash with tanh; this unit has the logistic sigmoid, which is never negative.
        logistic(x[n] + w @ heard) => logistic(x[n] + w[: M - 1] @ heard[: M - 1])
            The oldest output is left out: w has M entries and all M lags count.
        logistic(x[n] + w @ heard) => logistic(x[n])
            The unit does not hear itself: its past outputs do not enter.
    """,
    alternatives=(Alternative(_outputs_by_loops, why="loops and lists"),),
)


def _lag_case(rng, length, lags, kind):
    x, w = rng.normal(size=length), away_from_zero(rng, lags)
    return Case((rng.integers(0, 2, length), recurrent.recurrent_outputs(x, w), w), kind)


def _lag_cases(rng):
    _, h, w = _lag_case(rng, 10, 3, "").args
    return [
        _lag_case(rng, 25, 4, "25 outputs and four lags"),
        _lag_case(rng, 12, 1, "12 outputs and one lag"),
        _lag_case(rng, 4, 6, "more lags than outputs"),
        Case((rng.uniform(0.1, 0.9, 10), h, w), "targets between 0 and 1"),
    ]


def _lags_by_loops(y, h, w):
    N, M = len(h), len(w)
    delta, gradient = [0.0] * N, [0.0] * M
    for n in range(N - 1, -1, -1):
        delta[n] = -(y[n] / h[n] - (1 - y[n]) / (1 - h[n])) / N
        for m in range(1, M + 1):
            if n + m < N:
                delta[n] += delta[n + m] * h[n + m] * (1 - h[n + m]) * w[m - 1]
        for m in range(1, min(M, n) + 1):
            gradient[m - 1] += delta[n] * h[n] * (1 - h[n]) * h[n - m]
    return delta, gradient


def _lags_by_solving(y, h, w):
    """All total derivatives at once: they satisfy one triangular system of equations."""
    N, slope = len(h), np.diag(h * (1 - h))
    lags = range(1, len(w) + 1)
    feedback = sum(w[m - 1] * np.eye(N, k=-m) for m in lags)
    delta = np.linalg.solve(np.eye(N) - (slope @ feedback).T, (h - y) / (h * (1 - h)) / N)
    past = [np.eye(N, k=-m) @ h for m in lags]
    return delta, np.array(past) @ slope @ delta


LAG_GRADIENTS = Exercise(
    function=recurrent.lag_gradients,
    read="Every way to the loss",
    answers=("homework 6.1",),
    cases=_lag_cases,
    refuses={
        "fewer targets than outputs": {"y": lambda y: y[:-1]},
        "an output of exactly 1": {"h": lambda h: np.append(h[:-1], 1.0)},
        **spoilt("h"),
    },
    criteria=(
        Criterion(
            "total derivatives with respect to the outputs", 3, select=0, equal=DERIVED_EXACTLY
        ),
        Criterion("gradient with respect to every lag", 3, select=1, equal=DERIVED_EXACTLY),
    ),
    mistakes="""
        slope = h * (1 - h) => slope = h * (h - 1)
            The derivative of the sigmoid has the wrong sign: the printed solution of this homework
            has h(h-1) in it, and a sigmoid rises.
        by_xi[n] = delta[n] * slope[n] => by_xi[n] = -delta[n] * slope[n]
            On the way back through the sigmoid your slope has the wrong sign: it is h(1-h), and the
            printed h(h-1) is a slip.
        by_xi[n] = delta[n] * slope[n] => by_xi[n] = delta[n] * (1 - h[n] ** 2)
            The slope with which you come back through the sigmoid is that of a tanh.
        w @ by_xi[n + 1 : n + 1 + M] => slope[n] * (w @ by_xi[n + 1 : n + 1 + M])
        by_xi[n] = delta[n] * slope[n] => by_xi[n] = delta[n]
        by_xi[m:N] @ h => (by_xi[:N] * slope)[m:N] @ h
            You take the slope at the output that was heard. What lies in between is the sigmoid of
            the later output, and its slope is to be taken there.
        delta[n] = (h[n] - y[n]) / (N * slope[n]) + later
        => delta[n] = (h[n] - y[n]) / (N * slope[n])
            Those are the partial derivatives: an output also acts on the loss through the outputs
            that hear it later.
        by_xi[n] = delta[n] * slope[n] => by_xi[n] = delta[n]
            On its way back from h to xi each derivative has to pass through the sigmoid.
        delta[n] = (h[n] - y[n]) => delta[n] = (y[n] - h[n])
            Your gradient points downhill: the loss grows when an output moves away from its target,
            so check the sign of its derivative.
        (N * slope[n]) => slope[n]
            The loss is an average over the N times, and the factor 1/N is missing.
        by_xi[m:N] @ h[: N - m] => by_xi[: N - m] @ h[m:N]
            In your gradient each derivative meets an output m steps later; the weight w_m
            multiplied the one m steps before.
        by_xi[m:N] @ h[: N - m] => by_xi[N - 1] * h[N - 1 - m]
            The same weight is used at every time, and your gradient counts only one of them: the
            sum over n is missing.
        w @ by_xi[n + 1 : n + 1 + M] => w[::-1] @ by_xi[n + 1 : n + 1 + M]
            On the way back the weights are in the wrong order: what h[n] does to h[n+1] goes
            through w_1.
    """,
    alternatives=(
        Alternative(_lags_by_loops, why="loops and lists"),
        Alternative(_lags_by_solving, why="one triangular system instead of a recursion"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
)


def _total_cases(rng):
    x = rng.uniform(0.4, 1.4, 6) * rng.choice([-1, 1], 6)
    return [
        Case((x,), "six numbers of either sign"),
        Case((rng.uniform(1.5, 2.5, 3),), "numbers around 2"),
        Case((np.append(0.0, rng.uniform(0.5, 1, 1)),), "zero, and another number"),
    ]


def _total_written_out(x):
    by_1 = [np.cos(v) + np.sin(v**3) for v in x]
    by_0 = [v**3 + (np.cos(v) + np.sin(v**3)) * np.cos(v**3) for v in x]
    by_x = [
        3 * v**5 + (np.cos(v) + np.sin(v**3)) * (3 * v * v * np.cos(v**3) - np.sin(v)) for v in x
    ]
    return [by_1, by_0, by_x]


def _total_forwards(x):
    """From the input on: how much each variable moves when x does."""
    h_0, by_x_0 = x**3, 3 * x**2
    h_1, by_x_1 = np.cos(x) + np.sin(h_0), -np.sin(x) + np.cos(h_0) * by_x_0
    return h_1, h_0 + h_1 * np.cos(h_0), h_0 * by_x_0 + h_1 * by_x_1


TOTAL_DERIVATIVES = Exercise(
    function=recurrent.total_derivatives,
    read="Every way to the loss",
    answers=("homework 6.2",),
    cases=_total_cases,
    refuses=spoilt("x"),
    criteria=(
        Criterion("with respect to h_1 and to h_0", 2, select=(0, 1), equal=DERIVED_EXACTLY),
        Criterion("with respect to x", 2, select=2, equal=DERIVED_EXACTLY),
    ),
    mistakes="""
        h_0 + dy_dh1 * np.cos(h_0) => h_0
            Your derivative with respect to h_0 is the partial one: h_0 also acts on y through h_1.
        dy_dh0 * 3 * x**2 - dy_dh1 * np.sin(x) => dy_dh0 * 3 * x**2
            x acts on y through h_0, and also through h_1 without passing h_0.
        - dy_dh1 * np.sin(x) => + dy_dh1 * np.sin(x)
            The derivative of the cosine has a minus sign.
        dy_dh1 * np.cos(h_0) => dy_dh1 * np.cos(x)
            h_1 contains the sine of h_0, so its slope is to be taken at h_0, not at x.
        dy_dh0 * 3 * x**2 - dy_dh1 * np.sin(x)
        => dy_dh0 * 3 * x**2 + dy_dh1 * (np.cos(h_0) * 3 * x**2 - np.sin(x))
            The way from x through h_0 and h_1 is counted twice: the total derivative with respect
            to h_0 has it already.
    """,
    alternatives=(
        Alternative(_total_written_out, why="written out as functions of x, in loops and lists"),
        Alternative(_total_forwards, why="from the input forwards instead of from the output"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
)
