"""What the codecs share: a telephone line of 8 kHz, and filters that go on where they stopped."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import signal

RATE = 8000
LAGS = np.arange(20, 148)  # samples: voices from 54 to 400 Hz


def continued(
    b: ArrayLike, a: ArrayLike, x: NDArray, before_y: NDArray, before_x: ArrayLike = ()
) -> NDArray:
    """A filter that goes on from the last samples it put out, and those it was given."""
    state = signal.lfiltic(b, a, before_y[::-1], np.asarray(before_x, dtype=float)[::-1])
    return signal.lfilter(b, a, x, zi=state)[0]
