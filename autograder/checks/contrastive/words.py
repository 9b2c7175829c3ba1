"""Sounds and their captions."""

from __future__ import annotations

import math

import numpy as np

from autograder.checks.contrastive.inputs import (
    COLD,
    CROSS_ENTROPY,
    rows_refused,
    surprise,
    unit,
)
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import contrastive


def _clap_cases(rng):
    def pairs(N, D, temperature):
        return *rng.normal(size=(2, N, D)), temperature

    audio, text, _ = pairs(4, 3, 1.0)
    return [
        Case(pairs(5, 4, 0.5), "5 pairs"),
        Case(pairs(8, 3, 0.2), "8 pairs, a low temperature"),
        Case(pairs(3, 3, 1.0), "3 pairs"),
        Case(pairs(2, 3, 0.5), "two pairs", EDGE),
        Case((1e6 * audio, 1e-6 * text, 0.5), "very long and very short vectors", EDGE),
        Case((audio, text, 1e-4), "a temperature near zero", EDGE),
    ]


def _clap_by_loops(audio, text, temperature):
    scores = (unit(audio) @ unit(text).T / temperature).tolist()
    both = scores, [list(column) for column in zip(*scores)]
    return sum(surprise(row, i) for way in both for i, row in enumerate(way)) / 2 / len(scores)


CLAP_LOSS = Exercise(
    function=contrastive.clap_loss,
    read="Sounds and captions",
    cases=_clap_cases,
    refuses={
        **rows_refused("audio"),
        "one pair only": {"audio": lambda a: a[:1], "text": lambda t: t[:1]},
        "more captions than sounds": {"audio": lambda a: a[1:]},
        **COLD,
    },
    criteria=(
        Criterion("the loss", 3),
        Criterion("two pairs, long and short vectors, cold", 1, EDGE),
    ),
    mistakes="""
        for way in (0, 1) => for way in (1, 1)
            Only the sounds look for their captions in your loss; the captions look, too.
        for way in (0, 1) => for way in (0, 0)
            Only the captions look for their sounds in your loss; the sounds look, too.
        np.mean(losses) for losses in ways) / 2 => np.mean(losses) for losses in ways)
            You add the two ways up; asked for is half of each.
        np.mean(losses) for losses in ways) / 2 => np.sum(losses) for losses in ways) / 2
            You add the losses of the pairs up; asked for is their mean.
        cosines(audio, text) / above_zero(temperature) => audio @ text.T / above_zero(temperature)
            Your score is a product, which grows with the vectors' lengths; a cosine does not.
        / above_zero(temperature) => * above_zero(temperature)
            You multiply by the temperature; a low one should make the scores large.
        special.logsumexp(scores, axis=way) - np.diag(scores) for
        => np.diag(scores) - special.logsumexp(scores, axis=way) for
            Your loss is negative, and falls the worse sounds and captions agree: the minus is
            missing.
        special.logsumexp(scores, axis=way) - np.diag(scores)
        => np.log(np.exp(scores).sum(axis=way) - np.exp(np.diag(scores))) - np.diag(scores)
            Your denominator lacks the right pair; it is one of the candidates.
    """,
    alternatives=(Alternative(_clap_by_loops, why="loops and lists"),),
    forbidden=CROSS_ENTROPY,
    because="each of them is half of the loss that is asked for",
)


def _zero_shot_cases(rng):
    def sounds(N, classes, D, temperature):
        return rng.normal(size=(N, D)), rng.normal(size=(len(classes), D)), classes, temperature

    audio, captions, classes, _ = sounds(3, [0, 1, 0, 2], 4, 1.0)
    return [
        Case(sounds(4, [0, 1, 2, 2, 1, 1], 3, 0.5), "3 classes, 6 captions"),
        Case(sounds(3, [2, 0, 1], 4, 0.2), "a caption for each class, in another order"),
        Case(sounds(5, [1, 0, 1, 1], 5, 1.0), "3 captions for one of 2 classes"),
        Case(sounds(2, [0, 3, 3], 3, 0.5), "classes without captions", EDGE),
        Case(sounds(1, [0], 3, 0.5), "a single caption", EDGE),
        Case((1e6 * audio, captions, classes, 1e-3), "long vectors, a temperature near zero", EDGE),
    ]


def _zero_shot_by_loops(audio, captions, classes, temperature):
    rows = (unit(audio) @ unit(captions).T / temperature).tolist()
    posteriors = [[0.0] * (int(max(classes)) + 1) for _ in rows]
    for row, found in zip(rows, posteriors):
        parts = [math.exp(score - max(row)) for score in row]
        for part, which in zip(parts, classes):
            found[int(which)] += part / sum(parts)
    return posteriors


ZERO_SHOT = Exercise(
    function=contrastive.zero_shot,
    read="Classes nobody trained",
    cases=_zero_shot_cases,
    refuses={
        **rows_refused("captions"),
        "a class of -1": {"classes": lambda classes: np.asarray(classes) - 1},
        "a class of one half": {"classes": lambda classes: np.asarray(classes) + 0.5},
        **COLD,
    },
    criteria=(
        Criterion("posteriors", 3),
        Criterion("classes without captions, one caption, cold", 1, EDGE),
    ),
    mistakes="""
        cosines(audio, captions) / => audio @ captions.T /
            Your score is a product, which grows with the vectors' lengths; a cosine does not.
        / above_zero(temperature) => * above_zero(temperature)
            You multiply by the temperature; a low one should make the scores large.
        above_zero(temperature), axis=1) => above_zero(temperature), axis=0)
            Your captions' probabilities add up to 1 over the sounds; for each sound the captions
            compete.
        return weights @ np.eye(count)[classes]
        => own = np.eye(count)[classes]; return weights @ (own / np.maximum(1, own.sum(axis=0)))
            You average the probabilities of a class's captions; they are added.
        return weights @ np.eye(count)[classes] => return weights
            You give the probabilities of the captions; asked for are those of the classes.
        return weights @ np.eye(count)[classes]
        => return np.max(weights[:, :, None] * np.eye(count)[classes], axis=1)
            You keep only the best caption of each class; all its captions count.
    """,
    alternatives=(Alternative(_zero_shot_by_loops, why="loops and lists"),),
)
