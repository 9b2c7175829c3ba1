"""The sums that linear prediction starts from: autocorrelation and normal equations."""

from __future__ import annotations

import numpy as np

from autograder.checks.lpc.inputs import windowed_frame
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import lpc


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
    ]


def _by_fft(x, order):
    return np.fft.irfft(np.abs(np.fft.rfft(x, 2 * len(x))) ** 2)[: order + 1]


def _by_double_loop(x, order):
    x = [float(value) for value in x]
    return [sum(x[n] * x[n - k] for n in range(k, len(x))) for k in range(order + 1)]


AUTOCORRELATION = Exercise(
    function=lpc.autocorrelation,
    read="The best predictor",
    cases=_autocorrelation_cases,
    refuses={"order N": {"x": lambda x: x[:6], "order": 6}, "order -1": {"order": -1}},
    criteria=(
        Criterion("the sums", 2),
        Criterion("few samples, order 0, 16-bit samples", 1, EDGE),
    ),
    mistakes="""
        x[k:] @ x[: len(x) - k] => x[k:] @ x[: len(x) - k] / (len(x) - k)
            You divide each lag by its number of terms. Linear prediction needs the plain sums: only
            with them is the synthesis filter sure to be stable.
        x[k:] @ x[: len(x) - k] => x[k:] @ x[: len(x) - k] / len(x)
            You divide by the length of the frame; the plain sum is asked for.
        x[k:] @ x[: len(x) - k] => x @ np.roll(x, k)
            Your shift is circular: samples that leave at the end come back at the start. Outside
            the frame there is nothing.
        return => x = x - x.mean(); return
            You take the mean off first. That is the habit of statistics; here the mean is part of
            the signal and stays in.
        for k in range(order + 1) => for k in range(order)
            The last lag is missing: `order` is the largest lag, and lag 0 counts too.
        finite_array(x, "x") => np.asarray(x)
            Your products overflow when the samples are 16-bit integers: work on floats.
        finite_array(x, "x") => np.asarray(x)
        x[k:] @ x[: len(x) - k] => np.sum(x[k:] * x[: len(x) - k])
            Each product of two 16-bit integers overflows before it is added up, though the sum is
            wide enough: work on floats.
        for k in range(order + 1)]) => for k in range(order + 1)]) / (x @ x)
            You scale so that lag 0 is 1; its value, the energy, is needed for the gain.
    """,
    alternatives=(
        Alternative(_by_fft, why="by the power spectrum, padded against wrapping round"),
        Alternative(_by_double_loop, why="two loops and a list"),
    ),
    forbidden="numpy.correlate scipy.signal.correlate librosa.autocorrelate",
    because="it computes the autocorrelation for you",
)


def _normal_equations_cases(rng):
    return [
        Case((windowed_frame(rng), 4), "160 samples and order 4"),
        Case((windowed_frame(rng, 60), 10), "60 samples and order 10"),
        Case((rng.standard_normal(12), 1), "12 samples and order 1"),
        Case((rng.standard_normal(7), 3), "7 samples and order 3"),
    ]


def _sums_by_loop(s, order):
    def total(k, m):
        return sum(s[n - k] * s[n - m] for n in range(order, len(s)))

    lags = range(1, order + 1)
    return [total(0, k) for k in lags], [[total(k, m) for m in lags] for k in lags]


def _by_data_matrix(s, order):
    past = np.lib.stride_tricks.sliding_window_view(s[:-1], order)[:, ::-1]
    return past.T @ s[order:], past.T @ past


NORMAL_EQUATIONS = Exercise(
    function=lpc.normal_equations,
    read="The best predictor",
    answers=("sheet lpc",),
    cases=_normal_equations_cases,
    refuses={"order N": {"s": lambda s: s[:4]}, "order 0": {"order": 0}},
    criteria=(
        Criterion("the vector c", 2, select=0),
        Criterion("the matrix Phi", 2, select=1),
    ),
    mistakes="""
        delayed = => s = np.pad(s, order); delayed =
            You let the sums run on over zeros beyond both ends of the samples. That is the
            autocorrelation method; the covariance method stays inside.
        delayed = => s = np.pad(s, (order, 0)); delayed =
            Your sums start at the first sample and take its past to be zero; they should start at
            the first sample whose whole past is known.
        products[1:, 0], products[1:, 1:] => products[:-1, 0], products[:-1, :-1]
            Your lags run from 0 to p-1. The predictor uses past samples only: lags 1 to p.
        products = => delayed -= delayed.mean(1, keepdims=True); products =
            You take means off. In spite of its name the covariance method does not.
        delayed @ delayed.T => delayed @ delayed.T / delayed.shape[1]
            You average over the samples where sums are asked for; the predictor would be the same,
            but c and Phi are not.
        products[1:, 0], products[1:, 1:] => products[1:, 1:], products[1:, 0]
            The two are in the wrong order: first c, then Phi.
        delayed = => s = s[::-1]; delayed =
            You predict each sample from those that follow it; a predictor looks back.
    """,
    alternatives=(
        Alternative(_sums_by_loop, why="nested loops and lists"),
        Alternative(_by_data_matrix, why="as least squares, with the matrix of past samples"),
    ),
)
