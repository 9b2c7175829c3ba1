"""Drawing inputs, and what checks of several topics share: group names, spoilt inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

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
    """A copy of the values as an array of floats or complex numbers, with NaN in the middle."""
    spoilt = np.array(values, dtype=np.result_type(np.asarray(values), float))
    spoilt.flat[spoilt.size // 2] = np.nan
    return spoilt


def emptied(values: ArrayLike) -> np.ndarray:
    """An array of the same type without any of the values."""
    return np.asarray(values)[:0]


def changed(where: Any, value: float) -> Callable[[ArrayLike], np.ndarray]:
    """For `Exercise.refuses`: gives a copy of an array with one value put in at an index."""

    def change(values: ArrayLike) -> np.ndarray:
        values = np.array(values, dtype=np.result_type(np.asarray(values), value))
        values[where] = value
        return values

    return change


def spoilt(*names: str) -> dict[str, dict[str, Callable]]:
    """For `Exercise.refuses`: each of the arguments named with NaN in it, and empty."""
    return {
        f"{what} {name}": {name: change}
        for name in names
        for what, change in (("NaN in", with_nan), ("an empty", emptied))
    }


def generator(*names: str) -> np.random.Generator:
    """A random generator that depends on the names given and on nothing else.

    Grading passes (course secret, student, topic, function): each student gets inputs of
    their own, and a regrade gets the same ones.
    """
    digest = hashlib.sha256("\x1f".join(names).encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))
