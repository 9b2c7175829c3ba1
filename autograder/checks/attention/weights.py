"""Attention itself, with the scale and without."""

from __future__ import annotations

import numpy as np

from autograder.checks.attention.inputs import (
    BAD_TRIPLES,
    BY_HAND,
    LARGE,
    READY_MADE,
    SCALED,
    triple,
)
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.reference import attention as reference


def _cases(rng):
    Q, K, V = triple(rng, 5, 7, 4, 3)
    far = triple(rng, 4, 6, 3, 2)
    return [
        Case((Q, K, V), "5 queries of width 4 and 7 keys"),
        Case(triple(rng, 9, 4, 2, 6), "more queries than keys"),
        Case((Q, K[:1], V[:1]), "a single key"),
        Case((Q[:1], K, V), "a single query"),
        Case((Q, K, V, True), "5 queries of width 4 and 7 keys, scaled", SCALED),
        Case((*triple(rng, 3, 5, 16, 2), True), "queries of width 16, scaled", SCALED),
        Case((400 * far[0], far[1], far[2]), "scores of several hundred", LARGE),
        Case((-1e4 * np.abs(far[0]), np.abs(far[1]) + 1, far[2]), "scores far below zero", LARGE),
    ]


def _by_loops(Q, K, V, scaled=False):
    outputs, weights = [], []
    for query in Q:
        scores = [sum(query * key) / (len(query) ** 0.5 if scaled else 1) for key in K]
        e = [np.exp(score - max(scores)) for score in scores]
        weights.append([one / sum(e) for one in e])
        outputs.append(sum(w * v for w, v in zip(weights[-1], V)))
    return outputs, weights


ATTENTION = Exercise(
    function=reference.attention,
    read="Ask, compare, average",
    cases=_cases,
    refuses=BAD_TRIPLES,
    criteria=(
        Criterion("outputs", 2, select=0),
        Criterion("weights", 1, select=1),
        Criterion("with the scale", 1, SCALED),
        Criterion("scores of any size", 1, LARGE),
    ),
    mistakes="""
        softmax(scores, axis=1) => softmax(scores, axis=0)
            Your weights sum to one over the queries. It is each query that has one unit of
            attention to share out among the keys.
        np.sqrt(Q.shape[1]) => Q.shape[1]
            You divide by the width d itself; the scores of random rows grow like its root.
        scores / np.sqrt => scores * np.sqrt
            The scale goes the wrong way: the scores are to become smaller.
        np.sqrt(Q.shape[1]) => np.sqrt(len(K))
            The scale comes from the width of queries and keys, not from how many keys there are.
        if scaled: => if True:
            You scale always; the formula sheet's attention, which is asked for unless `scaled` is
            true, has no scale.
        if scaled: => if False:
            `scaled` makes no difference in your function.
        scores = scores / np.sqrt(Q.shape[1]) => pass
        softmax(scores, axis=1) => softmax(scores, axis=1) / (np.sqrt(Q.shape[1]) if scaled else 1)
            You scale the weights; it is the scores that are scaled, before the softmax.
        softmax(scores, axis=1) => np.exp(scores) / np.sum(np.exp(scores), axis=1, keepdims=True)
            exp overflows, or all of a row vanishes: subtract the largest score of a row first.
        softmax(scores, axis=1) => scores / np.sum(scores, axis=1, keepdims=True)
            You divide the scores by their sum; without the exponential a weight can be negative.
        scores = Q
        => Q, K = (x / np.linalg.norm(x, axis=1, keepdims=True) for x in (Q, K)); scores = Q
            You compare directions only: attention takes the inner product as it is, and a long
            query attends more sharply than a short one.
    """,
    alternatives=(Alternative(_by_loops, why="loops and lists"),),
    forbidden=READY_MADE,
    because=BY_HAND,
    answers=("sheet transformer",),
)
