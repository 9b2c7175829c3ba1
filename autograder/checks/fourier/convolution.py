"""Convolution with a filter, block by block."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import fourier


def _overlap_cases(rng):
    def call(N, M, block):
        return rng.standard_normal(N), rng.standard_normal(M), block

    return [
        Case(call(100, 9, 20), "100 samples in blocks of 20, a filter of 9"),
        Case(call(75, 16, 25), "75 samples in blocks of 25, a filter of 16"),
        Case(call(90, 5, 32), "90 samples in blocks of 32, a filter of 5"),
        Case(call(50, 30, 8), "a filter of 30, longer than a block of 8", EDGE),
        Case(call(12, 40, 16), "a filter longer than the signal", EDGE),
        Case(call(30, 7, 64), "a block longer than the signal", EDGE),
        Case(call(17, 6, 1), "blocks of a single sample", EDGE),
        Case(call(20, 1, 6), "a filter of a single number", EDGE),
    ]


def _by_overlap_save(x, h, block):
    size = 1 << (block + len(h) - 1).bit_length()
    step = size - len(h) + 1
    padded = np.concatenate([np.zeros(len(h) - 1), x, np.zeros(size + len(h))])
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::step]
    parts = np.fft.ifft(np.fft.fft(frames) * np.fft.fft(h, size)).real[:, len(h) - 1 :]
    return parts.ravel()[: len(x) + len(h) - 1]


OVERLAP_ADD = Exercise(
    function=fourier.overlap_add,
    read="Block by block",
    cases=_overlap_cases,
    refuses={
        "a block of 0 samples": {"block": 0},
        "a block of -1 samples": {"block": -1},
        "NaN in x": {"x": with_nan},
        "an empty h": {"h": []},
    },
    criteria=(
        Criterion("the convolution", 3),
        Criterion("long filters, short signals, blocks of 1", 2, EDGE),
    ),
    mistakes="""
        size = block + len(h) - 1 => size = max(block, len(h))
            Your transforms are too short: the end of each convolved block wraps to its beginning.
        y[start : start + size] += => y[start : start + size] =
            Each block overwrites the end of the one before; where two results overlap, both count.
        range(0, len(x), block) => range(0, len(x) - block + 1, block)
            The last block, which may be shorter than the others, is missing.
        range(0, len(x), block) => range(0, len(x), size)
            Your blocks are as far apart as their results are long, and the samples between them are
            lost; only the results overlap, the blocks follow each other.
        return y[: len(x) + len(h) - 1] => return y[: len(x)]
            Your result ends with the signal; the filter goes on after the last sample.
        return y[: len(x) + len(h) - 1] => return y
            Your result is too long: the part of the last block that was filled up with zeros
            belongs to no sample.
        H = np.fft.rfft(h, size) => H = np.fft.rfft(h[::-1], size)
            Your filter runs backwards: that is a correlation.
    """,
    alternatives=(
        Alternative(
            _by_overlap_save, why="overlap-save, with complex transforms of a power of two"
        ),
    ),
    forbidden="numpy.convolve numpy.polymul numpy.correlate scipy.signal.convolve "
    "scipy.signal.fftconvolve scipy.signal.oaconvolve scipy.signal.correlate scipy.signal.lfilter "
    "scipy.signal.upfirdn scipy.ndimage.convolve1d scipy.linalg.convolution_matrix "
    "scipy.linalg.toeplitz",
    because="it convolves for you",
)
