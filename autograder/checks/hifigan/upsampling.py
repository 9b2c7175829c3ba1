"""From few frames to many: the sum of the formula sheet, and its general form."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import hifigan


def _upsampled(rng, L, C, E, D):
    return rng.normal(size=(L, C)), rng.normal(size=(2 * D + 1, E, C))


def _upsample_cases(rng):
    return [
        Case(_upsampled(rng, 6, 3, 2, 2), "6 frames of 3 channels, 5 matrices"),
        Case(_upsampled(rng, 9, 2, 4, 3), "9 frames of 2 channels, 7 matrices"),
        Case(_upsampled(rng, 8, 1, 1, 1), "8 frames of 1 channel, 3 numbers"),
        Case(_upsampled(rng, 4, 2, 2, 2), "4 frames, square matrices"),
        Case(_upsampled(rng, 1, 2, 3, 2), "a single frame", EDGE),
        Case(_upsampled(rng, 3, 2, 1, 6), "more matrices than frames", EDGE),
        Case(_upsampled(rng, 5, 2, 2, 0), "the matrix K_0 alone", EDGE),
    ]


def _upsample_by_parity(z, K):
    """Of every row only the matrices that do not meet a zero."""
    L, D = len(z), len(K) // 2
    y = np.zeros((2 * L + 1, K.shape[1]))
    for i in range(1, 2 * L + 2):
        for j in range(-D, D + 1):
            if (i + j) % 2 == 0 and 2 <= i + j <= 2 * L:
                y[i - 1] += K[D + j] @ z[(i + j) // 2 - 1]
    return y


UPSAMPLE = Exercise(
    function=hifigan.upsample,
    read="Zeros between, then a sum",
    answers=("sheet resynthesis",),
    cases=_upsample_cases,
    refuses={
        "an even number of matrices": {"K": lambda K: K[:-1]},
        "matrices for fewer channels": {"K": lambda K: K[:, :, :-1]},
        "NaN in z": {"z": with_nan},
    },
    criteria=(
        Criterion("the rows of y", 3),
        Criterion("a single frame, many matrices, one matrix", 1, EDGE),
    ),
    mistakes="""
        h[j : j + length] => h[2 * D - j : 2 * D - j + length]
            You turn the kernel round, as a convolution does: here K_j meets the frame that lies j
            places later, not j places before.
        h[D + 1 : D + length : 2] = z => h[D : D + length - 1 : 2] = z
            Your frames begin one place too early: h starts with a zero.
        h[D + 1 : D + length : 2] = z => h[D : D + length - 1] = np.repeat(z, 2, axis=0)
            You say every frame twice; between the frames there are zeros.
        return sum => return 2 * sum
            Your result is twice as large as the sum. Half of h is zero, but the formula makes no
            allowance for it: the matrices can learn that.
        length = len(K) // 2, 2 * len(z) + 1 => length = len(K) // 2, 2 * len(z)
        h[D + 1 : D + length : 2] = z => h[D + 1 : D + length + 1 : 2] = z
            Your result is one row short: there is a zero after the last frame as well.
        return sum(h[j : j + length] @ K[j].T for j in range(2 * D + 1))
        => return sum(h[j : j + length] @ K[j].T for j in range(2 * D + 1))[D : length - D]
            You keep only the rows whose 2D + 1 terms all lie inside h; beyond its ends h is zero,
            so that y is as long as h.
        range(2 * D + 1) => range(2 * D)
            The last matrix is left out: j goes up to D itself.
    """,
    alternatives=(
        Alternative(_upsample_by_parity, why="only the terms that are not zero, counted from 1"),
    ),
    forbidden="torch.nn.functional.conv_transpose1d torch.nn.ConvTranspose1d",
    because="it is this sum",
)


def _transposed(rng, L, C, E, taps, stride, padding):
    return rng.normal(size=(L, C)), rng.normal(size=(taps, E, C)), stride, padding


def _transposed_cases(rng):
    return [
        Case(_transposed(rng, 6, 3, 2, 4, 2, 1), "4 taps, stride 2, padding 1"),
        Case(_transposed(rng, 5, 2, 3, 8, 4, 2), "8 taps, stride 4, padding 2"),
        Case(_transposed(rng, 7, 2, 2, 7, 3, 2), "7 taps, stride 3, padding 2"),
        Case(_transposed(rng, 4, 2, 2, 5, 2, 0), "5 taps, stride 2, no padding"),
        Case(_transposed(rng, 1, 2, 3, 4, 3, 1), "a single frame", EDGE),
        Case(_transposed(rng, 5, 2, 1, 2, 4, 0), "a stride longer than the kernel", EDGE),
        Case(_transposed(rng, 6, 1, 2, 3, 1, 1), "a stride of 1", EDGE),
        Case(_transposed(rng, 4, 2, 2, 3, 2, 4), "a padding that leaves one row", EDGE),
    ]


def _by_spreading(x, W, stride, padding):
    """Zeros between the frames, then an ordinary convolution of every pair of channels."""
    h = np.zeros(((len(x) - 1) * stride + 1, x.shape[1]))
    h[::stride] = x
    whole = np.stack(
        [
            sum(np.convolve(h[:, c], W[:, e, c]) for c in range(x.shape[1]))
            for e in range(W.shape[1])
        ],
        axis=1,
    )
    return whole[padding : len(whole) - padding]


TRANSPOSED_CONVOLUTION = Exercise(
    function=hifigan.transposed_convolution,
    read="Transposed convolution",
    cases=_transposed_cases,
    refuses={
        "a stride of 0": {"stride": 0},
        "a padding of -1": {"padding": -1},
        "a padding that leaves no row": {"padding": 7},
        "matrices for fewer channels": {"W": lambda W: W[:, :, :-1]},
    },
    criteria=(
        Criterion("the rows of y", 3),
        Criterion("a single frame, gaps between kernels, a stride of 1", 1, EDGE),
    ),
    mistakes="""
        x @ W[k].T => x @ W[-1 - k].T
            You turn the kernel round: W_0 goes to the first of the rows that a frame adds to.
        += x @ => = x @
            Where the kernels of neighbouring frames overlap, you keep the last one; they add up.
        return y[padding : len(y) - padding] => return y
            You take nothing away at the ends.
        y[padding : len(y) - padding] => y[: len(y) - padding]
            You take rows away at the end only; as many go at the beginning.
        y[padding : len(y) - padding] => np.pad(y, ((padding, padding), (0, 0)))
            You add rows of zeros at the ends. In a transposed convolution the padding is what is
            taken away.
        span = (len(x) - 1) * stride + 1 => stride = stride + 1; span = (len(x) - 1) * stride + 1
            Your frames lie too far apart: from one to the next it is `stride` rows, with
            stride - 1 between them.
    """,
    alternatives=(Alternative(_by_spreading, why="zeros between, then numpy.convolve"),),
    forbidden="torch.nn.functional.conv_transpose1d torch.nn.ConvTranspose1d",
    because="it is the operation you are asked to write",
)
