"""The net with one gate, forwards and backwards."""

from __future__ import annotations

import numpy as np

from autograder.checks.recurrent.inputs import away_from_zero
from autograder.exercise.compare import DERIVED_EXACTLY
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, spoilt
from autograder.reference import recurrent
from autograder.reference.recurrent import logistic

NAMES = ("w_c", "u_c", "b_c", "w_o", "u_o", "b_o")


def _weights(rng):
    return dict(zip(NAMES, away_from_zero(rng, 6).tolist()))


def _forward_cases(rng):
    return [
        Case((rng.normal(size=10), _weights(rng)), "10 inputs"),
        Case((rng.normal(size=6), _weights(rng)), "6 inputs"),
        Case((rng.normal(size=1) + 2, _weights(rng)), "a single input"),
        Case(([1, 0, 0, 2], _weights(rng)), "a list of whole numbers"),
    ]


def _forward_by_lists(x, weights):
    w_c, u_c, b_c, w_o, u_o, b_o = (weights[name] for name in NAMES)
    c, o, h = [0.0], [], [0.0]
    for now in x:
        c.append(c[-1] + w_c * now + u_c * h[-1] + b_c)
        o.append(1 / (1 + np.exp(-(w_o * now + u_o * h[-1] + b_o))))
        h.append(o[-1] * c[-1])
    return c[1:], o, h[1:]


def _forward_stacked(x, weights):
    """Both sums at once, as a two-by-three matrix times (x, h, 1)."""
    matrix = np.reshape([weights[name] for name in NAMES], (2, 3))
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
    refuses=spoilt("x"),
    criteria=(Criterion("cell, gate and output", 2),),
    mistakes="""
        u_o * output + b_o) => u_o * cell + b_o)
            Your gate listens to the cell; it hears the last output, which is what the gate let
            through.
        cell = cell + w_c => cell = w_c
            Your cell starts afresh at every time: it must keep what it held.
        logistic(w_o * x[n] + u_o * output + b_o) => w_o * x[n] + u_o * output + b_o
            The gate is not between 0 and 1: its sigmoid is missing.
        output = o[n] * cell => output = o[n] * np.tanh(cell)
            There is no tanh behind the cell of this net: the output is gate times cell.
        output = o[n] * cell => output = o[n] * c[n - 1]
            The gate lets the old cell through; the output takes the cell of its own time.
    """,
    alternatives=(
        Alternative(_forward_by_lists, why="loops and lists"),
        Alternative(_forward_stacked, why="one matrix for both sums"),
    ),
)


def _backward_case(rng, length, kind):
    v = _weights(rng)
    c, o, _ = recurrent.one_gate_forward(rng.normal(size=length), v)
    return Case((rng.normal(size=length), c, o, v["u_c"], v["u_o"]), kind)


def _backward_cases(rng):
    later = _backward_case(rng, 8, "").args[1:]
    return [
        _backward_case(rng, 15, "15 times"),
        _backward_case(rng, 4, "4 times"),
        Case((np.eye(8)[-1], *later), "a loss that looks at the last output only"),
        _backward_case(rng, 1, "a single time"),
    ]


def _backward_by_loops(epsilon, c, o, u_c, u_o):
    answer, by_o, by_c, slope = [], 0.0, 0.0, 0.0
    for e, cell, gate in reversed(list(zip(epsilon, c, o))):
        by_h = e + by_c * u_c + by_o * slope * u_o
        by_o, by_c, slope = by_h * cell, by_c + by_h * gate, gate * (1 - gate)
        answer.insert(0, (by_h, by_o, by_c))
    return list(zip(*answer))


def _backward_by_solving(epsilon, c, o, u_c, u_o):
    N = len(epsilon)
    after, nothing = np.eye(N, k=1), np.zeros((N, N))
    by_h = [nothing, after @ np.diag(o * (1 - o) * u_o), u_c * after]
    system = np.block([by_h, [np.diag(c), nothing, nothing], [np.diag(o), nothing, after]])
    return np.linalg.solve(np.eye(3 * N) - system, [*epsilon, *np.zeros(2 * N)]).reshape(3, N)


ONE_GATE_BACKWARD = Exercise(
    function=recurrent.one_gate_backward,
    read="Two orders of going back",
    answers=("homework 6.3",),
    cases=_backward_cases,
    refuses={"lengths that differ": {"epsilon": lambda e: e[:-1]}, **spoilt("epsilon")},
    criteria=(
        Criterion("with respect to the outputs", 2, select=0, equal=DERIVED_EXACTLY),
        Criterion("with respect to the gate", 1, select=1, equal=DERIVED_EXACTLY),
        Criterion("with respect to the cell", 2, select=2, equal=DERIVED_EXACTLY),
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
            Your slope is that of another time; take that of the gate the derivative passes.
        delta_o[n] = delta_h[n] * c[n] => delta_o[n] = delta_h[n] * c[n] * slope[n]
            You return derivatives with respect to the argument of the sigmoid; those with respect
            to the gate are asked for.
    """,
    alternatives=(
        Alternative(_backward_by_loops, why="loops and lists"),
        Alternative(_backward_by_solving, why="one linear system instead of recursions"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
)
