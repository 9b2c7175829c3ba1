"""What the checks on flows share: their inputs."""

from __future__ import annotations

import numpy as np


def net(rng, G, H, D):
    """Weights of a coupling layer's net: U, V, W_s, W_t."""
    U, V = rng.normal(size=(G // 2, D)), rng.normal(size=(H, D))
    return U, V, *(0.6 * rng.normal(size=(2, D, G // 2)) / np.sqrt(D))


def matrix(rng, G):
    """A matrix that is far from singular and from a rotation, its determinant of either sign."""
    left, right = (np.linalg.qr(rng.normal(size=(G, G)))[0] for _ in "lr")
    return left * rng.uniform(0.6, 1.8, G) @ right


def chain(rng, K, G, H, D=5):
    """K steps of a flow."""
    return [(matrix(rng, G), *net(rng, G, H, D)) for _ in range(K)]
