"""The constant-Q transform as a product of a kernel with a discrete Fourier transform."""

from __future__ import annotations

import numpy as np

from autograder.checks.tonality.inputs import RATE, bins
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, spoilt
from autograder.reference import tonality

SPARSE = "sparse"


def _kernel_cases(rng):
    return [
        Case((RATE, *bins(rng, 6), 64), "6 bins, frames of 64 samples"),
        Case((RATE, *bins(rng, 9), 75), "9 bins, frames of 75 samples"),
        Case((1.5 * RATE, *bins(rng, 4), 60), "another rate, frames of 60 samples"),
        Case((RATE, *bins(rng, 6), 128, 0.2), "a floor of 0.2", SPARSE),
        Case((RATE, *bins(rng, 8), 100, 0.05), "a floor of 0.05", SPARSE),
        Case((RATE, *bins(rng, 9, 50, 60), 60, 0.9), "a floor of 0.9", SPARSE),
        Case((RATE, *bins(rng, 1, 30, 31), 30), "a single bin as long as the frame", EDGE),
    ]


def _kernel_bin_by_bin(rate, frequencies, lengths, size, floor=0.0):
    rows = []
    for f, length in zip(frequencies, lengths):
        n = np.arange(length)
        atom = np.sin(np.pi * n / length) ** 2 * np.exp(-2j * np.pi * f * n / rate) / length
        row = np.fft.ifft(np.append(atom, np.zeros(size - length)))
        rows.append([0j if abs(v) < floor * max(abs(row)) else v for v in row])
    return rows


def _kernel_by_closed_sums(rate, frequencies, lengths, size, floor=0.0):
    waves = np.exp(2j * np.pi * np.outer(np.arange(size), np.arange(size)) / size)
    columns = [
        tonality.constant_q(wave.real, rate, frequencies, lengths)
        + 1j * tonality.constant_q(wave.imag, rate, frequencies, lengths)
        for wave in waves
    ]
    kernel = np.array(columns).T / size
    largest = np.abs(kernel).max(axis=1)
    return np.where(np.abs(kernel) < floor * largest[:, None], 0, kernel)


CONSTANT_Q_KERNEL = Exercise(
    function=tonality.constant_q_kernel,
    read="The kernel",
    cases=_kernel_cases,
    refuses={
        "a frame shorter than a window": {"size": 10},
        "a floor of one": {"floor": 1.0},
        "a negative floor": {"floor": -0.1},
        "a length too few": {"lengths": lambda lengths: lengths[1:]},
        "a rate of zero": {"rate": 0.0},
        **spoilt("frequencies"),
    },
    criteria=(
        Criterion("the kernel", 4),
        Criterion("small entries set to zero", 1, SPARSE),
        Criterion("a single bin", 1, EDGE),
    ),
    mistakes="""
        np.conj(np.fft.fft(atoms)) / size => np.fft.fft(atoms) / size
            Your kernel is conjugated: try it on a frame, and compare its product with the DFT with
            the definition.
        np.conj(np.fft.fft(atoms)) / size => np.conj(np.fft.fft(atoms))
            A factor of the frame's length is missing: a sum over samples is a sum over the bins of
            the DFT divided by it.
        np.exp(2j * np.pi => np.exp(-2j * np.pi
            Your entries lie at the negative frequencies. Look at the sign of the exponent, and at
            the conjugate.
        n / rate) / lengths[:, None] => n / rate)
            The division by the length of each window is missing.
        floor * magnitude.max(axis=1, keepdims=True) => floor
            You compare with the floor itself. It is a share of the largest magnitude of the row.
        floor * magnitude.max(axis=1, keepdims=True) => floor * magnitude.max()
            You compare with the largest magnitude of the whole kernel. Each row has its own.
        2 * np.pi * n / lengths[:, None]) => 2 * np.pi * n / (lengths[:, None] - 1))
            Your windows end with a zero, so they are symmetric; those of `constant_q` are periodic.
        magnitude < floor => magnitude > floor
            You throw away what matters, and keep what is small.
        * inside => * 1
            Your windows repeat themselves up to the end of the frame. Each one ends after its own
            length.
    """,
    alternatives=(
        Alternative(_kernel_bin_by_bin, why="an inverse transform for each bin, lists"),
        Alternative(_kernel_by_closed_sums, why="the definition, applied to every wave of the DFT"),
    ),
)


def _kernel(rng, count, size):
    return rng.standard_normal((count, size)) + 1j * rng.standard_normal((count, size))


def _frames_cases(rng):
    return [
        Case((rng.standard_normal(60), _kernel(rng, 5, 16), 8), "60 samples, half overlapping"),
        Case((rng.standard_normal(50), _kernel(rng, 3, 20), 7), "50 samples, a hop of 7"),
        Case((rng.standard_normal(71), _kernel(rng, 4, 11), 15), "frames with gaps between them"),
        Case((rng.standard_normal(24), _kernel(rng, 6, 12), 12), "frames that just fit"),
        Case((rng.standard_normal(18), _kernel(rng, 2, 18), 5), "a single frame", EDGE),
        Case((rng.standard_normal(9), _kernel(rng, 1, 1), 4), "a kernel of one number", EDGE),
        Case((rng.standard_normal(14), _kernel(rng, 2, 12), 1), "a hop of one sample", EDGE),
    ]


def _frames_one_by_one(x, kernel, hop):
    size = np.shape(kernel)[1]
    starts = range(0, len(x) - size + 1, hop)
    return [list(np.dot(kernel, np.fft.fft(x[start : start + size]))) for start in starts]


def _frames_in_time(x, kernel, hop):
    kernel = np.asarray(kernel)
    in_time = np.fft.fft(kernel)  # the DFT is symmetric, so it can be moved to the kernel
    count = 1 + (len(x) - kernel.shape[1]) // hop
    return np.array([in_time @ x[t * hop : t * hop + kernel.shape[1]] for t in range(count)])


CONSTANT_Q_FRAMES = Exercise(
    function=tonality.constant_q_frames,
    read="The kernel",
    cases=_frames_cases,
    refuses={
        "a signal shorter than a frame": {"x": lambda x: x[:5]},
        "a hop of zero": {"hop": 0},
        "a kernel of one dimension": {"kernel": lambda kernel: kernel[0]},
        **spoilt("x"),
    },
    criteria=(Criterion("the transforms", 3), Criterion("a single frame or bin", 1, EDGE)),
    mistakes="""
        @ kernel.T => @ kernel.conj().T
            You conjugate the kernel on the way. The product is a plain one, without a conjugate.
        np.fft.fft(frames) @ kernel.T => frames @ kernel.T
            You multiply the kernel with the samples; it expects the DFT of a frame.
        [::hop] => [:: kernel.shape[1]]
            Your frames lie end to end, whatever the hop is.
        return np.fft.fft(frames) @ kernel.T => return kernel @ np.fft.fft(frames).T
            Your answer has the bins first. Time goes first: a row for each frame.
        [::hop] => [: max(1, len(x) - kernel.shape[1]) : hop]
            The last frame that lies in the signal whole is missing.
        return np.fft.fft(frames) @ kernel.T => return np.abs(np.fft.fft(frames) @ kernel.T)
            You return magnitudes. The transform is complex.
    """,
    alternatives=(
        Alternative(_frames_one_by_one, why="a loop over frames, lists"),
        Alternative(_frames_in_time, why="the DFT moved from the frames to the kernel"),
    ),
)
