"""What the checks on attention share: inputs, group names, calls that give answers away."""

from __future__ import annotations

import numpy as np

from autograder.exercise.draw import emptied, with_nan

BY_HAND = "the softmax may be a library's; what is asked for is what stands around it"
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


BAD_TRIPLES = {
    "fewer values than keys": {"V": lambda V: V[:-1]},
    "NaN in K": {"K": with_nan},
    "no queries": {"Q": emptied},
}
