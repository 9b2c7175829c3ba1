"""What the codecs share: a telephone line of 8 kHz, and filters that go on where they stopped."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import signal

RATE = 8000
LAGS = np.arange(20, 148)  # samples: voices from 54 to 400 Hz


def checked(samples: ArrayLike, rate: float) -> NDArray:
    """The samples as floats, if they are speech that the codecs take (silence, too, is coded).

    Raises
    ------
    ValueError
        If they are empty, not finite, not one channel, or not at 8 kHz.
    """
    if rate != RATE:
        raise ValueError(f"The codec works at {RATE} samples a second, not at {rate:g}.")
    samples = np.asarray(samples, dtype=float)
    if samples.ndim != 1 or samples.size == 0:
        raise ValueError(f"Speech has shape (N,) with N of at least 1, not {samples.shape}.")
    if not np.all(np.isfinite(samples)):
        raise ValueError("Speech must not contain NaN or infinity.")
    return samples


def continued(
    b: ArrayLike, a: ArrayLike, x: NDArray, before_y: NDArray, before_x: ArrayLike = ()
) -> NDArray:
    """A filter that goes on from the last samples it put out, and those it was given."""
    state = signal.lfiltic(b, a, before_y[::-1], np.asarray(before_x, dtype=float)[::-1])
    return signal.lfilter(b, a, x, zi=state)[0]
