"""What checks of several topics share: group names, spoilt inputs, calls that give answers away."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

BAD, EDGE = "bad input", "edge"
REFUSES = "refuses what has no answer, with a ValueError"
DIFFERENTIATORS = (
    "numpy.gradient",
    "scipy.optimize.approx_fprime",
    "scipy.optimize.check_grad",
    "scipy.differentiate.derivative",
    "scipy.differentiate.jacobian",
    "torch.autograd.grad",
    "torch.autograd.backward",
    "torch.autograd.functional.jacobian",
    "torch.tensor",
    "torch.from_numpy",
    "jax.grad",
)
DERIVED = "the derivatives are to be derived, not measured"


def with_nan(values: ArrayLike) -> np.ndarray:
    """A copy with NaN in its middle."""
    spoilt = np.array(values, dtype=float)
    spoilt.flat[spoilt.size // 2] = np.nan
    return spoilt
