"""The predictor as line spectral frequencies, which can be rounded without harm.

A predictor of order p is cut into two polynomials, one symmetric and one antisymmetric, whose zeros
lie on the unit circle and take turns. Their p angles are the line spectral frequencies: any p
numbers in ascending order are a stable filter, and where two are close together is a formant.

Source: F. Itakura, JASA 57 (1975), S35; F. K. Soong and B.-H. Juang, ICASSP 1984.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, signal

ORDER = 10
WIDENED = 0.994  # the poles a little inwards, by 15 Hz at 8 kHz, or a sung vowel makes a whistle
QUIET = 1e-4  # white noise this far below the frame (40 dB), for the same reason
# The steps from each frequency to the next, in Hz: between these two lie 96 % of those of the
# digits that the book trains on, real and synthetic.
LEAST = np.array([120, 35, 70, 85, 55, 55, 85, 85, 80, 65], dtype=float)
MOST = np.array([490, 450, 680, 1150, 1200, 1200, 980, 900, 870, 780], dtype=float)
BITS = (4,) * ORDER


def predictor(frame: NDArray) -> NDArray:
    """a_1 ... a_p of a windowed frame, by the autocorrelation method; zeros for silence."""
    r = signal.correlate(frame, frame, method="direct")[len(frame) - 1 :][: ORDER + 1]
    if r[0] < 1e-9:
        return np.zeros(ORDER)
    r[0] *= 1 + QUIET
    return linalg.solve_toeplitz(r[:-1], r[1:]) * WIDENED ** np.arange(1, ORDER + 1)


def measure(frame: NDArray, rate: float) -> list[int]:
    """The numbers that are sent for the predictor of a frame of speech."""
    return quantise(frequencies(predictor(frame * np.hamming(len(frame))), rate), rate)


def frequencies(a: NDArray, rate: float) -> NDArray:
    """The line spectral frequencies of a stable predictor, in Hz, ascending, shape (p,)."""
    whole = np.concatenate([[1.0], -a, [0.0]])
    angles = [np.angle(np.roots(whole + sign * whole[::-1])) for sign in (1, -1)]
    inside = [np.sort(w[(w > 1e-6) & (w < np.pi - 1e-6)]) for w in angles]
    return np.sort(np.concatenate(inside)) * rate / (2 * np.pi)


def from_frequencies(hertz: NDArray, rate: float) -> NDArray:
    """The predictor with these line spectral frequencies, shape (p,): the inverse of the above."""
    sections = np.ones((len(hertz), 3))
    sections[:, 1] = -2 * np.cos(2 * np.pi * hertz / rate)
    halves = [np.ones(1), np.ones(1)]
    for i, section in enumerate(sections):
        halves[i % 2] = np.convolve(halves[i % 2], section)
    symmetric, other = np.convolve(halves[0], [1, 1]), np.convolve(halves[1], [1, -1])
    return -(symmetric + other)[1:-1] / 2


def quantise(hertz: NDArray, rate: float) -> list[int]:
    """For each frequency the number of its step from the one before, as the decoder knows that."""
    numbers, before = [], 0.0
    top = rate / 2
    for i in range(ORDER):
        ladder = np.minimum(before + _ladder(i), _room(i, top))
        numbers.append(int(np.abs(ladder - hertz[i]).argmin()))
        before = ladder[numbers[-1]]
    return numbers


def dequantise(numbers: NDArray, rate: float) -> NDArray:
    """The line spectral frequencies that the numbers of the steps stand for, shape (p,)."""
    hertz, before = np.zeros(ORDER), 0.0
    for i, number in enumerate(numbers):
        hertz[i] = before = min(before + _ladder(i)[number], _room(i, rate / 2))
    return hertz


@cache
def _ladder(i: int) -> NDArray:
    """The 16 steps to frequency i, in equal ratios: a narrow gap is a formant and needs care."""
    return np.geomspace(LEAST[i], MOST[i], 2 ** BITS[i])


def _room(i: int, top: float) -> float:
    """How high frequency i may lie, so that those above it still find a place below `top`."""
    return top - 30.0 * (ORDER - i)
