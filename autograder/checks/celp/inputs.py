"""What the checks on the codec share: their inputs."""

from __future__ import annotations

import numpy as np

from autograder.reference import celp


def tables(rng, length, codes=16):
    """A small codec's tables: ternary codes without a row of zeros, and gains in no even steps."""
    noise = rng.standard_normal((codes, length))
    noise[np.arange(codes), rng.integers(length, size=codes)] = 2.0
    return {
        "codes": np.sign(noise) * (np.abs(noise) > 1.2),
        "pitch_gains": np.linspace(-0.4, 1.3, 8) + rng.uniform(-0.05, 0.05, 8),
        "code_gains": np.array([-2.0, -1.0, -0.5, -0.2, 0.2, 0.5, 1.0, 2.0])
        * rng.uniform(0.8, 1.2),
    }


def _wrong_winners(target, y):
    """Whom each of the usual mistakes chooses."""
    match, energy = y @ target, np.sum(y**2, axis=1)
    distance = np.sum((target - y) ** 2, axis=1)
    scores = (match, np.abs(match), -energy, match / np.sqrt(energy), -distance)
    return [int(np.argmax(score)) for score in scores]


def codebook(rng, K, N):
    """A target that is a code turned over, with noise, among louder and softer codes."""
    while True:
        y = rng.standard_normal((K, N)) * 10 ** rng.uniform(-0.7, 0.7, (K, 1))
        one = int(rng.integers(1, K))
        target = -rng.uniform(0.4, 1.5) * y[one] / y[one].std() + rng.standard_normal(N)
        chosen = [celp.search_codebook(target, y)[0], *_wrong_winners(target, y)]
        if len(set(chosen)) == len(chosen):
            return target, y
