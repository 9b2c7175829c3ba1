"""Speech out of noise, by how far each bin of the spectrum rises above the noise.

The noise is what a bin holds in its quiet moments. From frame to frame the ratio of speech to noise
is estimated from what was let through before and what is heard now, so that a bin does not flicker;
the gain is the one whose error in the logarithm of the magnitude is smallest on average (Ephraim
and Malah, 1984 and 1985).

Shapes: `N` samples, `T` frames of 32 ms every 8 ms, `K` = 257 bins.
"""

from __future__ import annotations

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import lfilter
from scipy.special import exp1

from speechlab.systems._shared.recording import finite_samples

RATE, WINDOW, HOP = 16000, 512, 128
QUIET, BIAS = 20, 1.5  # per cent of the frames, and how far these lie below the mean noise
MEMORY = 0.98  # how much the ratio estimated before counts
LEAST = 10 ** (-25 / 10)  # the smallest ratio of speech to noise

Array = NDArray[np.floating]


def noise_power(power: ArrayLike) -> Array:
    """The power of the noise in each bin, from the quiet moments of noisy speech (T, K): (K,)."""
    smooth = lfilter([0.1], [1, -0.9], power, axis=0)
    return BIAS * np.percentile(smooth, QUIET, axis=0) + 1e-12


def gains(power: ArrayLike, noise: ArrayLike) -> Array:
    """How much of the magnitude of each bin is let through, from 0 to 1: shape (T, K).

    `power` is that of the noisy speech, shape (T, K); `noise` that of the noise, shape (K,).
    """
    ratios = np.minimum(np.asarray(power) / noise, 40.0)  # of what is heard to the noise
    before = np.maximum(ratios[0] - 1, 0)  # of what was let through to the noise
    gain = np.empty_like(ratios)
    for t, ratio in enumerate(ratios):
        prior = MEMORY * before + (1 - MEMORY) * np.maximum(ratio - 1, 0)
        wiener = np.maximum(prior, LEAST) / (1 + np.maximum(prior, LEAST))
        gain[t] = np.minimum(wiener * np.exp(exp1(np.maximum(wiener * ratio, 1e-8)) / 2), 1)
        before = gain[t] ** 2 * np.asarray(power)[t] / noise
    return gain


def spectrum(samples: ArrayLike) -> NDArray[np.complexfloating]:
    """The short-time Fourier transform, shape (T, K)."""
    return librosa.stft(np.asarray(samples, dtype=float), n_fft=WINDOW, hop_length=HOP).T


def sound(spectra: ArrayLike, length: int) -> Array:
    """The samples of such a transform, shape (length,)."""
    return librosa.istft(np.transpose(spectra), hop_length=HOP, length=length)


def enhance(samples: ArrayLike, rate: int) -> Array:
    """Noisy speech with less noise, shape (N,).

    Raises `ValueError` for an empty sound, NaN or another rate than 16 kHz.
    """
    x = finite_samples(samples, rate, RATE)
    spectra = spectrum(x)
    power = np.abs(spectra) ** 2
    return sound(spectra * gains(power, noise_power(power)), len(x))
