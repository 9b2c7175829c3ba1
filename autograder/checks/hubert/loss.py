"""The losses of masked prediction."""

from __future__ import annotations

import math

import numpy as np

from autograder.checks.hubert.inputs import every_unit, some_masked
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, EDGE, with_nan
from autograder.reference import hubert


def _frames(rng, T, C, scale=1.0):
    return scale * rng.normal(size=(T, C)), every_unit(rng, T, C), some_masked(rng, T)


BAD_FRAMES = {
    "NaN in the scores": {"scores": with_nan},
    "a unit out of range": {"units": lambda units: units + 1},
}


def _loss_cases(rng):
    scores, units, masked = _frames(rng, 6, 4)
    extreme = 1000 * rng.choice([-1.0, 1.0], (6, 4)) + scores
    return [
        Case(_frames(rng, 10, 4, 2.0), "10 frames and 4 units"),
        Case(_frames(rng, 15, 8, 3.0), "15 frames and 8 units"),
        Case((scores, units, np.ones(6, dtype=bool)), "every frame masked"),
        Case((extreme, units, masked), "scores of 1000 and of -1000", EDGE),
        Case((scores[:1], [2], [1]), "a single frame, masked by a 1", EDGE),
    ]


def _loss_by_loops(scores, units, masked):
    loss = 0.0
    for row, unit in ((row, unit) for row, unit, hidden in zip(scores, units, masked) if hidden):
        loss += math.log(sum(math.exp(one - max(row)) for one in row)) + max(row) - row[unit]
    return loss


def _loss_of_masked_rows(scores, units, masked):
    chosen = np.array(masked, dtype=bool)
    rows, own = np.array(scores, dtype=float)[chosen], np.array(units)[chosen]
    over = rows - np.take_along_axis(rows, own[:, None], axis=1)
    return np.logaddexp.reduce(over, axis=1).sum()


MASKED_PREDICTION_LOSS = Exercise(
    function=hubert.masked_prediction_loss,
    read="The loss of a guess",
    cases=_loss_cases,
    refuses={**BAD_FRAMES, "no frame masked": {"masked": np.zeros_like}},
    criteria=(Criterion("the loss", 3), Criterion("large scores, a single frame", 1, EDGE)),
    mistakes="""
        float(masked @ surprise) => float(np.sum(surprise))
            You sum over all frames; only those that were hidden count.
        masked @ surprise => (1 - masked) @ surprise
            You sum over the frames that were seen instead of those that were hidden.
        masked @ surprise => masked @ surprise / masked.sum()
            You take the mean over the masked frames; asked for is their sum.
        special.logsumexp(scores, axis=1) - own => own - special.logsumexp(scores, axis=1)
            Your loss is negative, and gets lower the worse the prediction: the minus is missing.
        special.logsumexp(scores, axis=1) - own => np.log(np.sum(np.exp(scores), axis=1)) - own
            exp(1000) is too large for a floating-point number: take the largest score out of the
            sum first.
        special.logsumexp(scores, axis=1) - own => -own
            The denominator is missing: a score is no probability.
        special.logsumexp(scores, axis=1) - own => special.logsumexp(scores, axis=1) - own[0]
            You ask every frame for the unit of the first one; the right unit changes with time.
            (The formula sheet has an index there that does not.)
    """,
    alternatives=(
        Alternative(_loss_by_loops, why="loops and lists"),
        Alternative(_loss_of_masked_rows, why="masked rows only"),
    ),
    forbidden="torch.nn.functional.cross_entropy sklearn.metrics.log_loss",
    because="each of them is the loss that is asked for",
    answers=("sheet hubert",),
)


def _weighted_cases(rng):
    scores, units, masked = _frames(rng, 6, 4)
    alpha = float(rng.uniform(0.6, 0.9))
    extreme = 1000 * rng.choice([-1.0, 1.0], (6, 4)) + scores
    return [
        Case((*_frames(rng, 12, 5, 2.0), alpha), "12 frames and 5 units"),
        Case((*_frames(rng, 9, 3, 2.0), 1 - alpha), "an alpha below one half"),
        Case((scores, units, masked, 1.0), "alpha 1", EDGE),
        Case((scores, units, masked, 0.0), "alpha 0", EDGE),
        Case((scores, units, np.zeros(6, dtype=bool), alpha), "no frame masked", EDGE),
        Case((extreme, units, masked, alpha), "scores of 1000 and of -1000", EDGE),
    ]


def _weighted_by_loops(scores, units, masked, alpha):
    loss, by_scores = 0.0, []
    for row, unit, hidden in zip(scores, units, masked):
        weight = alpha if hidden else 1 - alpha
        parts = [math.exp(one - max(row)) for one in row]
        loss += weight * (max(row) + math.log(sum(parts)) - row[unit])
        by_scores.append([weight * (p / sum(parts) - (c == unit)) for c, p in enumerate(parts)])
    return [loss, by_scores]


def _weighted_apart(scores, units, masked, alpha):
    log_p = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    by_scores = np.exp(log_p)
    by_scores[np.arange(len(units)), units] -= 1
    surprise = -np.take_along_axis(log_p, units[:, None], axis=1)
    loss = alpha * surprise[masked].sum() + (1 - alpha) * surprise[~masked].sum()
    return loss, by_scores * np.where(masked, alpha, 1 - alpha)[:, None]


WEIGHTED_LOSS = Exercise(
    function=hubert.weighted_loss,
    read="The loss of a guess",
    cases=_weighted_cases,
    refuses={**BAD_FRAMES, "alpha 1.5": {"alpha": 1.5}},
    criteria=(
        Criterion("the loss", 2, select=0),
        Criterion("its gradient", 2, select=1),
        Criterion("alpha 0 and 1, no mask, large scores", 1, EDGE),
    ),
    mistakes="""
        alpha, 1 - alpha) => 1 - alpha, alpha)
            The two weights are exchanged: alpha is that of the masked frames.
        alpha, 1 - alpha) => alpha, 1.0)
            The frames that were seen count in full; their weight is 1 - alpha.
        weight[:, None] * (np.exp(log_p) - own) => np.exp(log_p) - own
            Your gradient has the same weight for all frames; alpha is in the loss, and so it is in
            the gradient.
        (np.exp(log_p) - own) => (own - np.exp(log_p))
            Your gradient points the other way: a higher score of the right unit lowers the loss.
        (np.exp(log_p) - own) => own * (np.exp(log_p) - 1)
            Your gradient is zero for the wrong units; each score is in the denominator, too.
        weight[:, None] * (np.exp(log_p) - own) => weight[:, None] * np.exp(log_p)
            Your gradient has only the part of the denominator; the score of the right unit also
            stands in the numerator.
        loss = -weight @ np.sum(own * log_p, axis=1) => loss = -np.sum(own * log_p)
            Your loss adds masked and other frames without their weights.
    """,
    alternatives=(
        Alternative(_weighted_by_loops, why="loops and lists"),
        Alternative(_weighted_apart, why="two losses apart"),
    ),
    forbidden=(*DIFFERENTIATORS, "torch.nn.functional.cross_entropy"),
    because=DERIVED,
)
