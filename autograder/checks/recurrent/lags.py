"""A unit that listens to its own last outputs, and a small computation to warm up on."""

from __future__ import annotations

import numpy as np

from autograder.checks.recurrent.inputs import away_from_zero
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import BAD, DERIVED, DIFFERENTIATORS, REFUSES, with_nan
from autograder.reference import recurrent
from autograder.reference.recurrent import finite_array

# ---- forward ----


def _output_cases(rng):
    x, w = rng.normal(size=30), away_from_zero(rng, 4)
    return [
        Case((x, w), "30 inputs and four lags"),
        Case((rng.normal(size=12), away_from_zero(rng, 1)), "12 inputs and one lag"),
        Case((rng.normal(size=5), away_from_zero(rng, 8)), "more lags than inputs"),
        Case((rng.normal(size=1), away_from_zero(rng, 2)), "a single input"),
        Case((with_nan(x), w), "NaN in x", BAD),
        Case((x, []), "no weights at all", BAD),
        Case(([], w), "an empty x", BAD),
    ]


def _outputs_by_loops(x, w):
    h = []
    for now in finite_array(x, "x").tolist():
        heard = sum(weight * past for weight, past in zip(finite_array(w, "w"), reversed(h)))
        h.append(1 / (1 + np.exp(-(now + heard))))
    if len(w) == 0:
        raise ValueError("no weights")
    return h


def _outputs_single(x, w):
    return recurrent.recurrent_outputs(x, w).astype(np.float32)


RECURRENT_OUTPUTS = Exercise(
    function=recurrent.recurrent_outputs,
    read="A unit that hears itself",
    cases=_output_cases,
    criteria=(Criterion("outputs", 2), Criterion(REFUSES, 1, BAD)),
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
    alternatives=(
        Alternative(_outputs_by_loops, why="loops and lists"),
        Alternative(_outputs_single, why="single precision"),
    ),
)

# ---- backward, every lag ----


def _lag_case(rng, length, lags, kind):
    x, w = rng.normal(size=length), away_from_zero(rng, lags)
    h = recurrent.recurrent_outputs(x, w)
    y = rng.integers(0, 2, length)
    return Case((y, h, w), kind)


def _lag_cases(rng):
    y, h, w = _lag_case(rng, 10, 3, "").args
    return [
        _lag_case(rng, 25, 4, "25 outputs and four lags"),
        _lag_case(rng, 12, 1, "12 outputs and one lag"),
        _lag_case(rng, 4, 6, "more lags than outputs"),
        Case((rng.uniform(0.1, 0.9, 10), h, w), "targets between 0 and 1"),
        Case((y[:-1], h, w), "fewer targets than outputs", BAD),
        Case((y, np.append(h[:-1], 1.0), w), "an output of exactly 1", BAD),
        Case((y + 1, h, w), "a target of 2", BAD),
        Case((y, with_nan(h), w), "NaN in h", BAD),
    ]


def _lags_by_loops(y, h, w):
    if len(y) != len(h) or min(y) < 0 or max(y) > 1 or not all(0 < one < 1 for one in h):
        raise ValueError("bad input")
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
    y, h, w = finite_array(y, "y"), finite_array(h, "h"), finite_array(w, "w")
    if y.shape != h.shape or np.any((y < 0) | (y > 1) | (h <= 0) | (h >= 1)):
        raise ValueError("bad input")
    N = len(h)
    feedback = np.zeros((N, N))
    for m in range(1, min(len(w), N - 1) + 1):
        feedback += w[m - 1] * np.eye(N, k=-m)
    slope = np.diag(h * (1 - h))
    delta = np.linalg.solve(np.eye(N) - (slope @ feedback).T, (h - y) / (h * (1 - h)) / N)
    past = [np.append(np.zeros(min(m, N)), h[: max(N - m, 0)]) for m in range(1, len(w) + 1)]
    return delta, np.array(past) @ slope @ delta


_EARLY = "delta[n] = (h[n] - y[n]) / (N * slope[n]) + later"

LAG_GRADIENTS = Exercise(
    function=recurrent.lag_gradients,
    read="Every way to the loss",
    answers=("homework 6.1",),
    cases=_lag_cases,
    criteria=(
        Criterion("total derivatives by the outputs", 3, select=lambda answer: answer[0]),
        Criterion("gradient by every lag", 3, select=lambda answer: answer[1]),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes="""
        slope = h * (1 - h) => slope = h * (h - 1)
            The derivative of the sigmoid has the wrong sign: the printed solution of this homework
            has h(h-1) in it, and a sigmoid rises.
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

# ---- a small computation ----


def _total_cases(rng):
    x = rng.uniform(0.4, 1.4, 6) * rng.choice([-1, 1], 6)
    return [
        Case((x,), "six numbers of either sign"),
        Case((rng.uniform(1.5, 2.5, 3),), "numbers around 2"),
        Case((np.append(0.0, rng.uniform(0.5, 1, 1)),), "zero, and another number"),
        Case((with_nan(x),), "NaN in x", BAD),
        Case(([],), "an empty x", BAD),
    ]


def _total_written_out(x):
    x = finite_array(x, "x").tolist()
    by_1 = [np.cos(v) + np.sin(v**3) for v in x]
    by_0 = [v**3 + (np.cos(v) + np.sin(v**3)) * np.cos(v**3) for v in x]
    by_x = [
        3 * v**5 + (np.cos(v) + np.sin(v**3)) * (3 * v * v * np.cos(v**3) - np.sin(v)) for v in x
    ]
    return [by_1, by_0, by_x]


def _total_forwards(x):
    """From the input on: how much each variable moves when x does."""
    x = finite_array(x, "x")
    h_0, by_x_0 = x**3, 3 * x**2
    h_1, by_x_1 = np.cos(x) + np.sin(h_0), -np.sin(x) + np.cos(h_0) * by_x_0
    return h_1, h_0 + h_1 * np.cos(h_0), h_0 * by_x_0 + h_1 * by_x_1


TOTAL_DERIVATIVES = Exercise(
    function=recurrent.total_derivatives,
    read="Every way to the loss",
    answers=("homework 6.2",),
    cases=_total_cases,
    criteria=(
        Criterion("by h_1 and by h_0", 2, select=lambda answer: tuple(answer[:2])),
        Criterion("by x", 2, select=lambda answer: answer[2]),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes="""
        h_0 + dy_dh1 * np.cos(h_0) => h_0
            Your derivative by h_0 is the partial one: h_0 also acts on y through h_1.
        dy_dh0 * 3 * x**2 - dy_dh1 * np.sin(x) => dy_dh0 * 3 * x**2
            x acts on y through h_0, and also through h_1 without passing h_0.
        - dy_dh1 * np.sin(x) => + dy_dh1 * np.sin(x)
            The derivative of the cosine has a minus sign.
        dy_dh1 * np.cos(h_0) => dy_dh1 * np.cos(x)
            h_1 contains the sine of h_0, so its slope is to be taken at h_0, not at x.
        dy_dh0 * 3 * x**2 - dy_dh1 * np.sin(x)
        => dy_dh0 * 3 * x**2 + dy_dh1 * (np.cos(h_0) * 3 * x**2 - np.sin(x))
            The way from x through h_0 and h_1 is counted twice: the total derivative by h_0 has it
            already.
    """,
    alternatives=(
        Alternative(_total_written_out, why="written out as functions of x, in loops and lists"),
        Alternative(_total_forwards, why="from the input forwards instead of from the output"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
)
