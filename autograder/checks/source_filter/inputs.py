"""What the checks on source and filter share: their inputs."""

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


def band_edges(rng, bands, rate):
    """Edges of bands that grow wider, from about 150 Hz to nearly half the rate."""
    return np.geomspace(rng.uniform(120, 200), 0.45 * rate, bands + 1)


def swelling(rng, length):
    """Noise that swells and fades: no two frames are alike."""
    n = np.arange(length)
    swell = 1 + 0.8 * np.sin(2 * np.pi * n / length * rng.uniform(1.5, 3))
    return swell * rng.standard_normal(length)
