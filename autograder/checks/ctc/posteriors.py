"""Posteriors of the classes, and the gradient with respect to the logits: a difference to them."""

from __future__ import annotations

import numpy as np
from scipy.special import softmax

from autograder.checks.ctc.inputs import ASKED, LONG, READY_MADE, usual_cases, with_variables
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, changed, with_nan
from autograder.reference import ctc


def _posteriors_by_loops(log_y, places, log_alpha, log_beta):
    rows = []
    for t in range(len(log_y)):
        row = [0.0] * log_y.shape[1]
        joint = [
            log_alpha[t, s] + log_beta[t, s] - (log_y[t, k] if log_y[t, k] > -np.inf else 0)
            for s, k in enumerate(places)
        ]
        for k, value in zip(places, np.exp(np.array(joint) - max(joint))):
            row[k] += value
        rows.append([value / sum(row) for value in row])
    return rows


POSTERIORS = Exercise(
    function=ctc.ctc_posteriors,
    read="What the network is told",
    cases=lambda rng: usual_cases(rng, with_variables),
    refuses={
        "forward variables that are all zero": {"log_alpha": changed(..., -np.inf)},
        "NaN in log_beta": {"log_beta": with_nan},
    },
    criteria=(
        Criterion("posteriors of the classes", 4),
        Criterion("many frames, without underflow", 1, LONG),
    ),
    mistakes="""
        log_alpha + once - log_likelihood => log_alpha + once
            Yours is the joint probability of class and label, as the formula sheet has it; the
            posterior is its share in the probability of the label.
        log_y[:, expanded], where=passed => 0.0, where=passed
            The output of each frame is in alpha and in beta, so your product counts it twice.
        log_y[:, expanded], where=passed => 0.0, where=passed
        return gamma => return gamma / np.sum(gamma, axis=1, keepdims=True)
            The output of each frame is in alpha and in beta, so your product counts it twice. To
            divide each row by its sum does not take it out again: it differs from class to class.
        np.add.at(gamma, (slice(None), expanded), by_place) => gamma[:, expanded] = by_place
            A class can stand at several places, the blank nearly always does: their shares add up,
            and yours overwrite one another.
        return gamma => return by_place
            You have the posteriors of the places; asked for are those of the classes.
        return gamma => return np.log(gamma)
            You return logarithms; asked for are the posteriors themselves.
        np.exp(log_alpha + once - log_likelihood) => np.exp(log_alpha - log_likelihood)
            Your posteriors know only the frames up to the present one: the backward variables are
            missing.
    """,
    alternatives=(
        Alternative(_posteriors_by_loops, why="loops, each row divided by its sum, lists"),
    ),
    forbidden=READY_MADE,
    because=ASKED,
    answers=("sheet ctc",),
)


def _logit_case(rng, T, K, kind, group="usual", offset=0.0):
    logits = rng.normal(size=(T, K)) + offset
    return Case((logits, rng.dirichlet(np.ones(K), T)), kind, group)


def _logit_cases(rng):
    return [
        _logit_case(rng, 6, 4, "six frames of four classes"),
        _logit_case(rng, 4, 29, "29 classes"),
        Case((rng.normal(size=(1, 5)), np.eye(5)[[2]]), "one frame, and a class that is certain"),
        _logit_case(rng, 3, 3, "logits around 2000", "large", 2000.0),
        _logit_case(rng, 3, 3, "logits around -2000", "large", -2000.0),
    ]


def _logits_by_jacobian(logits, gamma):
    """From the gradient with respect to the outputs, through the derivatives of the softmax."""
    rows = []
    for z, g in zip(logits, gamma):
        y = softmax(z)
        rows.append((np.diag(y) - np.outer(y, y)) @ (-g / y))
    return rows


BY_LOGITS = Exercise(
    function=ctc.gradient_by_logits,
    read="What the network is told",
    cases=_logit_cases,
    refuses={
        "rows of gamma that add up to two": {"gamma": lambda gamma: 2 * gamma},
        "half a row of gamma": {"gamma": lambda gamma: np.vstack([gamma[:-1], gamma[-1:] / 2])},
        "NaN among the logits": {"logits": with_nan},
    },
    criteria=(
        Criterion("the gradient with respect to every logit", 3),
        Criterion("large logits, without overflow", 1, "large"),
    ),
    mistakes="""
        return y - gamma => return gamma - y
            Your gradient points downhill: where a class gets less than its posterior, a larger
            logit makes the loss smaller.
        return y - gamma => return -gamma / y
            That is the gradient with respect to the outputs; a logit changes all outputs of its
            frame.
        return y - gamma => return logits - gamma
            You compare the posteriors with the logits themselves: the softmax is missing.
        return y - gamma => return -gamma * (1 - y)
            You let each logit change its own output only; the softmax lowers all the others, too.
        y /= np.sum(y, axis=1, keepdims=True) => y /= np.sum(y, axis=0, keepdims=True)
            Your softmax is taken over the frames; it is the classes of one frame that compete.
        np.exp(logits - np.max(logits, axis=1, keepdims=True)) => np.exp(logits)
            The exponentials overflow when logits are large: take off the largest one first, which
            changes no ratio.
    """,
    alternatives=(Alternative(_logits_by_jacobian, why="the whole Jacobian of the softmax"),),
    forbidden=(*READY_MADE, *DIFFERENTIATORS),
    because=DERIVED,
    answers=("sheet softmax",),
)
