"""What the checks on attention share: inputs, group names, calls that give answers away."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Case
from autograder.exercise.draw import BAD, with_nan

SCALED, LARGE = "scaled", "large scores"

READY_MADE = (
    "torch.nn.functional.scaled_dot_product_attention",
    "torch.nn.functional.multi_head_attention_forward",
    "torch.nn.MultiheadAttention",
    "torch.nn.attention.flex_attention",
)


def triple(rng, T, S, d, e):
    """Queries, keys and values whose scores are neither all alike nor all but one lost."""
    Q, K = rng.normal(size=(T, d)), rng.normal(size=(S, d))
    return 1.5 * Q / np.sqrt(np.sqrt(d)), 1.5 * K / np.sqrt(np.sqrt(d)), rng.normal(size=(S, e))


def bad_triples(rng, *more):
    """Queries, keys and values that do not belong together, and whatever follows them."""
    Q, K, V = triple(rng, 4, 5, 3, 2)
    return [
        Case((Q, K[:, :-1], V, *more), "keys narrower than the queries", BAD),
        Case((Q, K, V[:-1], *more), "fewer values than keys", BAD),
        Case((Q, with_nan(K), V, *more), "NaN in K", BAD),
        Case((Q[:0], K, V, *more), "no queries", BAD),
        Case((Q[0], K, V, *more), "a vector for Q", BAD),
    ]


def refuse(Q, K, V):
    """The three as arrays, or a ValueError."""
    Q, K, V = (np.asarray(part, dtype=float) for part in (Q, K, V))
    fits = Q.ndim == K.ndim == V.ndim == 2 and Q.shape[1] == K.shape[1] and len(K) == len(V)
    if not fits or 0 in (Q.size, K.size, V.size):
        raise ValueError("these do not belong together")
    if not np.isfinite(Q.sum() + K.sum() + V.sum()):
        raise ValueError("not finite")
    return Q, K, V
