"""A loss that pulls attention to the diagonal."""

from __future__ import annotations

import numpy as np

from autograder.exercise.compare import DERIVED_EXACTLY
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, EDGE, with_nan
from autograder.reference import tacotron


def _cases(rng):
    return [
        Case((rng.normal(size=(8, 5)),), "8 steps, 5 letters"),
        Case((2 * rng.normal(size=(6, 9)), 0.35), "6 steps, 9 letters, a width of 0.35"),
        Case((rng.normal(size=(12, 4)), 0.1), "12 steps, 4 letters, a width of 0.1"),
        Case((rng.normal(size=(7, 7)), 0.2), "7 steps, 7 letters"),
        Case((rng.normal(size=(1, 6)),), "a single step", EDGE),
        Case((rng.normal(size=(6, 1)),), "a single letter", EDGE),
        Case((300 * rng.normal(size=(5, 6)),), "energies in the hundreds", EDGE),
        Case((1500 + 400 * rng.normal(size=(7, 4)),), "energies above a thousand", EDGE),
    ]


def _by_jacobian(energies, width=0.2):
    """The softmax's whole matrix of derivatives, step by step."""
    S, N = energies.shape
    loss, slopes = 0.0, np.zeros((S, N))
    for s in range(S):
        a = np.exp(energies[s] - energies[s].max())
        a = a / a.sum()
        off = np.array([(n / N - s / S) / width for n in range(N)])
        penalty = -np.expm1(-0.5 * off**2)
        loss += a @ penalty / (S * N)
        slopes[s] = (np.diag(a) - np.outer(a, a)) @ penalty / (S * N)
    return loss, slopes


GUIDED_ATTENTION_LOSS = Exercise(
    function=tacotron.guided_attention_loss,
    read="A pull to the diagonal",
    cases=_cases,
    refuses={
        "a width of 0": {"width": 0.0},
        "a negative width": {"width": -0.2},
        "an infinite width": {"width": np.inf},
        "NaN among the energies": {"energies": with_nan},
    },
    criteria=(
        Criterion("the loss", 2, select=0),
        Criterion(
            "its derivatives with respect to the energies", 2, select=1, equal=DERIVED_EXACTLY
        ),
        Criterion("one step, one letter, large energies", 1, EDGE),
    ),
    mistakes="""
        P = 1 - np.exp => P = np.exp
            You reward what lies off the diagonal: a weight on it should cost nothing.
        softmax(energies, axis=1) => softmax(energies, axis=0)
            Your softmax runs over the steps; in each step the letters share the attention.
        np.arange(N) / N - np.arange(S)[:, None] / S => np.arange(N) - np.arange(S)[:, None]
            You compare the numbers of letter and step themselves; it is how far the text and the
            sound have got, as shares of the whole, that is compared.
        np.arange(N) / N - np.arange(S)[:, None] / S
        => np.arange(1, N + 1) / N - np.arange(1, S + 1)[:, None] / S
            You count letters and steps from 1; here both are counted from 0.
        (2 * width**2) => (width**2)
            The 2 in the exponent is missing.
        (2 * width**2) => (2 * width)
            The width in the exponent is not squared.
        return float(cost.sum() / (S * N)), A * (P - cost) / (S * N)
        => return float(cost.sum() / S), A * (P - cost) / S
            Your mean is over the steps only; it is over steps and letters.
        return float(cost.sum() / (S * N)), A * (P - cost) / (S * N)
        => return float(cost.sum()), A * (P - cost)
            You add up; the mean over all steps and letters is asked for.
        A * (P - cost) / (S * N) => P / (S * N)
            These are the slopes with respect to the weights. A weight cannot change alone: go on
            through the softmax to the energies.
        A * (P - cost) / (S * N) => A * P / (S * N)
            A larger energy also makes the other weights of its step smaller; that part of the slope
            is missing.
        A * (P - cost) / (S * N) => A * (1 - A) * P / (S * N)
            You have the slope of a weight with respect to its own energy; the energy moves the
            other weights of its step, too.
    """,
    alternatives=(Alternative(_by_jacobian, why="the matrix of derivatives of each softmax"),),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
)
