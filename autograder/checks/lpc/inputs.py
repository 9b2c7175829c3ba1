"""What the checks on linear prediction share: their inputs."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_banded  # scipy.signal takes a second to import


def stable_predictor(rng, order, largest=0.8):
    """A random predictor whose synthesis filter is stable."""
    a = np.zeros(0)
    for k in rng.uniform(0.2, largest, order) * rng.choice([-1, 1], order):
        a = np.append(a - k * a[::-1], k)
    return a


def windowed_frame(rng, length=160, order=6):
    """A windowed frame with resonances and an offset, as from a cheap microphone."""
    taps = np.append(1.0, -stable_predictor(rng, order))
    rows = np.repeat(taps[:, None], length, axis=1)  # of the banded matrix that predicts the noise
    driven = solve_banded((order, 0), rows, rng.standard_normal(length))
    return np.hamming(length) * (driven + 0.5 * np.std(driven))
