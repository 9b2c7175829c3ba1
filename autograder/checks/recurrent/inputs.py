"""What the checks on recurrent nets share: weights that count."""

from __future__ import annotations


def away_from_zero(rng, *shape):
    """Numbers of either sign and of size 0.4 to 1.2: none of them is lost in a product."""
    return rng.uniform(0.4, 1.2, shape) * rng.choice([-1, 1], shape)
