"""What the checks on the codec share: their inputs."""

from __future__ import annotations

import numpy as np


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
