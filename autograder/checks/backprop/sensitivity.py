"""How the gradient of the net that converts formants depends on the formants."""

from __future__ import annotations

import numpy as np

from autograder.checks.backprop.inputs import BAD_NETS, drawn_net
from autograder.exercise.compare import DERIVED_EXACTLY
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS
from autograder.reference import backprop


def _sensitivity_cases(rng):
    return [
        Case(drawn_net(rng, 3, 4, 3, 5), "3 formants to 3, 4 hidden units, 5 frames"),
        Case(drawn_net(rng, 2, 3, 3, 4), "3 formants to 2, 3 hidden units, 4 frames"),
        Case(drawn_net(rng, 3, 3, 3, 3), "all sizes equal"),
    ]


def _sensitivity_by_loops(W1, W2, s, t):
    answer = np.zeros((*W2.shape, *s.shape))
    for i, j, n, k in np.ndindex(answer.shape):
        h = np.tanh(W1 @ s[n])
        way = sum(W2[i, m] * (1 - h[m] ** 2) * W1[m, k] for m in range(len(h)))
        answer[i, j, n, k] = h[j] * way + (W2[i] @ h - t[n, i]) * (1 - h[j] ** 2) * W1[j, k]
    return answer


def _sensitivity_by_nudging_complex(W1, W2, s, t):
    answer = np.zeros((*W2.shape, *s.shape))
    for n, k in np.ndindex(s.shape):
        h = np.tanh(W1 @ (s[n] + 1e-30j * (np.arange(len(s[n])) == k)))
        answer[:, :, n, k] = np.outer(W2 @ h - t[n], h).imag / 1e-30
    return answer


SENSITIVITY = Exercise(
    function=backprop.sensitivity,
    read="What a wrong formant does",
    cases=_sensitivity_cases,
    refuses=BAD_NETS,
    criteria=(Criterion("every sensitivity", 5, equal=DERIVED_EXACTLY),),
    mistakes="""
        np.einsum("ni,njk->ijnk", miss, h_by_s) => np.einsum("ni,ij,njk->ijnk", miss, W2, h_by_s)
            In the term with the error there is a W2[i, j] too much: the hidden unit's own
            derivative with respect to a formant does not pass W2. The printed solution has that
            slip.
        return through_answer + through_hidden
        => both = through_answer + through_hidden; return 0 * both + both.sum(2, keepdims=True)
            Formant s[n, k] belongs to one frame, and only that frame's part of the gradient depends
            on it: the sum over n is gone. The printed solution still has it.
        return through_answer + through_hidden => return through_answer
            Only the answer is allowed to move. The gradient is a product of error and hidden unit,
            and both depend on the formant.
        return through_answer + through_hidden => return through_hidden
            Only the hidden unit is allowed to move. The gradient is a product of error and hidden
            unit, and both depend on the formant.
        miss = h @ W2.T - t => miss = t - h @ W2.T
            The sign of the error is turned, so one of your two terms has the wrong sign.
        (1 - h**2)[:, :, None] * W1 => np.ones_like(h)[:, :, None] * W1
            On the way from formant to hidden unit the slope of the tanh is missing.
        return through_answer + through_hidden
        => return np.moveaxis(through_answer + through_hidden, 2, 0)
            The axes are in another order: i, j, n, k are asked for, and yours begin with n.
        np.einsum("ni,njk->ijnk", miss, h_by_s) => np.einsum("ni,ij,njk->ijnk", miss, W2, h_by_s)
        return through_answer + through_hidden
        => both = through_answer + through_hidden; return 0 * both + both.sum(2, keepdims=True)
            That is the printed solution, which has two slips: a W2[i, j] too much in the second
            term, and a sum over n that does not survive the derivative.
    """,
    alternatives=(
        Alternative(_sensitivity_by_loops, why="loops over all four indices"),
        Alternative(_sensitivity_by_nudging_complex, why="by a step into the complex plane"),
    ),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
    answers=("exam 4a",),
)
