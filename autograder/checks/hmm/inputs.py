"""What the checks on hidden Markov models share: inputs, and calls that give answers away."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Case
from autograder.reference import hmm

LONG, SEVERAL = "long", "several recordings"
RECURSION = "the recursion is the point of the exercise"

READY_MADE = (
    "hmmlearn.hmm.CategoricalHMM",
    "hmmlearn.hmm.GaussianHMM",
    "hmmlearn.hmm.GMMHMM",
    "hmmlearn._hmmc.forward_scaling",
    "hmmlearn._hmmc.backward_scaling",
    "hmmlearn._hmmc.viterbi",
)


def rows(rng, *shape):
    """Random rows that sum to one."""
    return rng.dirichlet(np.ones(shape[-1]) * 2, shape[:-1])


def left_to_right(rng, n_states):
    """A model that starts in state 0 and may only stay or move one state on."""
    stay = rng.uniform(0.3, 0.8, n_states)
    stay[-1] = 1.0
    return np.eye(n_states)[0], np.diag(stay) + np.diag(1 - stay[:-1], 1)


def discrete(rng, n_frames, n_states, n_symbols=4):
    """pi, A and the output likelihoods b of a random sequence of symbols."""
    outputs = rows(rng, n_states, n_symbols)
    symbols = rng.integers(n_symbols, size=n_frames)
    return rows(rng, n_states), rows(rng, n_states, n_states), outputs[:, symbols].T.copy()


def models(rng):
    """(pi, A, b), kind and group of the inputs that several exercises share."""
    pi, A = left_to_right(rng, 4)
    faint = rng.uniform(0.2, 1, (400, 3)) * 1e-6
    return [
        (discrete(rng, 6, 2), "two states and six symbols", "usual"),
        (discrete(rng, 15, 3), "three states and fifteen symbols", "usual"),
        ((pi, A, rng.uniform(0.1, 2, (9, 4))), "a left-to-right model of four states", "usual"),
        (discrete(rng, 1, 3), "a single frame", "usual"),
        (
            (rows(rng, 3), rows(rng, 3, 3), faint),
            "400 frames whose likelihoods are near one in a million",
            LONG,
        ),
    ]


def usual_cases(rng, arguments):
    return [Case(arguments(*model), kind, group) for model, kind, group in models(rng)]


def posteriors(pi, A, b):
    """Everything of one recording: alpha_hat, beta_hat, c, gamma, xi."""
    alpha_hat, c, _ = hmm.scaled_forward(pi, A, b)
    beta_hat = hmm.scaled_backward(A, b, c)
    return alpha_hat, beta_hat, c, *hmm.posteriors(alpha_hat, beta_hat, A, b, c)


def logs(*arrays):
    with np.errstate(divide="ignore"):
        found = tuple(np.log(array) for array in arrays)
    return found if len(found) > 1 else found[0]
