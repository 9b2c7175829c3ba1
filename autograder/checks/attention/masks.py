"""Who may look where: the mask of those who may not look ahead, and attention with any mask."""

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
from autograder.exercise.compare import Close
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import attention as reference

STEP, NEAR = "one token at a time", "window"


def _mask_cases(rng):
    many, few, window = int(rng.integers(7, 12)), int(rng.integers(2, 5)), int(rng.integers(2, 5))
    return [
        Case((many, many), "as many queries as keys"),
        Case((1, 1), "a single frame"),
        Case((few, many + 2), "the last few of many frames", STEP),
        Case((1, many), "the newest token and all before it", STEP),
        Case((many, many, window), "as many queries as keys, and a window", NEAR),
        Case((few, many + 2, window), "the last few of many frames, and a window", NEAR),
        Case((few, many, 1), "a window of one frame", NEAR),
        Case((many, many, 3 * many), "a window longer than all there is", NEAR),
    ]


def _as_numbers(mask):
    return np.asarray(mask, dtype=float)


SAME = Close(normal_form=_as_numbers)


def _mask_by_loops(queries, keys, window=None):
    own = range(keys - queries, keys)
    return [[0 <= frame - j < (window or keys) for j in range(keys)] for frame in own]


def _mask_by_triangles(queries, keys, window=None):
    square = np.tri(keys, dtype=int) - np.tri(keys, k=-(window or keys), dtype=int)
    return square[keys - queries :]


CAUSAL_MASK = Exercise(
    function=reference.causal_mask,
    read="Who may look where",
    cases=_mask_cases,
    refuses={
        "no queries": {"queries": 0},
        "more queries than keys": {"queries": lambda queries: queries + 1},
        "a window of nothing": {"window": 0},
    },
    criteria=(
        Criterion("all frames at once", 1, equal=SAME),
        Criterion("the last frames of many", 1, STEP, equal=SAME),
        Criterion("a window", 1, NEAR, equal=SAME),
    ),
    mistakes="""
        frame <= own => frame < own
            A query may look at its own frame, too; in yours the first one is blind.
        frame <= own => frame >= own
            Your queries look ahead, and not back.
        np.arange(keys - queries, keys) => np.arange(queries)
            You count the queries from the first frame; they are the last ones.
        frame > own - window => frame >= own - window
            Your window holds one frame too many: the query's own frame counts.
        frame > own - window => frame > own - window + 1
            Your window holds one frame too few.
        allowed &= frame => allowed = frame
            With a window, your queries look ahead.
        allowed &= frame > own - window => pass
            The window makes no difference in your function.
    """,
    alternatives=(
        Alternative(_mask_by_loops, why="loops and lists"),
        Alternative(_mask_by_triangles, why="cut from a square, zeros and ones"),
    ),
)


def _may_look(rng, T, S):
    """A mask in which no query is blind, and none sees everything."""
    allowed = rng.random((T, S)) < 0.5
    for row in allowed:
        row[rng.permutation(S)[:2]] = True, False
    return allowed


def _masked_cases(rng):
    Q, K, V = triple(rng, 5, 7, 4, 3)
    allowed = _may_look(rng, 5, 7)
    blind = allowed.copy()
    blind[[1, 3]] = False
    six = triple(rng, 6, 6, 5, 2)
    causal = np.tril(np.ones((6, 6), dtype=bool))
    return [
        Case((Q, K, V, allowed), "a mask drawn by lot"),
        Case((*six, causal), "a mask that lets no query look ahead"),
        Case((Q, K, V, np.ones((5, 7), dtype=bool)), "a mask that allows everything"),
        Case((300 * Q, K, V, allowed), "scores of several hundred", LARGE),
        Case((*six, causal, True), "a causal mask, scaled", SCALED),
        Case((Q, K, V, blind), "two queries that may look at nothing", EDGE),
    ]


def _key_by_key(Q, K, V, allowed, scaled=False):
    A = np.zeros((len(Q), len(K)))
    for i, seen in enumerate(map(np.flatnonzero, allowed)):
        if len(seen):
            A[i, seen] = reference.attention(Q[i : i + 1], K[seen], V[seen], scaled)[1][0]
    return A @ V, A


def _very_negative(Q, K, V, allowed, scaled=False):
    scores = Q @ K.T / (Q.shape[1] ** 0.5 if scaled else 1) - 1e12 * ~allowed
    e = np.exp(scores - scores.max(axis=1, keepdims=True)) * allowed
    A = e / np.maximum(e.sum(axis=1, keepdims=True), 1e-300)
    return A @ V, A


MASKED_ATTENTION = Exercise(
    function=reference.masked_attention,
    read="Who may look where",
    cases=_masked_cases,
    refuses={
        "a mask the other way round": {"allowed": np.transpose},
        **BAD_TRIPLES,
    },
    criteria=(
        Criterion("outputs", 2, select=0),
        Criterion("weights", 1, select=1),
        Criterion("scores of any size", 0.5, LARGE),
        Criterion("with the scale", 0.5, SCALED),
        Criterion("queries that may look at nothing", 1, EDGE),
    ),
    mistakes="""
        factor * Q @ K.T, -np.inf) => factor * Q @ K.T, 0.0)
            A score of zero is no mask: exp(0) is one. What must not be seen needs the score minus
            infinity.
        np.where(allowed, => np.where(~allowed,
            Your mask is the wrong way round: True means that the query may look.
        = 0.0  # such a query may look at nothing => = -np.inf
            A query that may look at nothing gives NaN: minus infinity minus itself.
        if scaled else 1.0 => if not scaled else 1.0
            You scale when you should not, and do not when you should.
        1 / np.sqrt(Q.shape[1]) if scaled else 1.0 => 1.0
            `scaled` makes no difference in your function.
        A = A / np.where(total > 0, total, 1.0) => A = softmax(factor * Q @ K.T, axis=1) * allowed
            You take weights away after the softmax, and what is left does not sum to one; mask the
            scores, before it.
        A = A / np.where(total > 0, total, 1.0) => A = softmax(factor * Q @ K.T, axis=1)
        return A @ V => return (A * allowed) @ V
            The weights that you return still look at what is not allowed.
        return A @ V => A[~np.any(allowed, axis=1)] = 1 / len(K); return A @ V
            A query that may look at nothing looks at everything: where all scores are equally low,
            the softmax makes all weights equal.
    """,
    alternatives=(
        Alternative(_key_by_key, why="attention to the allowed keys alone"),
        Alternative(_very_negative, why="a large number in place of infinity"),
    ),
    forbidden=READY_MADE,
    because=BY_HAND,
)
