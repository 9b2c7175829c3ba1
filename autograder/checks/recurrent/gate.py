"""The net with one gate, forwards and backwards."""

from __future__ import annotations

import numpy as np

from autograder.checks.recurrent.inputs import away_from_zero
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import BAD, DERIVED, DIFFERENTIATORS, REFUSES, with_nan
from autograder.reference import recurrent
from autograder.reference.recurrent import finite_array, logistic

NAMES = ("w_c", "u_c", "b_c", "w_o", "u_o", "b_o")


def _weights(rng):
    return dict(zip(NAMES, away_from_zero(rng, 6).tolist()))


# ---- forward ----


def _forward_cases(rng):
    x, weights = rng.normal(size=10), _weights(rng)
    missing = {name: value for name, value in weights.items() if name != "u_o"}
    return [
        Case((x, weights), "10 inputs"),
        Case((rng.normal(size=6), _weights(rng)), "6 inputs"),
        Case((rng.normal(size=1) + 2, _weights(rng)), "a single input"),
        Case(([1, 0, 0, 2], _weights(rng)), "a list of whole numbers"),
        Case(([], weights), "an empty x", BAD),
        Case((with_nan(x), weights), "NaN in x", BAD),
        Case((x, missing), "weights without u_o", BAD),
        Case((x, {**weights, "b_c": float("inf")}), "an infinite weight", BAD),
    ]


def _forward_by_lists(x, weights):
    w = {name: float(weights[name]) if name in weights else np.nan for name in NAMES}
    if not np.all(np.isfinite(list(w.values()))):
        raise ValueError("bad weights")
    c, o, h = [0.0], [], [0.0]
    for now in finite_array(x, "x").tolist():
        c.append(c[-1] + w["w_c"] * now + w["u_c"] * h[-1] + w["b_c"])
        o.append(1 / (1 + np.exp(-(w["w_o"] * now + w["u_o"] * h[-1] + w["b_o"]))))
        h.append(o[-1] * c[-1])
    return c[1:], o, h[1:]


def _forward_stacked(x, weights):
    """Both sums at once, as a two-by-three matrix times (x, h, 1)."""
    x = finite_array(x, "x")
    if not set(NAMES) <= set(weights):
        raise ValueError("missing weights")
    matrix = finite_array([[weights[f"{k}_{part}"] for k in "wub"] for part in "co"], "w", 2)
    rows = np.zeros((len(x) + 1, 3))
    for n, now in enumerate(x):
        change, z = matrix @ [now, rows[n, 2], 1.0]
        gate = logistic(z)
        rows[n + 1] = rows[n, 0] + change, gate, gate * (rows[n, 0] + change)
    return tuple(rows[1:].T)


ONE_GATE_FORWARD = Exercise(
    function=recurrent.one_gate_forward,
    read="Two orders of going back",
    cases=_forward_cases,
    criteria=(Criterion("cell, gate and output", 2), Criterion(REFUSES, 1, BAD)),
    mistakes=(
        """
        u_o * output + b_o) => u_o * cell + b_o)
            Your gate listens to the cell; it hears the last output, which is what the gate let
            through.
        cell = cell + w_c => cell = w_c
            Your cell starts afresh at every time: it must keep what it held.
        logistic(w_o * x[n] + u_o * output + b_o) => w_o * x[n] + u_o * output + b_o
            The gate is not between 0 and 1: its sigmoid is missing.
        """,
        Mistake(
            (("output = o[n] * cell\n", "output = o[n] * np.tanh(cell)\n"),),
            says="There is no tanh behind the cell of this net: the output is gate times cell.",
        ),
        Mistake(
            (("output = o[n] * cell\n", "output = o[n] * c[n - 1]\n"),),
            says="The gate lets the old cell through; the output takes the cell of its own time.",
        ),
    ),
    alternatives=(
        Alternative(_forward_by_lists, why="loops and lists"),
        Alternative(_forward_stacked, why="one matrix for both sums"),
    ),
)

# ---- backward ----


def _backward_case(rng, length, kind):
    v = _weights(rng)
    c, o, _ = recurrent.one_gate_forward(rng.normal(size=length), v)
    return Case((rng.normal(size=length), c, o, v["u_c"], v["u_o"]), kind)


def _backward_cases(rng):
    epsilon, c, o, u_c, u_o = _backward_case(rng, 8, "").args
    last = np.append(np.zeros(7), 1.0)
    return [
        _backward_case(rng, 15, "15 times"),
        _backward_case(rng, 4, "4 times"),
        Case((last, c, o, u_c, u_o), "a loss that looks at the last output only"),
        _backward_case(rng, 1, "a single time"),
        Case((epsilon[:-1], c, o, u_c, u_o), "lengths that differ", BAD),
        Case((with_nan(epsilon), c, o, u_c, u_o), "NaN in epsilon", BAD),
        Case(([], [], [], u_c, u_o), "no times at all", BAD),
    ]


def _backward_by_loops(epsilon, c, o, u_c, u_o):
    if not len(epsilon) == len(c) == len(o) or len(c) == 0 or np.isnan(np.sum(epsilon)):
        raise ValueError("bad input")
    by_h, by_o, by_c = [], [], []
    later_o = later_c = slope = 0.0
    for e, cell, gate in reversed(list(zip(epsilon, c, o))):
        h = e + later_c * u_c + later_o * slope * u_o
        later_o, later_c, slope = h * cell, later_c + h * gate, gate * (1 - gate)
        by_h.insert(0, h)
        by_o.insert(0, later_o)
        by_c.insert(0, later_c)
    return [by_h, by_o, by_c]


def _backward_by_solving(epsilon, c, o, u_c, u_o):
    """The three recursions as one system of linear equations, solved as it stands."""
    epsilon, c, o = (finite_array(v, "v") for v in (epsilon, c, o))
    N = len(epsilon)
    if not len(c) == len(o) == N:
        raise ValueError("bad input")
    after = np.eye(N, k=1)
    nothing = np.zeros((N, N))
    slopes = np.diag(o * (1 - o) * u_o)
    system = np.block(
        [
            [nothing, after @ slopes, u_c * after],
            [np.diag(c), nothing, nothing],
            [np.diag(o), nothing, after],
        ]
    )
    known = np.concatenate([epsilon, np.zeros(2 * N)])
    return np.linalg.solve(np.eye(3 * N) - system, known).reshape(3, N)


ONE_GATE_BACKWARD = Exercise(
    function=recurrent.one_gate_backward,
    read="Two orders of going back",
    answers=("homework 6.3",),
    cases=_backward_cases,
    criteria=(
        Criterion("by the outputs", 2, select=lambda answer: answer[0]),
        Criterion("by the gate", 1, select=lambda answer: answer[1]),
        Criterion("by the cell", 2, select=lambda answer: answer[2]),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes="""
        delta_c[n + 1] + delta_h[n] * o[n] => delta_c[n + 1] + delta_h[n + 1] * o[n]
            The cell reaches the loss through the output of its own time, not of the next one: the
            printed solution of this homework has the slip, too.
        delta_c[n + 1] + delta_h[n] * o[n] => delta_h[n] * o[n]
            The cell is kept for the next time, and that is a way to the loss as well.
        epsilon[n] + through_cell + through_gate => epsilon[n] + through_cell
            The last output also opens and shuts the next gate; that way back is missing.
        epsilon[n] + through_cell + through_gate => epsilon[n] + through_gate
            The last output also enters the next cell; that way back is missing.
        delta_o[n + 1] * slope[n + 1] * u_o => delta_o[n + 1] * u_o
            Between the gate and what it hears lies a sigmoid, whose slope is missing.
        delta_o[n + 1] * slope[n + 1] * u_o => delta_o[n + 1] * slope[n] * u_o
            The slope of the sigmoid is taken at the wrong time: it is that of the gate the
            derivative comes back through.
        delta_o[n] = delta_h[n] * c[n] => delta_o[n] = delta_h[n] * c[n] * slope[n]
            You return derivatives by the argument of the gate's sigmoid; asked for are those by the
            gate itself.
    """,
    alternatives=(
        Alternative(_backward_by_loops, why="loops and lists"),
        Alternative(_backward_by_solving, why="one linear system instead of recursions"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
)
