"""What every reference asks of its inputs, in one place.

An assignment gives them to students like helpers of its own: `%given finite_array`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def finite_array(values: ArrayLike, name: str, dimensions: int = 1) -> np.ndarray:
    """`values` as a new array of floats with so many dimensions.

    Raises
    ------
    ValueError
        If it is empty, has another number of dimensions, or holds NaN or infinity.
    """
    array = np.array(values, dtype=float)
    if array.ndim != dimensions or array.size == 0:
        raise ValueError(f"{name} must have {dimensions} dimension(s) and at least one value")
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} must not contain NaN or infinity")
    return array


def finite_complex_array(values: ArrayLike, name: str, dimensions: int = 1) -> np.ndarray:
    """`values`, real or complex, as a new array of complex numbers with so many dimensions.

    Raises
    ------
    ValueError
        If it is empty, has another number of dimensions, or holds NaN or infinity.
    """
    array = np.array(values, dtype=complex)
    real, imaginary = (finite_array(part, name, dimensions) for part in (array.real, array.imag))
    return real + 1j * imaginary


def index_array(values: ArrayLike, name: str, count: int) -> np.ndarray:
    """`values` as a vector of whole numbers from 0 to `count` - 1; it may be empty.

    Raises
    ------
    ValueError
        If it is no vector, or a value is not whole or out of range.
    """
    array = np.array(values, dtype=float)
    if array.ndim != 1 or not np.all((array >= 0) & (array < count) & (array % 1 == 0)):
        raise ValueError(f"{name} must be a vector of whole numbers from 0 to {count - 1}")
    return array.astype(int)
