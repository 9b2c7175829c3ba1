"""The bottom of the nets that read waveforms: filters, their power every 10 ms, its logarithm.

The filters begin as pairs of waves under a window, one pair for each mel band, and are weights like
all others: training moves them.

Shapes: `N` samples, `T = 1 + (N - 400) // 160` frames, `F` = 40 pairs of filters.
"""

from __future__ import annotations

import librosa
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from speechlab.systems._shared.layers import Weights
from speechlab.systems._shared.recording import finite_samples

RATE, HOP, WINDOW, FILTERS = 16000, 160, 400, 40  # 25 ms every 10 ms
LOWEST, HIGHEST = 60.0, 7600.0  # Hz, the middles of the first and the last band
SOFTEST = 1e-4  # is added to each power; the whole sound has a power of 1

Array = NDArray[np.floating]


def first_filters() -> Array:
    """The filters before training: a cosine and a sine for each band, shape (400, 2 F)."""
    middles = librosa.mel_frequencies(FILTERS, fmin=LOWEST, fmax=HIGHEST)
    t = (np.arange(WINDOW) - WINDOW / 2)[:, None] / RATE
    width = np.maximum(np.gradient(middles), 1.6 * RATE / WINDOW)  # Hz
    window = np.exp(-0.5 * (np.pi * width * t) ** 2)
    waves = [f(2 * np.pi * middles * t) * window for f in (np.cos, np.sin)]
    both = np.hstack(waves)
    return both / np.linalg.norm(both, axis=0)


def at_power_one(samples: ArrayLike, rate: int) -> Array:
    """The sound with a mean square of 1, shape (N,), float32.

    Raises `ValueError` for an empty or silent sound, one below 25 ms, NaN, or a rate other than
    16 kHz.
    """
    x = finite_samples(samples, rate, RATE)
    if len(x) < WINDOW:
        raise ValueError(f"The sound needs {WINDOW} samples (25 ms) or more.")
    if not np.any(x):
        raise ValueError("The sound is silence: all of its samples are zero.")
    return (x / np.sqrt(np.mean(x**2))).astype(np.float32)


def log_powers(samples: ArrayLike, rate: int, filters: Array) -> Array:
    """The logarithm of the power in each band, shape (T, F), of the sound with a power of 1."""
    x = at_power_one(samples, rate)
    out = sliding_window_view(x, WINDOW)[::HOP] @ filters
    return np.log(out[:, :FILTERS] ** 2 + out[:, FILTERS:] ** 2 + SOFTEST)


def levels(samples: ArrayLike, rate: int, w: Weights) -> Array:
    """`log_powers`, less the mean of training and divided by its spread; shape (T, F)."""
    return (log_powers(samples, rate, w["filters"]) - w["mean"]) / w["spread"]
