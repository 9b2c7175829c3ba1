"""What every system asks of a recording."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def finite_samples(samples: ArrayLike, rate: float, needed: int) -> NDArray[np.floating]:
    """The samples as floats, shape (N,) with N of at least 1.

    Raises
    ------
    ValueError
        If `rate` is not the `needed` one, the samples are empty or not one channel, or one of
        them is not a finite number.
    """
    if rate != needed:
        raise ValueError(
            f"The system works at {needed} samples a second, not at {rate:g}: resample."
        )
    samples = np.asarray(samples, dtype=float)
    if samples.ndim != 1 or samples.size == 0:
        raise ValueError(
            f"A recording is one channel, at least one sample, not shape {samples.shape}."
        )
    if not np.all(np.isfinite(samples)):
        raise ValueError("A recording has finite samples, without NaN or infinity.")
    return samples
