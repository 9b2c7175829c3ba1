"""The inputs that the HMM exercises are tried on, drawn fresh for each student."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

from autograder.exercise.declare import Case
from autograder.exercise.draw import BAD
from autograder.reference import hmm

LONG, SEVERAL = "long", "several recordings"


def _rows(rng, *shape):
    """Random rows that sum to one."""
    return rng.dirichlet(np.ones(shape[-1]) * 2, shape[:-1])


def _left_to_right(rng, n_states):
    """A model that starts in state 0 and may only stay or move one state on."""
    stay = rng.uniform(0.3, 0.8, n_states)
    stay[-1] = 1.0
    return np.eye(n_states)[0], np.diag(stay) + np.diag(1 - stay[:-1], 1)


def _discrete(rng, n_frames, n_states, n_symbols=4):
    """pi, A and the output likelihoods b of a random sequence of symbols."""
    outputs = _rows(rng, n_states, n_symbols)
    symbols = rng.integers(n_symbols, size=n_frames)
    return _rows(rng, n_states), _rows(rng, n_states, n_states), outputs[:, symbols].T.copy()


def _models(rng):
    """(pi, A, b), kind and group of the inputs that several exercises share."""
    pi, A = _left_to_right(rng, 4)
    faint = rng.uniform(0.2, 1, (400, 3)) * 1e-6
    return [
        (_discrete(rng, 6, 2), "two states and six symbols", "usual"),
        (_discrete(rng, 15, 3), "three states and fifteen symbols", "usual"),
        ((pi, A, rng.uniform(0.1, 2, (9, 4))), "a left-to-right model of four states", "usual"),
        (_discrete(rng, 1, 3), "a single frame", "usual"),
        (
            (_rows(rng, 3), _rows(rng, 3, 3), faint),
            "400 frames whose likelihoods are near one in a million",
            LONG,
        ),
    ]


def _cases(rng, arguments):
    return [Case(arguments(*model), kind, group) for model, kind, group in _models(rng)]


def _with_nan(array):
    spoilt = np.array(array, dtype=float)
    spoilt.flat[-1] = np.nan
    return spoilt


def _one_negative(values):
    """A copy in which one number, or one row of a table, is below zero."""
    copy = np.array(values)
    copy[1] = -0.1 * copy[1]
    return copy


def _posteriors(pi, A, b):
    """Everything of one recording: alpha_hat, beta_hat, c, gamma, xi."""
    alpha_hat, c, _ = hmm.scaled_forward(pi, A, b)
    beta_hat = hmm.scaled_backward(A, b, c)
    return alpha_hat, beta_hat, c, *hmm.posteriors(alpha_hat, beta_hat, A, b, c)


def _gaussians(rng, n_states, dims):
    factors = rng.normal(size=(n_states, dims, dims + 2))
    return rng.normal(size=(n_states, dims)), factors @ factors.swapaxes(1, 2) / dims


def gaussian_cases(rng):
    plane, line, wide = _gaussians(rng, 3, 2), _gaussians(rng, 2, 1), _gaussians(rng, 2, 20)
    x = rng.normal(size=(5, 2))
    return [
        Case((x, *plane), "five frames in two dimensions"),
        Case((rng.normal(size=(4, 1)), *line), "one dimension"),
        Case((30 * rng.normal(size=(3, 20)), *wide), "20 dimensions, far from the means", LONG),
        Case((x, plane[0], -plane[1]), "a matrix that is not positive definite", BAD),
        Case((_with_nan(x), *plane), "NaN among the features", BAD),
        Case((x[:, :1], *plane), "features of the wrong dimension", BAD),
    ]


def forward_cases(rng):
    pi, A, b = _discrete(rng, 5, 3)
    blocked = b.copy()
    blocked[3] = 0
    return [
        *_cases(rng, lambda pi, A, b: (pi, A, b)),
        Case((pi, A, blocked), "a frame that no state can produce", BAD),
        Case((pi, A, _with_nan(b)), "NaN among the likelihoods", BAD),
        Case((pi[:2], A, b), "a start distribution of the wrong length", BAD),
        Case((np.ones(1), A, b), "a start distribution of one state", BAD),
        Case((pi, A, b[:0]), "a sequence without frames", BAD),
    ]


def backward_cases(rng):
    def arguments(pi, A, b):
        return A, b, hmm.scaled_forward(pi, A, b)[1]

    A, b, c = arguments(*_discrete(rng, 5, 3))
    return [
        *_cases(rng, arguments),
        Case((A, b, np.append(0, c[1:])), "a scale factor of zero", BAD),
        Case((A, b, c[:-1]), "one scale factor too few", BAD),
        Case((_with_nan(A), b, c), "NaN among the transition probabilities", BAD),
    ]


def posterior_cases(rng):
    def arguments(pi, A, b):
        alpha_hat, beta_hat, c, _, _ = _posteriors(pi, A, b)
        return alpha_hat, beta_hat, A, b, c

    alpha_hat, beta_hat, A, b, c = arguments(*_discrete(rng, 5, 3))
    return [
        *_cases(rng, arguments),
        Case((alpha_hat, beta_hat[1:], A, b, c), "a frame missing from beta_hat", BAD),
        Case((_with_nan(alpha_hat), beta_hat, A, b, c), "NaN in alpha_hat", BAD),
        Case((alpha_hat, beta_hat, A, b, _one_negative(c)), "a negative scale factor", BAD),
    ]


def transition_cases(rng):
    A = _rows(rng, 3, 3)
    pi = _rows(rng, 3)
    first, second = (_posteriors(pi, A, _rows(rng, n, 3))[-1] for n in (12, 5))
    start, forced = _left_to_right(rng, 4)
    never = np.array(forced)
    never[1] = [0, 1, 0, 0]  # waits in state 1 for ever, so 2 and 3 are never left
    waiting = _posteriors(start, never, rng.uniform(0.1, 1, (6, 4)))[-1]
    moving = _posteriors(start, forced, rng.uniform(0.1, 1, (8, 4)))[-1]
    return [
        Case(([first], A), "one recording of twelve frames"),
        Case(([moving], forced), "a left-to-right model"),
        Case(([second[:1]], A), "one recording of two frames"),
        Case(([first, second, first[:0]], A), "three recordings, one of a single frame", SEVERAL),
        Case(([waiting], never), "states that are never left", "never left"),
        Case(([], A), "no recording at all", BAD),
        Case(([first, _with_nan(second)], A), "NaN in a recording", BAD),
        Case(([first], A[:2, :2]), "posteriors that do not fit the model", BAD),
    ]


def _recording(rng, n_frames, n_states, dims):
    """Features and state posteriors of one recording."""
    return rng.normal(2, 1, (n_frames, dims)), _rows(rng, n_frames, n_states)


def reestimation_cases(rng):
    one, two = _recording(rng, 30, 3, 2), _recording(rng, 9, 3, 2)
    line, short = _recording(rng, 20, 2, 1), _recording(rng, 25, 3, 2)
    empty = np.array(one[1])
    empty[:, 1] = 0
    return [
        Case(([one[0]], [one[1]]), "one recording in two dimensions"),
        Case(([line[0]], [line[1]]), "one recording in one dimension"),
        Case(([one[0], two[0], short[0]], [one[1], two[1], short[1]]), "three recordings", SEVERAL),
        Case(([one[0]], [empty]), "a state to which no frame belongs", BAD),
        Case(([one[0]], [one[1][:-1]]), "a frame without posteriors", BAD),
        Case(([_with_nan(one[0])], [one[1]]), "NaN among the features", BAD),
        Case(([], []), "no recording at all", BAD),
    ]


def _logs(*arrays):
    with np.errstate(divide="ignore"):
        return tuple(np.log(array) for array in arrays)


def viterbi_cases(rng):
    pi, A, b = _discrete(rng, 5, 3)
    blocked = b.copy()
    blocked[2] = 0
    scores = [-rng.integers(1, 3, shape).astype(float) for shape in ((3,), (3, 3), (40, 3))]
    return [
        *_cases(rng, _logs),
        Case((np.full(3, -1.0), np.full((3, 3), -2.0), np.full((4, 3), -1.0)), "all equal", "ties"),
        Case(tuple(scores), "scores of -1 and -2, with many ties", "ties"),
        Case(_logs(pi, A, blocked), "a frame that no state can produce", BAD),
        Case(_logs(pi, A, _with_nan(b)), "NaN among the likelihoods", BAD),
        Case(_logs(pi, A[:2], b), "a transition matrix of the wrong shape", BAD),
        Case(_logs(np.ones(1), A, b), "a start distribution of one state", BAD),
    ]


def _table(pi, A, b):
    """Unscaled forward probabilities."""
    rows = accumulate(b[1:], lambda row, new: new * (A.T @ row), initial=b[0] * pi)
    return np.stack(list(rows))


def last_factor_cases(rng):
    small, bigger, tiny = (_table(*_discrete(rng, n, 3)) for n in (5, 9, 6))
    return [
        Case((small,), "five frames"),
        Case((bigger,), "nine frames"),
        Case((tiny * 1e-290,), "numbers near the smallest a computer can hold", LONG),
        Case((small[:1],), "a single frame", "one frame"),
        Case((np.zeros((4, 2)),), "a history of probability zero", BAD),
        Case((_one_negative(bigger),), "a negative number", BAD),
        Case((bigger[:0],), "no frames at all", BAD),
    ]
