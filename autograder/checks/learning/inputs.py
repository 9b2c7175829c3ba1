"""What the checks on optimisers share: drawn parameters, and settings that no step can have."""

from __future__ import annotations

import numpy as np

from autograder.exercise.draw import changed


def drawn(rng, D, first=False):
    """Parameters, an average of their gradients, one of the squares, and a new gradient."""
    size = 10.0 ** rng.uniform(-1, 1, D)
    w, v, gradient = rng.normal(size=D), size * rng.normal(size=D), size * rng.normal(size=D)
    gradient += np.sign(gradient) * 0.1 * size  # none is near zero
    s = (0.3 + rng.uniform(size=D)) * size**2
    return (w, 0 * v, 0 * s, gradient) if first else (w, v, s, gradient)


BAD_SETTINGS = {
    "a rate of 0": {"rate": 0.0},
    "an infinite rate": {"rate": np.inf},
    "a gradient for another model": {"gradient": lambda gradient: gradient[1:]},
}
BAD_BETAS = {"a beta of 1": {"beta": 1.0}, "a beta below 0": {"beta": -0.1}}
BAD_SQUARES = {
    "an epsilon of 0": {"epsilon": 0.0},
    "a negative average of squares": {"s": changed(0, -1.0)},
}
