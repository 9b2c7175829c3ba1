"""Several heads: attention in several projections, put side by side."""

from __future__ import annotations

import numpy as np

from autograder.checks.attention.inputs import BY_HAND, READY_MADE, SCALED
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import attention as reference


def _inputs(rng, T, S, D, h, d, e):
    frames = rng.normal(size=(T, D)), rng.normal(size=(S, D)), rng.normal(size=(S, D))
    W_Q, W_K = (1.2 * rng.normal(size=(h, D, d)) / (D * np.sqrt(d)) ** 0.5 for _ in "QK")
    W_V = rng.normal(size=(h, D, e)) / D**0.5
    return (*frames, W_Q, W_K, W_V, rng.normal(size=(h * e, D)) / (h * e) ** 0.5)


def _cases(rng):
    two = _inputs(rng, 5, 4, 6, 2, 3, 3)
    return [
        Case(two, "2 heads of width 3 on frames of 6 numbers"),
        Case(_inputs(rng, 3, 6, 8, 4, 2, 2), "4 heads of width 2 on frames of 8 numbers"),
        Case(_inputs(rng, 4, 5, 6, 3, 4, 2), "queries and keys wider than values", EDGE),
        Case(_inputs(rng, 2, 3, 5, 1, 5, 5), "a single head", EDGE),
        Case((*two, True), "2 heads of width 3, scaled", SCALED),
        Case((*_inputs(rng, 3, 4, 12, 3, 4, 4), True), "3 heads of width 4, scaled", SCALED),
    ]


def _all_at_once(Q, K, V, W_Q, W_K, W_V, W_O, scaled=False):
    q, k, v = np.matmul(Q, W_Q), np.matmul(K, W_K), np.matmul(V, W_V)
    scores = np.einsum("htd,hsd->hts", q, k) * (q.shape[2] ** -0.5 if scaled else 1)
    e = np.exp(scores)
    A = e / e.sum(axis=2, keepdims=True)
    return np.einsum("hts,hse,hed->td", A, v, W_O.reshape(len(v), -1, W_O.shape[1])), A


def _head_by_head(Q, K, V, W_Q, W_K, W_V, W_O, scaled=False):
    e, Y, maps = W_V.shape[2], 0, []
    for i, (a, b, c) in enumerate(zip(W_Q, W_K, W_V)):
        head, weights = reference.attention(Q @ a, K @ b, V @ c, scaled)
        Y = Y + head @ W_O[i * e : (i + 1) * e]
        maps.append(weights)
    return Y, maps


MULTI_HEAD = Exercise(
    function=reference.multi_head,
    read="Several heads",
    cases=_cases,
    refuses={"NaN in V": {"V": with_nan}},
    criteria=(
        Criterion("outputs", 2, select=0),
        Criterion("weights of every head", 1, select=1),
        Criterion("other widths, a single head", 1, EDGE),
        Criterion("with the scale", 1, SCALED),
    ),
    mistakes="""
        np.concatenate(heads, axis=1) => np.stack(heads, axis=2).reshape(len(Q), -1)
            Your heads are interleaved, number by number; each head's numbers stand together, head
            after head.
        np.concatenate(heads, axis=1) => np.concatenate(heads[::-1], axis=1)
            Your heads stand in the opposite order.
        np.concatenate(heads, axis=1) @ W_O => np.concatenate(heads, axis=1)
            The heads are side by side, but W_O has not mixed them.
        K @ W_K[i] => K @ W_Q[i]
            Keys have a projection of their own; yours go through that of the queries, so that a
            frame can only look for what is like itself.
        V @ W_V[i] => V @ W_V[0]
            All your heads pass on the same values; each has its own projection W_V.
        (Q @ W_Q[i]) @ (K @ W_K[i]).T => (Q @ W_Q[0]) @ (K @ W_K[0]).T
            All your heads look at the same places; each has its own W_Q and W_K.
        np.sqrt(d) => np.sqrt(Q.shape[1])
            You scale by the width of a whole frame; the scores are products of rows as wide as one
            head.
        if scaled: => if True:
            You scale always; the formula sheet's heads, which are asked for unless `scaled` is
            true, have no scale.
        if scaled: => if False:
            `scaled` makes no difference in your function.
        np.concatenate(heads, axis=1) => np.tile(np.mean(heads, axis=0), h)
            You average the heads before W_O, which then cannot tell them apart; they are put side
            by side.
    """,
    alternatives=(
        Alternative(_all_at_once, why="all heads in one einsum"),
        Alternative(_head_by_head, why="each head through its own rows of W_O"),
    ),
    forbidden=READY_MADE,
    because=BY_HAND,
    answers=("sheet transformer",),
)
