"""What the checks on units share: group names, spoilt inputs, calls that give answers away."""

from __future__ import annotations

import numpy as np

CLUSTERING = (
    "scipy.cluster.vq.vq",
    "scipy.cluster.vq.kmeans",
    "scipy.cluster.vq.kmeans2",
    "sklearn.cluster.KMeans",
    "sklearn.cluster.MiniBatchKMeans",
    "sklearn.cluster.k_means",
)


def every_unit(rng, frames, units):
    """A unit for each frame, in random order, each unit at least once if there are enough."""
    drawn = np.append(np.arange(units), rng.integers(0, units, max(0, frames - units)))
    return rng.permutation(drawn)[:frames]


def some_masked(rng, frames):
    """Which frames are masked: about half of them, and a frame of either kind in any case."""
    return rng.permutation(np.arange(frames) % 2 == 0)
