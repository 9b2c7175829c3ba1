"""What the checks on features share: their inputs."""

from __future__ import annotations

import numpy as np


def grid(bins, rate):
    """The frequencies in Hz of the bins of a one-sided spectrum."""
    return np.linspace(0, rate / 2, bins)


def spectrum(rng, bins):
    """Magnitudes of a few peaks over noise that falls towards high frequencies."""
    k = np.arange(bins)
    noise = np.exp(-k / (0.4 * bins)) * rng.uniform(0.1, 1, bins)
    for peak in rng.uniform(0.05, 0.7, 3) * bins:
        noise += rng.uniform(1, 4) * np.exp(-(((k - peak) / rng.uniform(0.8, 2)) ** 2))
    return noise


def frames(rng, bins, count):
    """Magnitudes of frames in which one sound gives way to another, at several levels."""
    first, second = spectrum(rng, bins), spectrum(rng, bins)
    share = np.sort(rng.uniform(0, 1, count))
    levels = rng.uniform(0.2, 3, count)
    mixed = levels * (np.outer(first, 1 - share) + np.outer(second, share))
    return mixed * rng.uniform(0.7, 1.3, mixed.shape)
