"""Contrastive predictive coding: the loss and its gradient."""

from __future__ import annotations

import numpy as np

from autograder.checks.contrastive.inputs import CROSS_ENTROPY, surprise
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, EDGE, with_nan
from autograder.reference import contrastive


def _batch(rng, T, H, D, N, scale=1.0):
    z = rng.normal(size=(N, D))
    return scale * rng.normal(size=(T, H)), rng.normal(size=(D, H)), z, rng.permutation(N)[:T]


def _cases(rng):
    c, W, z, future = _batch(rng, 5, 3, 3, 6)
    return [
        Case(_batch(rng, 6, 3, 4, 9), "6 contexts and 9 candidates"),
        Case(_batch(rng, 4, 3, 3, 12), "contexts as long as candidates"),
        Case(_batch(rng, 8, 2, 5, 8), "every candidate is a future of one context"),
        Case((c, W, z, np.full(5, future[0])), "one future for all contexts", EDGE),
        Case(_batch(rng, 1, 2, 3, 2), "a single context and two candidates", EDGE),
        Case((1e3 * c, W, z, future), "scores of thousands", EDGE),
    ]


REFUSED = {
    "NaN in c": {"c": with_nan},
    "infinity in z": {"z": lambda z: np.where(z == z.max(), np.inf, z)},
    "a future out of range": {"future": lambda future: future + 100},
    "a single candidate": {"z": lambda z: z[:1], "future": np.zeros_like},
}


def _loss_by_loops(c, W, z, future):
    c, W, z = (np.array(part, dtype=float) for part in (c, W, z))
    rows = [[z_j @ W @ c_t for z_j in z] for c_t in c]
    return sum(surprise(row, own) for row, own in zip(rows, future)) / len(rows)


def _loss_of_differences(c, W, z, future):
    predicted = np.asarray(c, dtype=float) @ np.transpose(W)
    away = np.asarray(z, dtype=float)[None] - np.asarray(z, dtype=float)[list(future)][:, None]
    return np.logaddexp.reduce(np.einsum("td,tnd->tn", predicted, away), axis=1).mean()


CPC_LOSS = Exercise(
    function=contrastive.cpc_loss,
    read="The true future among others",
    cases=_cases,
    refuses=REFUSED,
    criteria=(
        Criterion("the loss", 3),
        Criterion("two candidates, one future for all, scores of thousands", 1, EDGE),
    ),
    mistakes="""
        np.mean(special.logsumexp(scores, axis=1) - own)
        => np.sum(special.logsumexp(scores, axis=1) - own)
            You add the losses of the contexts up; asked for is their mean.
        special.logsumexp(scores, axis=1) - own => own - special.logsumexp(scores, axis=1)
            Your loss is negative, and falls the worse the prediction: the minus is missing.
        special.logsumexp(scores, axis=1) - own => np.log(np.sum(np.exp(scores), axis=1)) - own
            exp(1000) is too large for a floating-point number: take the largest score out of the
            sum first.
        special.logsumexp(scores, axis=1) - own
        => np.log(np.exp(scores).sum(axis=1) - np.exp(own)) - own
            Your denominator lacks the true future; it is one of the candidates.
        special.logsumexp(scores, axis=1) => special.logsumexp(scores, axis=0)[future]
            Your softmax runs over the contexts; each context chooses among the candidates.
        scores = c @ W.T @ z.T => scores = cosines(c @ W.T, z)
            Your scores are cosines; CPC's is a product with W between, which no length divides.
        scores[np.arange(len(c)), future] => scores[np.arange(len(c)), np.arange(len(c))]
            You take row t of z for the future of context t; `future` says which row it is.
    """,
    alternatives=(
        Alternative(_loss_by_loops, why="loops over contexts and candidates"),
        Alternative(_loss_of_differences, why="differences of scores"),
    ),
    forbidden=CROSS_ENTROPY,
    because="each of them is the loss that is asked for",
    answers=("sheet cpc",),
)


def _gradient_by_loops(c, W, z, future):
    c, W, z = (np.array(part, dtype=float) for part in (c, W, z))
    by_c, by_W, by_z = np.zeros(c.shape), np.zeros(W.shape), np.zeros(z.shape)
    for t, own in enumerate(future):
        scores = [z_j @ W @ c[t] for z_j in z]
        parts = [np.exp(score - max(scores)) for score in scores]
        for j, part in enumerate(parts):
            pull = (part / sum(parts) - (j == own)) / len(c)
            by_c[t] += pull * (z[j] @ W)
            by_W += pull * np.outer(z[j], c[t])
            by_z[j] += pull * (W @ c[t])
    return [by_c, by_W, by_z]


CPC_GRADIENT = Exercise(
    function=contrastive.cpc_gradient,
    read="What a step does",
    cases=_cases,
    refuses=REFUSED,
    criteria=(
        Criterion("with respect to the contexts", 2, select=0),
        Criterion("with respect to W", 2, select=1),
        Criterion("with respect to the candidates", 2, select=2),
        Criterion("two candidates, one future for all, scores of thousands", 1, EDGE),
    ),
    mistakes="""
        by_scores /= len(c) => pass
            Your derivatives are those of the sum over the contexts; the loss is their mean.
        [np.arange(len(c)), future] -= 1 => [np.arange(len(c)), future] -= 0
            Your gradient has only the part of the denominator; the true future also stands in the
            numerator.
        return expected => expected *= -1; by_scores *= -1; return expected
            Your gradient points the other way: against it the loss must fall.
        expected @ W, => expected @ np.sign(W),
            Your derivative with respect to c passes through W with the wrong weights.
        expected.T @ c, => c.T @ expected,
            Your derivative with respect to W is transposed: W has a row for each number of z.
        by_scores.T @ c @ W.T => -by_scores.T @ c @ W.T
            By the candidates your derivative has the wrong sign: the true future should be drawn
            towards its context.
        special.softmax(c @ W.T @ z.T, axis=1) => special.softmax(c @ W.T @ z.T, axis=0)
            Your softmax runs over the contexts; each context chooses among the candidates.
        softmax(c @ W.T @ z.T, axis=1) => softmax(c @ W.T @ z.T, axis=1) ** 2
            Your weights are no softmax of the scores; they add up to less than 1.
    """,
    alternatives=(Alternative(_gradient_by_loops, why="loops over contexts and candidates"),),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
    answers=("sheet cpc",),
)
