"""Half of it stays: the coupling layer, there and back."""

from __future__ import annotations

import numpy as np

from autograder.checks.waveglow.inputs import net
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import waveglow


def _layer(rng, T, G, H, D):
    return (rng.normal(size=(T, G)), rng.normal(size=(T, H)), *net(rng, G, H, D))


def _told_nothing(rng, T, G):
    X, M, U, V, W_s, W_t = _layer(rng, T, G, 2, 3)
    return X, 0 * M, 0 * U, V, W_s, W_t


def _layer_cases(rng):
    return [
        Case(_layer(rng, 9, 4, 3, 5), "9 rows of 4"),
        Case(_layer(rng, 6, 8, 2, 7), "6 rows of 8"),
        Case(_layer(rng, 14, 6, 4, 4), "14 rows of 6"),
        Case(_layer(rng, 1, 2, 1, 1), "a single row of 2", EDGE),
        Case(_told_nothing(rng, 5, 4), "a net that answers zero to everything", EDGE),
    ]


BAD_LAYERS = {
    "an odd number in each row": lambda X: X[:, :3],
    "fewer rows than frames": lambda X: X[:-1],
    "rows longer than the net is made for": lambda X: np.hstack([X, X]),
    "NaN among the numbers": with_nan,
}

PARTS = (
    Criterion("the rows", 2, select=0),
    Criterion("log-determinant", 2, select=1),
    Criterion("a single row, a net that answers zero", 1, EDGE),
)


def _forth_by_numbers(X, M, U, V, W_s, W_t):
    half, rows, log_det = X.shape[1] // 2, [], 0.0
    for row, told in zip(X, M):
        hidden = np.tanh(row[:half] @ U + told @ V)
        stretch = [float(np.exp(hidden @ column)) for column in W_s.T]
        moved = [row[half + i] * stretch[i] + hidden @ W_t[:, i] for i in range(half)]
        rows.append([*row[:half], *moved])
        log_det += sum(np.log(stretch))
    return rows, log_det


def _forth_in_place(X, M, *weights):
    Y = X.copy()
    own, moved = np.split(Y, 2, axis=1)
    log_s, t = waveglow.scale_and_shift(own, M, *weights)
    moved *= np.exp(log_s)
    moved += t
    return Y, np.log(np.prod(np.exp(log_s)))


COUPLING = Exercise(
    function=waveglow.coupling,
    read="Half of it stays",
    cases=_layer_cases,
    refuses={kind: {"X": change} for kind, change in BAD_LAYERS.items()},
    criteria=PARTS,
    mistakes="""
        X_a, X_b = X[:, :half], X[:, half:] => X_b, X_a = X[:, :half], X[:, half:]
        [X_a, np.exp(log_s) * X_b + t] => [np.exp(log_s) * X_b + t, X_a]
            The wrong half stays: the first one is left alone.
        X_a, X_b = X[:, :half], X[:, half:] => X_a, X_b = X[:, ::2], X[:, 1::2]
            Your halves are every other number; the first half of a row stands together.
        np.exp(log_s) * X_b => log_s * X_b
            You scale by the logarithm of the scale.
        np.exp(log_s) * X_b + t => np.exp(log_s) * (X_b + t)
            You shift before you scale; the second half is scaled, then shifted.
        np.exp(log_s) * X_b + t => np.exp(-log_s) * (X_b - t)
            This is the way back, from noise to speech.
        float(np.sum(log_s)) => float(np.sum(np.exp(log_s)))
            You add up the scales. A determinant is their product, so that its logarithm is a sum of
            logarithms.
        float(np.sum(log_s)) => float(np.sum(log_s[-1]))
            Your log-determinant is that of one row; every row adds its own.
        float(np.sum(log_s)) => float(np.mean(log_s))
            You average the logarithms; the determinant of all rows together is asked for.
        float(np.sum(log_s)) => float(-np.sum(log_s))
            The sign of your log-determinant belongs to the way back.
        float(np.sum(log_s)) => float(np.prod(np.exp(log_s)))
            You return the determinant; asked for is its logarithm.
        float(np.sum(log_s)) => float(np.log(np.linalg.norm(np.exp(log_s))))
            You take the logarithm of the length of the scales. The slides print |s|, and what they
            mean is the product of all scales.
        [X_a, np.exp(log_s) * X_b + t] => [X_b, np.exp(log_s) * X_b + t]
            The first half of your rows is not the one that stays.
    """,
    alternatives=(
        Alternative(_forth_by_numbers, why="row by row, number by number, in lists"),
        Alternative(_forth_in_place, why="in place, and a determinant as a product"),
    ),
)


def _back_by_numbers(Y, M, U, V, W_s, W_t):
    half, rows, log_det = Y.shape[1] // 2, [], 0.0
    for row, told in zip(Y, M):
        hidden = np.tanh(row[:half] @ U + told @ V)
        rows.append([*row[:half], *((row[half:] - hidden @ W_t) / np.exp(hidden @ W_s))])
        log_det += np.log(1 / np.prod(np.exp(hidden @ W_s)))
    return rows, log_det


COUPLING_INVERSE = Exercise(
    function=waveglow.coupling_inverse,
    read="Half of it stays",
    cases=_layer_cases,
    refuses={kind: {"Y": change} for kind, change in BAD_LAYERS.items()},
    criteria=PARTS,
    mistakes="""
        np.exp(-log_s) * (Y_b - t) => np.exp(log_s) * Y_b + t
            This is the way from speech to noise; undo it.
        np.exp(-log_s) * (Y_b - t) => np.exp(-log_s) * Y_b - t
            The shift came last on the way there, so it has to be taken off first.
        np.exp(-log_s) * (Y_b - t) => (Y_b - t) / log_s
            You divide by the logarithm of the scale.
        np.exp(-log_s) * (Y_b - t) => np.exp(log_s) * (Y_b - t)
            You scale once more in the same direction; on the way back, divide.
        np.exp(-log_s) * (Y_b - t) => np.exp(-log_s) * (Y_b + t)
            You add the shift a second time.
        scale_and_shift(Y_a, M, U, V, W_s, W_t) => scale_and_shift(Y_b, M, U, V, W_s, W_t)
            Your net reads the half that has been changed; only the other one is what it was when
            scale and shift were computed.
        float(-np.sum(log_s)) => float(np.sum(log_s))
            Your log-determinant is that of the way there; on the way back a volume changes the
            other way.
        float(-np.sum(log_s)) => float(-np.sum(log_s[-1]))
            Your log-determinant is that of one row; every row adds its own.
        float(-np.sum(log_s)) => float(np.sum(np.exp(-log_s)))
            You add up scales. A determinant is their product, so that its logarithm is a sum of
            logarithms.
        float(-np.sum(log_s)) => float(-np.mean(log_s))
            You average the logarithms; the determinant of all rows together is asked for.
        [Y_a, np.exp(-log_s) * (Y_b - t)] => [np.exp(-log_s) * (Y_b - t), Y_a]
            Your halves have changed places.
    """,
    alternatives=(Alternative(_back_by_numbers, why="row by row, in lists"),),
)
