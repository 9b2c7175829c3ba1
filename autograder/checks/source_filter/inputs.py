"""What the checks on source and filter share: their inputs, and the names of their groups."""

from __future__ import annotations

import numpy as np


def tract(rng, count=4, rate=8000.0):
    """Formants one to each equal share of the band, and bandwidths, in Hz."""
    share = rate / 2 / count
    F = share * (np.arange(count) + rng.uniform(0.25, 0.75, count))
    return F, rng.uniform(50, 180, count)


def coefficients(rng, count=4, rate=8000.0):
    """a, b, c of a stable resonator for each of so many formants, by their poles."""
    F, B = tract(rng, count, rate)
    upper = np.exp(np.pi * (2j * F - B) / rate)
    return np.abs(1 - upper) ** 2, 2 * upper.real, -(np.abs(upper) ** 2)
