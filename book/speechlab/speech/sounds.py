"""Sounds in which nobody speaks, made at 8 kHz: noise, hum, sweeps, knocks, gusts and bells."""

from __future__ import annotations

import numpy as np
import scipy.signal
from numpy.typing import NDArray

RATE = 8000

Array = NDArray[np.floating]


def _coloured(length: int, rng: np.random.Generator) -> Array:
    """Noise that is dull, white or sharp."""
    pole = rng.uniform(-0.7, 0.98)
    return scipy.signal.lfilter([1], [1, -pole], rng.standard_normal(length))


def _hum(length: int, rng: np.random.Generator) -> Array:
    """A steady tone with harmonics, as of a transformer."""
    phase = 2 * np.pi * rng.uniform(45, 400) * np.arange(length) / RATE
    strengths = rng.uniform(0, 1, size=6) / np.arange(1, 7)
    return sum(a * np.sin(n * phase + rng.uniform(0, 6)) for n, a in enumerate(strengths, 1))


def _sweep(length: int, rng: np.random.Generator) -> Array:
    """A tone that glides from one pitch to another, and perhaps back."""
    t = np.arange(length) / length
    low, high = rng.uniform(100, 3500, size=2)
    hertz = low + (high - low) * (t if rng.random() < 0.5 else 1 - np.abs(2 * t - 1))
    return np.sin(2 * np.pi * np.cumsum(hertz) / RATE)


def _knocks(length: int, rng: np.random.Generator) -> Array:
    """Short blows on something that rings for a moment."""
    blows = np.zeros(length)
    blows[rng.integers(length, size=rng.integers(1, 12))] = rng.uniform(0.2, 1)
    ring = np.exp(-np.arange(800) / rng.uniform(10, 200)) * rng.standard_normal(800)
    return scipy.signal.fftconvolve(blows, ring)[:length]


def _gusts(length: int, rng: np.random.Generator) -> Array:
    """Noise that swells and fades as often as syllables do."""
    knots = rng.uniform(0, 1, size=max(2, int(length / RATE * rng.uniform(1, 8)))) ** 2
    swell = np.interp(np.linspace(0, 1, length), np.linspace(0, 1, len(knots)), knots)
    return swell * _coloured(length, rng)


def _bells(length: int, rng: np.random.Generator) -> Array:
    """Struck tones that die away."""
    t, strokes = np.arange(length) / RATE, np.zeros(length)
    for start in rng.uniform(0, t[-1], size=rng.integers(1, 6)):
        since = np.maximum(t - start, 0)
        tone = sum(np.sin(2 * np.pi * rng.uniform(300, 3500) * since) for _ in range(3))
        strokes += tone * np.exp(-since / rng.uniform(0.05, 0.4)) * (since > 0)
    return strokes


QUIET = {
    "hiss": _coloured,
    "hum": _hum,
    "sweep": _sweep,
    "knocks": _knocks,
    "gusts": _gusts,
    "bells": _bells,
}
UNHEARD = "bells"  # is kept from training


def no_speech(kind: str, seconds: float, rng: np.random.Generator) -> Array:
    """A sound of one of the kinds in `QUIET`, at 8 kHz, with a little noise; shape (N,).

    Raises `ValueError` for a kind that there is not.
    """
    if kind not in QUIET:
        raise ValueError(f"There is no sound {kind!r}: there are {', '.join(QUIET)}.")
    samples = QUIET[kind](round(seconds * RATE), rng)
    samples = samples / max(np.abs(samples).max(), 1e-9)
    below = 10 ** (-rng.uniform(10, 50) / 20)
    return rng.uniform(0.1, 1) * (samples + below * rng.standard_normal(len(samples))) / 2
