"""What the checks on recurrent nets share: inputs, group names, calls that give answers away."""

from __future__ import annotations

import numpy as np

BAD = "bad input"
REFUSES = "refuses what has no answer, with a ValueError"
DIFFERENTIATORS = (
    "numpy.gradient",
    "scipy.optimize.approx_fprime",
    "scipy.optimize.check_grad",
    "scipy.differentiate.derivative",
    "scipy.differentiate.jacobian",
    "torch.autograd.grad",
    "torch.autograd.backward",
    "torch.tensor",
    "torch.from_numpy",
    "jax.grad",
)
DERIVED = "the derivatives are to be derived, not measured"


def with_nan(values):
    """A copy with NaN in its middle."""
    broken = np.array(values, dtype=float)
    broken.flat[broken.size // 2] = np.nan
    return broken


def away_from_zero(rng, *shape):
    """Numbers of either sign and of size 0.4 to 1.2: none of them is lost in a product."""
    return rng.uniform(0.4, 1.2, shape) * rng.choice([-1, 1], shape)
