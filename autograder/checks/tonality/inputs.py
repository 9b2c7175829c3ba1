"""What the checks on tonality share: their inputs."""

from __future__ import annotations

import numpy as np

RATE = 4000.0
MAJOR, MINOR = (0, 4, 7), (0, 3, 7)


def bins(rng, count, shortest=20, longest=60):
    """Frequencies in hertz, rising, and lengths of windows in samples, falling."""
    frequencies = np.sort(rng.uniform(150, 1500, count))
    lengths = np.sort(rng.integers(shortest, longest, count))[::-1]
    return frequencies, lengths


def triads(*tonics, shape=MAJOR):
    """Templates of chords, one a row."""
    rows = np.zeros((len(tonics), 12))
    for row, tonic in zip(rows, tonics):
        row[[(tonic + step) % 12 for step in shape]] = 1.0
    return rows


def heard(rng, frames):
    """Chroma of so many frames, no pitch class silent."""
    return rng.uniform(0.05, 1.0, (frames, 12))
