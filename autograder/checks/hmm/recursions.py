"""Forward and backward, scaled, and the exam's question about a scale factor."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
from scipy.special import logsumexp

from autograder.checks.hmm.inputs import (
    LONG,
    READY_MADE,
    RECURSION,
    discrete,
    logs,
    usual_cases,
)
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import BAD, REFUSES, changed, emptied, with_nan
from autograder.reference import hmm


def _forward_cases(rng):
    return usual_cases(rng, lambda pi, A, b: (pi, A, b))


def _forward_in_loops(pi, A, b):
    states, rows, factors = range(len(A)), [], []
    for frame in b.tolist():
        arriving = [sum(rows[-1][i] * A[i, j] for i in states) for j in states] if rows else pi
        row = [float(p * likelihood) for p, likelihood in zip(arriving, frame)]
        factors.append(sum(row))
        rows.append([value / factors[-1] for value in row])
    return rows, factors, float(np.log(factors).sum())


def _forward_in_logs(pi, A, b):
    log_alpha = [logs(pi) + logs(b[0])]
    for likelihoods in b[1:]:
        log_alpha.append(logsumexp(log_alpha[-1][:, None] + logs(A), axis=0) + logs(likelihoods))
    so_far = logsumexp(log_alpha, axis=1)
    return np.exp(log_alpha - so_far[:, None]), np.exp(np.diff(so_far, prepend=0)), so_far[-1]


FORWARD = Exercise(
    function=hmm.scaled_forward,
    read="Numbers that vanish, and what rescues them",
    answers=("sheet hmm",),
    cases=_forward_cases,
    refuses={
        "a frame that no state can produce": {"b": changed(3, 0.0)},
        "NaN among the likelihoods": {"b": with_nan},
        "a sequence without frames": {"b": emptied},
    },
    criteria=(
        Criterion("the scaled forward probabilities", 2, select=0),
        Criterion("the scale factors", 1, select=1),
        Criterion("the log likelihood", 1, select=2),
        Criterion("a long sequence, without underflow", 1, LONG),
    ),
    mistakes="""
        alpha_hat[t] = alpha_tilde / c[t] => alpha_hat[t] = 1 / c[t]
            You set alpha-hat to one over the sum, as some formula sheets print it. Then all states
            get the same number: it is alpha-tilde that has to be scaled.
        alpha_hat[t - 1] @ A * b[t] => A @ alpha_hat[t - 1] * b[t]
            The transition matrix is used the wrong way round: A[i, j] leads from i to j.
        alpha_tilde = pi * b[0] => alpha_tilde = pi + 0 * b[0]
            The first frame's output likelihoods are missing.
        alpha_hat[t - 1] @ A * b[t] => (alpha_hat[t - 1] * b[t]) @ A
            The likelihood of frame t belongs to the state arrived in, not to the one left.
        alpha_hat[t] = alpha_tilde / c[t] => alpha_hat[t] = alpha_tilde
            Your forward probabilities are not scaled, so they underflow on long sequences.
        c[t] = np.sum(alpha_tilde) => c[t] = np.max(alpha_tilde)
            You scale by the largest probability; the scale factor is the sum over states.
        np.sum(np.log(c)) => np.log(np.prod(c))
            You multiply the scale factors before taking the logarithm, and the product underflows
            on long sequences.
        return alpha_hat, c, => return alpha_hat, 1 / c,
            Your scale factors are the reciprocals of those asked for: here c_t is the sum itself,
            the probability of frame t given the frames before it.
    """,
    alternatives=(
        Alternative(_forward_in_loops, why="explicit loops over states, lists returned"),
        Alternative(_forward_in_logs, why="the log domain, then differences of log sums"),
    ),
    forbidden=READY_MADE,
    because=RECURSION,
)


def _backward_cases(rng):
    def arguments(pi, A, b):
        return A, b, hmm.scaled_forward(pi, A, b)[1]

    return usual_cases(rng, arguments)


def _backward_in_loops(A, b, c):
    states = range(len(A))
    rows = [[1.0 for _ in states]]
    for t in range(len(b) - 1, 0, -1):
        after = rows[0]
        row = [float(sum(A[i, j] * b[t, j] * after[j] for j in states) / c[t]) for i in states]
        rows.insert(0, row)
    return rows


def _backward_in_logs(A, b, c):
    log_beta = np.zeros_like(b)
    for t in range(len(b) - 2, -1, -1):
        log_beta[t] = logsumexp(logs(A) + logs(b[t + 1]) + log_beta[t + 1], axis=1)
    still_to_come = np.cumsum(np.log(c)[::-1])[::-1] - np.log(c)
    return np.exp(log_beta - still_to_come[:, None])


BACKWARD = Exercise(
    function=hmm.scaled_backward,
    read="Learning: counting what was not seen",
    answers=("sheet hmm",),
    cases=_backward_cases,
    refuses={
        "a scale factor of zero": {"c": changed(0, 0.0)},
        "NaN among the transition probabilities": {"A": with_nan},
    },
    criteria=(
        Criterion("the scaled backward probabilities", 2),
        Criterion("a long sequence, without underflow", 1, LONG),
    ),
    mistakes="""
        A @ (b[t + 1] * => A.T @ (b[t + 1] *
            The transition matrix is used the wrong way round: the sum runs over the state that
            comes next.
        (b[t + 1] * => (b[t] *
            You use the likelihood of frame t; beta at t is about the frames after t only.
        / c[t + 1] => / c[t]
            You divide by the scale factor of frame t; read again which factor makes alpha-hat times
            beta-hat sum to one.
        / c[t + 1] =>
            Your backward probabilities are not scaled, so they underflow on long sequences.
        np.ones((n_frames, n_states)) => np.ones((n_frames, n_states)) / n_states
            Beta at the last frame is a probability of nothing at all, which is one in every state:
            it need not sum to one over the states.
        return beta_hat => return beta_hat / np.sum(beta_hat, axis=1, keepdims=True)
            You normalise each frame's beta to sum to one; it must be scaled with the factors of the
            forward pass to fit alpha-hat.
    """,
    alternatives=(
        Alternative(_backward_in_loops, why="explicit loops over states"),
        Alternative(_backward_in_logs, why="the log domain, scaled at the end"),
    ),
    forbidden=READY_MADE,
    because=RECURSION,
)


def _table(pi, A, b):
    """Unscaled forward probabilities."""
    rows = accumulate(b[1:], lambda row, new: new * (A.T @ row), initial=b[0] * pi)
    return np.stack(list(rows))


def _last_factor_cases(rng):
    small, bigger, tiny = (_table(*discrete(rng, n, 3)) for n in (5, 9, 6))
    return [
        Case((small,), "five frames"),
        Case((bigger,), "nine frames"),
        Case((bigger[:2],), "two frames"),
        Case((tiny * 1e-290,), "numbers near the smallest a computer can hold", LONG),
        Case((small[:1],), "a single frame", "one frame"),
    ]


def _last_factor_through_posterior(alpha):
    if len(alpha) == 1:
        return alpha.sum()
    before = alpha[-2] / alpha[-2].sum()
    growth = alpha[-1].sum() / alpha[-2].sum()
    return before.sum() * growth


def _last_factor_in_logs(alpha):
    log_sums = [logsumexp(logs(row)) for row in np.asarray(alpha)]
    return np.exp(log_sums[-1] - log_sums[-2]) if len(log_sums) > 1 else np.exp(log_sums[-1])


LAST_FACTOR = Exercise(
    function=hmm.last_scale_factor,
    read="An exam question",
    answers=("exam 3",),
    cases=_last_factor_cases,
    refuses={
        "a history of probability zero": {"alpha": np.zeros((4, 2))},
        "no frames at all": {"alpha": emptied},
    },
    refusal=Criterion(REFUSES, 0.5, BAD),
    criteria=(
        Criterion("the last of several frames", 1),
        Criterion("tiny probabilities", 1, LONG),
        Criterion("a single frame", 0.5, "one frame"),
    ),
    mistakes="""
        np.sum(alpha[-1]) / history => history / np.sum(alpha[-1])
            That is the reciprocal: c_T is a likelihood of the last frame.
        np.sum(alpha[-1]) / history => np.sum(alpha[-1])
            That is the probability of the whole sequence; c_T is conditional on the frames before
            the last.
        np.sum(alpha[-2]) => np.sum(alpha[:-1])
            You divide by a sum over all earlier frames, but alpha of frame T - 1 already contains
            them all.
        np.sum(alpha[-2]) => np.sum(alpha[0])
            You divide by the probability of the first frame; the condition is on all frames before
            the last.
        np.sum(alpha[-1]) / history
        => np.sum(alpha[-1] / alpha[-2]) if len(alpha) > 1 else np.sum(alpha[-1])
            You add up ratios state by state; add over the states first, then divide.
    """,
    alternatives=(
        Alternative(_last_factor_through_posterior, why="the history normalised first"),
        Alternative(_last_factor_in_logs, why="difference of log sums"),
    ),
)
