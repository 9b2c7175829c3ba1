"""Posteriors of states and transitions, and new transitions from them."""

from __future__ import annotations

import numpy as np

from autograder.checks.hmm.inputs import (
    LONG,
    READY_MADE,
    SEVERAL,
    left_to_right,
    posteriors,
    rows,
    usual_cases,
)
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import changed, with_nan
from autograder.reference import hmm


def _posterior_cases(rng):
    def arguments(pi, A, b):
        alpha_hat, beta_hat, c, _, _ = posteriors(pi, A, b)
        return alpha_hat, beta_hat, A, b, c

    return usual_cases(rng, arguments)


def _posteriors_normalised(alpha_hat, beta_hat, A, b, c):
    gamma = alpha_hat * beta_hat
    gamma = gamma / gamma.sum(axis=1, keepdims=True)
    xi = np.einsum("ti,ij,tj,tj->tij", alpha_hat[:-1], A, b[1:], beta_hat[1:])
    return gamma, xi / xi.sum(axis=(1, 2), keepdims=True)


def _posteriors_in_loops(alpha_hat, beta_hat, A, b, c):
    gamma = [[a * z for a, z in zip(*rows)] for rows in zip(alpha_hat, beta_hat)]
    xi = np.zeros((len(b) - 1, *A.shape))
    for t, i, j in np.ndindex(xi.shape):
        xi[t, i, j] = alpha_hat[t, i] * A[i, j] * b[t + 1, j] * beta_hat[t + 1, j] / c[t + 1]
    return gamma, xi


POSTERIORS = Exercise(
    function=hmm.posteriors,
    read="Learning: counting what was not seen",
    cases=_posterior_cases,
    refuses={
        "NaN in alpha_hat": {"alpha_hat": with_nan},
        "a negative scale factor": {"c": changed(1, -0.1)},
    },
    criteria=(
        Criterion("gamma, the state posteriors", 1, select=0),
        Criterion("xi, the transition posteriors", 2, select=1),
        Criterion("a long sequence", 1, LONG),
    ),
    mistakes="""
        / c[1:, None] =>
            Your xi does not sum to one: one scale factor is not accounted for.
        b[1:] * beta_hat[1:] => b[:-1] * beta_hat[1:]
            In xi at t, the output likelihood has to be that of the frame arrived at.
        b[1:] * beta_hat[1:] => b[1:] * beta_hat[:-1]
            In xi at t, beta has to be that of the frame arrived at.
        return gamma, xi => return gamma, np.swapaxes(xi, 1, 2)
            The axes of xi are swapped: the first is the state left, the second the state arrived
            in.
        gamma = alpha_hat * beta_hat => gamma = alpha_hat
            Your gamma knows the past only; the posterior uses the frames that follow, too.
        gamma = alpha_hat * beta_hat => gamma = alpha_hat * beta_hat * c[:, None]
            Your gamma has a scale factor too many: look at how beta_hat is scaled here.
    """,
    alternatives=(
        Alternative(_posteriors_normalised, why="products normalised frame by frame"),
        Alternative(_posteriors_in_loops, why="loops and nested lists"),
    ),
    forbidden=("hmmlearn._hmmc.compute_scaling_xi_sum", *READY_MADE),
    because="it would be the whole function",
)


def _transition_cases(rng):
    A = rows(rng, 3, 3)
    pi = rows(rng, 3)
    first, second = (posteriors(pi, A, rows(rng, n, 3))[-1] for n in (12, 5))
    start, forced = left_to_right(rng, 4)
    never = np.array(forced)
    never[1] = [0, 1, 0, 0]  # waits in state 1 for ever, so 2 and 3 are never left
    waiting = posteriors(start, never, rng.uniform(0.1, 1, (6, 4)))[-1]
    moving = posteriors(start, forced, rng.uniform(0.1, 1, (8, 4)))[-1]
    return [
        Case(([first], A), "one recording of twelve frames"),
        Case(([moving], forced), "a left-to-right model"),
        Case(([second[:1]], A), "one recording of two frames"),
        Case(([first, second, first[:0]], A), "three recordings, one of a single frame", SEVERAL),
        Case(([waiting], never), "states that are never left", "never left"),
    ]


def _transitions_in_loops(xis, A):
    new = A.tolist()
    for i in range(len(A)):
        counts = [sum(xi[t, i, j] for xi in xis for t in range(len(xi))) for j in range(len(A))]
        if sum(counts) > 0:
            new[i] = [float(count / sum(counts)) for count in counts]
    return new


def _transitions_stacked(xis, A):
    joined = np.concatenate([*xis, np.zeros((1, *np.shape(A)))])
    counts = joined.sum(axis=0)
    return [row / row.sum() if row.any() else old for row, old in zip(counts, A, strict=True)]


def _transitions_averaged(xis, A):
    return np.mean([hmm.reestimate_transitions([xi], A) for xi in xis if len(xi)], axis=0)


TRANSITIONS = Exercise(
    function=hmm.reestimate_transitions,
    read="Learning: counting what was not seen",
    answers=("sheet hmm",),
    cases=_transition_cases,
    refuses={"no recording at all": {"xis": []}},
    criteria=(
        Criterion("one recording", 1),
        Criterion("several recordings", 1, SEVERAL),
        Criterion("states that are never left", 1, "never left"),
    ),
    mistakes=(
        """
        leaving = np.sum(counts, axis=1, keepdims=True) => leaving = counts.sum(axis=0)
            You normalise columns; it is the transitions out of a state that sum to one.
        counts += np.sum(xi, axis=0) => counts = np.sum(xi, axis=0) if len(xi) else counts
            Only one of the recordings reaches your result: counts must add up over all.
        counts / np.where => counts / sum(len(xi) for xi in xis) + 0 * np.where
            You divide by the number of transitions in all, not by those out of the state.
        leaving, 1), A) => leaving, 1), 1 / len(A))
            A state that was never left gets a uniform row in your result; it should keep its row of
            A.
        leaving, 1), A) => leaving, 1), 0)
            A state that was never left gets a row of zeros in your result, which is no probability
            distribution.
        counts += np.sum(xi, axis=0) => counts += A * np.sum(xi, axis=0)
            You multiply by A, but the posteriors xi contain it already.
        """,
        Mistake(
            _transitions_averaged,
            says="You average the estimates of the recordings; pool their counts instead, so that "
            "a long recording counts for more than a short one.",
        ),
    ),
    alternatives=(
        Alternative(_transitions_in_loops, why="loops over frames and states"),
        Alternative(_transitions_stacked, why="recordings joined first, list returned"),
    ),
)
