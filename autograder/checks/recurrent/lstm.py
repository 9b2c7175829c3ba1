"""A layer of LSTM units, forwards and backwards."""

from __future__ import annotations

import numpy as np

from autograder.checks.recurrent.inputs import away_from_zero
from autograder.exercise.compare import DERIVED_EXACTLY
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, spoilt
from autograder.reference import recurrent

READY_MADE = ("torch.nn.LSTM", "torch.nn.LSTMCell")


def _layer(rng, N, D, H):
    x = rng.normal(size=(N, D))
    return x, *(away_from_zero(rng, *shape) for shape in ((4, H, D), (4, H, H), (4, H)))


def _forward_cases(rng):
    return [
        Case(_layer(rng, 8, 5, 3), "3 units on 5 features"),
        Case(_layer(rng, 6, 2, 2), "2 units on 2 features"),
        Case(_layer(rng, 4, 1, 1), "one unit on one feature"),
        Case(_layer(rng, 1, 3, 4), "a single time"),
    ]


def _forward_by_units(x, W, U, b):
    H = b.shape[1]
    gates, c, h = [], [[0.0] * H], [[0.0] * H]
    for now in x:
        gates.append([[0.0] * H for _ in range(4)])
        for k, j in np.ndindex(4, H):
            z = sum(W[k][j] * now) + sum(U[k][j][m] * h[-1][m] for m in range(H)) + b[k][j]
            gates[-1][k][j] = np.tanh(z) if k == 2 else 1 / (1 + np.exp(-z))
        i, f, g, o = gates[-1]
        c.append([f[j] * c[-1][j] + i[j] * g[j] for j in range(H)])
        h.append([o[j] * np.tanh(c[-1][j]) for j in range(H)])
    return gates, c[1:], h[1:]


def _forward_in_one_product(x, W, U, b):
    """All inputs at once, and all gates in one matrix."""
    N, H = len(x), b.shape[1]
    from_input = x @ W.reshape(4 * H, -1).T + b.ravel()
    out = np.zeros((N, 6, H))
    c, h = np.zeros(H), np.zeros(H)
    for n, row in enumerate(from_input):
        z = (row + U.reshape(4 * H, H) @ h).reshape(4, H)
        out[n, :4] = recurrent.logistic(z)
        out[n, 2] = np.tanh(z[2])
        c = out[n, 1] * c + out[n, 0] * out[n, 2]
        h = out[n, 3] * np.tanh(c)
        out[n, 4:] = c, h
    return out[:, :4], out[:, 4], out[:, 5]


LSTM_FORWARD = Exercise(
    function=recurrent.lstm_forward,
    read="Gates",
    cases=_forward_cases,
    refuses=spoilt("x"),
    criteria=(Criterion("gates", 1, select=0), Criterion("cells and outputs", 3, select=(1, 2))),
    mistakes="""
        f * cell + i * g => i * cell + f * g
            The gates i and f have changed places: f keeps the old cell, i lets the new value in.
        f * cell + i * g => cell + i * g
            Your cell never forgets: the gate f has nothing to do.
        o * np.tanh(cell) => o * cell
            The cell passes a tanh before the gate o lets it out.
        np.tanh(z[2]) => logistic(z[2])
            The value g is squashed by tanh, not by a sigmoid: a cell must be able to go down.
        logistic(z[1]), np.tanh(z[2]), logistic(z[3])
        => logistic(z[1]), np.tanh(z[3]), logistic(z[2])
            The order of the four parts is i, f, g, o; your last two are exchanged.
        U @ output => U @ cell
            The gates hear the last output, not the last cell.
        W @ x[n] + U @ output + b => W @ x[n] + b
            Nothing is recurrent but the cell: the last output is missing in the gates.
    """,
    alternatives=(
        Alternative(_forward_by_units, why="loops over units, lists"),
        Alternative(_forward_in_one_product, why="one matrix for all gates"),
    ),
    forbidden=READY_MADE,
)


def _backward_case(rng, N, D, H, kind):
    x, W, U, b = _layer(rng, N, D, H)
    gates, c, h = recurrent.lstm_forward(x, W, U, b)
    return Case((rng.normal(size=(N, H)), x, gates, c, h, U), kind)


def _backward_cases(rng):
    _, *rest = _backward_case(rng, 5, 2, 3, "").args
    return [
        _backward_case(rng, 7, 4, 3, "3 units on 4 features"),
        _backward_case(rng, 9, 2, 1, "one unit"),
        Case((np.outer(np.eye(5)[-1], np.ones(3)), *rest), "a loss of the last output only"),
    ]


def _backward_by_matrices(epsilon, x, gates, c, h, U):
    """The recursion on the pair (by z, by c), with matrices of derivatives."""
    (N, H), D = epsilon.shape, x.shape[1]
    old_c, old_h = (np.vstack([np.zeros(H), v[:-1]]) for v in (c, h))
    deltas = []
    dW, dU, db = np.zeros((4, H, D)), np.zeros((4, H, H)), np.zeros((4, H))
    by_z, by_c = np.zeros((4, H)), np.zeros(H)
    for n in range(N - 1, -1, -1):
        i, f, g, o, squashed = map(np.diag, (*gates[n], np.tanh(c[n])))
        by_h = epsilon[n] + sum(by_z[k] @ U[k] for k in range(4))
        by_c = by_c + by_h @ o @ (np.eye(H) - squashed**2)
        deltas.insert(0, (by_h, by_c))
        of_f, of_g = by_c @ np.diag(old_c[n]) @ (f - f @ f), by_c @ i @ (np.eye(H) - g @ g)
        by_z = np.array([by_c @ g @ (i - i @ i), of_f, of_g, by_h @ squashed @ (o - o @ o)])
        dW += by_z[:, :, None] * x[n]
        dU += by_z[:, :, None] * old_h[n]
        db += by_z
        by_c = by_c @ f
    return *zip(*deltas), dW, dU, db


LSTM_BACKWARD = Exercise(
    function=recurrent.lstm_backward,
    read="Gates",
    cases=_backward_cases,
    refuses={"an epsilon of one time only": {"epsilon": lambda e: e[:1]}, **spoilt("epsilon")},
    criteria=(
        Criterion("with respect to outputs and cells", 4, select=(0, 1), equal=DERIVED_EXACTLY),
        Criterion("with respect to the weights", 3, select=(2, 3, 4), equal=DERIVED_EXACTLY),
    ),
    mistakes="""
        delta_c[n] = carried + => delta_c[n] =
            The derivative with respect to the next cell does not come back to this one: the very
            path the LSTM was invented for is missing.
        carried = delta_c[n] * f => carried = delta_c[n]
            On its way back from cell to cell the derivative passes the gate f.
        delta_h[n] = epsilon[n] + from_later => delta_h[n] = epsilon[n]
            The gates of the next time hear this output; that way back is missing.
        carried + delta_h[n] * o * (1 - squashed**2) => carried + delta_h[n] * o
            Between cell and output lies a tanh, whose slope is missing.
        delta_c[n] * i * (1 - g**2) => delta_c[n] * i * g * (1 - g)
            The value g comes out of a tanh; you take the slope of a sigmoid for it.
        delta_c[n] * before * f => delta_c[n] * c[n] * f
            The gate f multiplies the cell of the time before, not the present one.
        np.einsum("nkj,ni->kji", by_z, heard) => np.einsum("nkj,ni->kji", by_z, h)
            Your gradient with respect to U uses the output of the same time; U is applied to the
            output before.
        np.einsum("kji,kj->i", U, by_z[n]) => np.einsum("kij,kj->i", U, by_z[n])
            Coming back, each matrix of U has to be read the other way round.
    """,
    alternatives=(Alternative(_backward_by_matrices, why="diagonal matrices, summed as it goes"),),
    forbidden=(*READY_MADE, *DIFFERENTIATORS),
    because=DERIVED,
)
