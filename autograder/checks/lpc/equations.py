"""The sums that linear prediction starts from: autocorrelation and normal equations."""

from __future__ import annotations

import numpy as np

from autograder.checks.lpc.inputs import bad_cases, windowed_frame
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import BAD, EDGE, REFUSES
from autograder.reference import lpc
from autograder.reference.lpc import finite_array

# ---- autocorrelation ----


def _as_in_a_file(x):
    return np.round(3000 * x / np.abs(x).max()).astype(np.int16)


def _autocorrelation_cases(rng):
    x = windowed_frame(rng)
    files = [_as_in_a_file(x), *(_as_in_a_file(windowed_frame(rng, n)) for n in (80, 120))]
    return [
        Case((x, 10), "a windowed frame of 160 samples"),
        Case((windowed_frame(rng, 97), 14), "a windowed frame of 97 samples"),
        Case((x[:5], 4), "5 samples and as many lags as there are", EDGE),
        Case((x, 0), "order 0", EDGE),
        *(Case((file, 8), "16-bit integers as read from a sound file", EDGE) for file in files),
        Case((x[:6], 6), "order N", BAD),
        Case((x, -1), "order -1", BAD),
        *bad_cases("x", x, (4,)),
    ]


def _by_fft(x, order):
    x = finite_array(x, "x")
    if order < 0 or order >= len(x):
        raise ValueError("order")
    power = np.abs(np.fft.rfft(x, 2 * len(x))) ** 2
    return np.fft.irfft(power)[: order + 1]


def _by_double_loop(x, order):
    x = [float(value) for value in finite_array(x, "x")]
    if order not in range(len(x)):
        raise ValueError("order")
    return [sum(x[n] * x[n - k] for n in range(k, len(x))) for k in range(order + 1)]


def _in_single_precision(x, order):
    return lpc.autocorrelation(x, order).astype(np.float32)


AUTOCORRELATION = Exercise(
    function=lpc.autocorrelation,
    read="The best predictor",
    cases=_autocorrelation_cases,
    criteria=(
        Criterion("the sums", 2),
        Criterion("few samples, order 0, 16-bit samples", 1, EDGE),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        Mistake(
            edit=("x[k:] @ x[: len(x) - k]", "x[k:] @ x[: len(x) - k] / (len(x) - k)"),
            says="You divide each lag by its number of terms. Linear prediction needs the plain "
            "sums: only with them is the synthesis filter sure to be stable.",
        ),
        Mistake(
            edit=("x[k:] @ x[: len(x) - k]", "x[k:] @ x[: len(x) - k] / len(x)"),
            says="You divide by the length of the frame; the plain sum is asked for.",
        ),
        Mistake(
            edit=("x[k:] @ x[: len(x) - k]", "x @ np.roll(x, k)"),
            says="Your shift is circular: samples that leave at the end come back at the start. "
            "Outside the frame there is nothing.",
        ),
        Mistake(
            edit=("    return", "    x = x - x.mean()\n    return"),
            says="You take the mean off first. That is the habit of statistics; here the mean is "
            "part of the signal and stays in.",
        ),
        Mistake(
            edit=("len(x) - k] for k in range(order + 1)", "len(x) - k] for k in range(order)"),
            says="The last lag is missing: `order` is the largest lag, and lag 0 counts too.",
        ),
        Mistake(
            edit=('x = finite_array(x, "x")', "x = np.asarray(x)"),
            says="Your products overflow when the samples are 16-bit integers: work on floats.",
        ),
        Mistake(
            edit=("for k in range(order + 1)])", "for k in range(order + 1)]) / (x @ x)"),
            says="You scale so that lag 0 is 1; its value, the energy, is needed for the gain.",
        ),
    ),
    alternatives=(
        Alternative(_by_fft, why="by the power spectrum, padded against wrapping round"),
        Alternative(_by_double_loop, why="two loops and a list"),
        Alternative(_in_single_precision, why="single precision"),
    ),
    forbidden=(
        "numpy.correlate",
        "numpy.convolve",
        "scipy.signal.correlate",
        "scipy.signal.convolve",
        "scipy.signal.fftconvolve",
        "librosa.autocorrelate",
    ),
    because="it computes the autocorrelation for you",
)


# ---- normal equations ----


def _normal_equations_cases(rng):
    s = windowed_frame(rng)
    return [
        Case((s, 4), "160 samples and order 4"),
        Case((windowed_frame(rng, 60), 10), "60 samples and order 10"),
        Case((rng.standard_normal(12), 1), "12 samples and order 1"),
        Case((rng.standard_normal(7), 3), "7 samples and order 3"),
        Case((s[:4], 4), "order N", BAD),
        Case((s, 0), "order 0", BAD),
        *bad_cases("s", s, (4,)),
    ]


def _sums_by_loop(s, order):
    s = finite_array(s, "s")
    if order < 1 or order >= len(s):
        raise ValueError("order")

    def total(k, m):
        return sum(s[n - k] * s[n - m] for n in range(order, len(s)))

    lags = range(1, order + 1)
    return [total(0, k) for k in lags], [[total(k, m) for m in lags] for k in lags]


def _by_data_matrix(s, order):
    s = finite_array(s, "s")
    if order < 1 or order >= len(s):
        raise ValueError("order")
    past = np.lib.stride_tricks.sliding_window_view(s[:-1], order)[:, ::-1]
    return past.T @ s[order:], past.T @ past


NORMAL_EQUATIONS = Exercise(
    function=lpc.normal_equations,
    read="The best predictor",
    answers=("sheet lpc",),
    cases=_normal_equations_cases,
    criteria=(
        Criterion("the vector c", 2, select=lambda answer: answer[0]),
        Criterion("the matrix Phi", 2, select=lambda answer: answer[1]),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        Mistake(
            edit=("    delayed", "    s = np.pad(s, order)\n    delayed"),
            says="You let the sums run on over zeros beyond both ends of the samples. That is the "
            "autocorrelation method; the covariance method stays inside.",
        ),
        Mistake(
            edit=("    delayed", "    s = np.pad(s, (order, 0))\n    delayed"),
            says="Your sums start at the first sample and take its past to be zero; they should "
            "start at the first sample whose whole past is known.",
        ),
        Mistake(
            edit=("products[1:, 0], products[1:, 1:]", "products[:-1, 0], products[:-1, :-1]"),
            says="Your lags run from 0 to p-1. The predictor uses past samples only: lags 1 to p.",
        ),
        Mistake(
            edit=(
                "    products =",
                "    delayed -= delayed.mean(1, keepdims=True)\n    products =",
            ),
            says="You take means off. In spite of its name the covariance method does not.",
        ),
        Mistake(
            edit=("delayed @ delayed.T", "delayed @ delayed.T / delayed.shape[1]"),
            says="You average over the samples where sums are asked for; the predictor would be "
            "the same, but c and Phi are not.",
        ),
        Mistake(
            edit=("products[1:, 0], products[1:, 1:]", "products[1:, 1:], products[1:, 0]"),
            says="The two are in the wrong order: first c, then Phi.",
        ),
        Mistake(
            edit=("    delayed =", "    s = s[::-1]\n    delayed ="),
            says="You predict each sample from those that follow it; a predictor looks back.",
        ),
    ),
    alternatives=(
        Alternative(_sums_by_loop, why="nested loops and lists"),
        Alternative(_by_data_matrix, why="as least squares, with the matrix of past samples"),
    ),
    forbidden=("librosa.lpc", "numpy.cov"),
    because="the sums are to be written by yourself",
)
