"""The cascade synthesiser says a table of vowels, and linear prediction measures them back.

Shapes: `V` vowels, three formants each, in hertz.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, signal

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.systems.formant_synthesiser import RATE, say

EVERY = 10  # of the table's rows one in so many is said

Array = NDArray[np.floating]


def measured(samples: Array, order: int = 10) -> Array:
    """Three formants (3,) of 30 ms from the middle, by linear prediction; 0 where none is found.

    The slope of the source is taken off first; poles that are too damped to be a formant, or too
    low, are left out. Raises `ValueError` for a sound that is too short, silent or not finite.
    """
    width = 3 * RATE // 100
    samples = np.asarray(samples, dtype=float)
    if samples.ndim != 1 or len(samples) < 2 * width:
        raise ValueError(f"Give {2 * width / RATE:.2f} s of sound or more, in one channel.")
    if not np.all(np.isfinite(samples)):
        raise ValueError("The sound must not contain NaN or infinity.")
    lifted = signal.lfilter([1, -0.95], 1, samples)[len(samples) // 2 :][:width]
    if not np.any(lifted):
        raise ValueError("Silence has no formants.")
    lifted = lifted * np.hamming(len(lifted))
    r = signal.correlate(lifted, lifted)[len(lifted) - 1 :][: order + 1]
    poles = np.roots([1, *-linalg.solve_toeplitz(r[:-1], r[1:])])
    sharp = poles[(poles.imag > 0) & (np.abs(poles) > np.exp(-np.pi * 600 / RATE))]
    found = np.sort(np.angle(sharp)) * RATE / (2 * np.pi)
    return np.append(found[found > 150], [0, 0, 0])[:3]


def errors(table: NDArray) -> tuple[Array, Array]:
    """How far off the formants are, in hertz: as measured, and of the nearest harmonic (V, 3).

    The second is the baseline: a spectrum shows nothing between the harmonics, and its best
    reader, who knows the answer, names the harmonic that is nearest to it.
    """
    known = np.array([[row["f1"], row["f2"], row["f3"]] for row in table])
    said = (say(row["f0"], three, row["group"]) for row, three in zip(table, known))
    heard = np.array([measured(samples) for samples in said])
    f0 = table["f0"][:, None]
    return np.abs(heard - known), np.abs(np.round(known / f0) * f0 - known)


def figures() -> list[Figure]:
    """The median error of the formants, over the vowels of all speakers."""
    miss, baseline = errors(corpora.vowel_table()[::EVERY])
    return [
        Figure.of(
            "formant synthesiser, measured back by LPC",
            "median formant error",
            miss,
            "nearest harmonic",
            baseline,
            "vowel table",
            np.median,
            unit="Hz",
        )
    ]
