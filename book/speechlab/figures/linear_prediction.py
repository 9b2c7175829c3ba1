"""Linear prediction as a baseline: what the next sample will be, and how far off one expects to be.

Each guesser is a function of a sound (N,) that gives both for each sample, from the 16 samples
before it. They differ in where coefficients and the expected error come from: from training
sounds; from the 30 ms before each block of 5 ms, as a decoder could do it, too; or from the very
frame of 20 ms that is to be guessed, which would have to be sent as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_toeplitz
from scipy.signal import lfilter

ORDER = 16
FRAME, BLOCK, BEHIND = 160, 40, 240  # samples
LEAST = 1e-6  # error that is expected in any case
CAUTION = 1e-3  # more than in the past, since silence may end

Array = NDArray[np.floating]
Size = Callable[[Array], float]  # one number for the size of many errors
Guesser = Callable[[Array], tuple[Array, Array]]


def mean_size(errors: Array) -> float:
    """The mean of the absolute values: the scale of a Laplace density."""
    return float(np.mean(np.abs(errors)))


def root_mean_square(errors: Array) -> float:
    """The deviation of a Gaussian density."""
    return float(np.sqrt(np.mean(errors**2)))


def predictor(sounds: Sequence[Array]) -> Array:
    """The filter (17,) that predicts a sample from those before it, by least squares over sounds.

    Its first coefficient, of the sample itself, is 0.
    """
    r = np.zeros(ORDER + 1)
    for x in sounds:
        r += [x[: len(x) - k] @ x[k:] if k < len(x) else 0.0 for k in range(ORDER + 1)]
    r[0] = r[0] * (1 + 1e-5) + 1e-6
    return np.append(0.0, solve_toeplitz(r[:-1], r[1:]))


def by_training(sounds: Sequence[Array], size: Size) -> Guesser:
    """One predictor and one expected error for everything, from training sounds."""
    whole = predictor(sounds)
    error = size(np.concatenate([x - lfilter(whole, 1, x) for x in sounds]))
    return lambda x: (lfilter(whole, 1, x), np.full(len(x), error))


def by_the_frame(size: Size) -> Guesser:
    """Predictor and expected error of the frame that is guessed."""

    def guess(x: Array) -> tuple[Array, Array]:
        guesses, errors = np.zeros(len(x)), np.zeros(len(x))
        for start in range(0, len(x), FRAME):
            here, before = slice(start, start + FRAME), max(start - ORDER, 0)
            known = x[before : start + FRAME]
            guesses[here] = lfilter(predictor([known]), 1, known)[start - before :]
            errors[here] = max(size(x[here] - guesses[here]), LEAST)
        return guesses, errors

    return guess


def by_the_past(size: Size) -> Guesser:
    """Predictor and expected error of the 30 ms before each block of 5 ms, the latest most."""
    window = np.hanning(2 * BEHIND)[:BEHIND]

    def guess(x: Array) -> tuple[Array, Array]:
        guesses, errors = np.zeros(len(x)), np.zeros(len(x))
        long = np.concatenate([np.zeros(BEHIND), x])
        for start in range(0, len(x), BLOCK):
            known = long[start : start + BEHIND + BLOCK]
            ahead = lfilter(predictor([window * known[:BEHIND]]), 1, known)
            here = slice(start, min(start + BLOCK, len(x)))
            guesses[here] = ahead[BEHIND:][: here.stop - start]
            errors[here] = size((known - ahead)[BEHIND // 2 : BEHIND]) + CAUTION
        return guesses, errors

    return guess
