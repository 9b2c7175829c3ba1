"""The cepstrum, and the envelope that its first values hold."""

from __future__ import annotations

import numpy as np

from autograder.checks.lpc.inputs import windowed_frame
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import features


def _cepstrum_cases(rng):
    return [
        Case((windowed_frame(rng, 128),), "a windowed frame of 128 samples"),
        Case((windowed_frame(rng, 90),), "a windowed frame of 90 samples"),
        Case((rng.standard_normal(64),), "64 samples of noise"),
        Case((windowed_frame(rng, 101),), "101 samples, an odd number", EDGE),
        Case((rng.standard_normal(33),), "33 samples, an odd number", EDGE),
        Case((rng.standard_normal(75),), "75 samples, an odd number", EDGE),
        Case((np.array([-rng.uniform(2, 9)]),), "a single sample", EDGE),
    ]


def _cepstrum_by_half(x):
    levels = np.log(np.abs(np.fft.rfft(x)))
    return np.fft.irfft(levels, len(x))


def _cepstrum_by_sums(x):
    k = np.arange(len(x))
    turns = np.exp(-2j * np.pi * np.outer(k, k) / len(x))
    return np.real(np.conj(turns) @ np.log(np.abs(turns @ x))) / len(x)


REAL_CEPSTRUM = Exercise(
    function=features.real_cepstrum,
    read="A spectrum of a spectrum",
    cases=_cepstrum_cases,
    refuses={
        "silence": {"x": np.zeros_like},
        "two samples that add up to zero": {"x": np.array([1.0, -1.0])},
    },
    criteria=(
        Criterion("the cepstrum", 2),
        Criterion("an odd number of samples", 1, EDGE),
    ),
    mistakes="""
        np.log(magnitude) => np.log10(magnitude)
            Your logarithm is to base 10; the cepstrum is made with the natural one.
        np.log(magnitude) => 2 * np.log(magnitude)
            Every value is twice too large: the logarithm is that of the magnitude, not of the
            power.
        np.log(magnitude) => 20 * np.log10(magnitude)
            You transform decibels; the cepstrum is made from natural logarithms.
        np.log(magnitude) => magnitude
            The logarithm is missing: it turns the product of source and filter into a sum.
        np.log(magnitude) => magnitude**2
            You transform the powers, which gives the autocorrelation; the cepstrum transforms
            logarithms.
        np.fft.ifft(np.log => np.fft.fft(np.log
            You go forward again, where the inverse transform is asked for: all is N times too
            large.
        x = finite_array(x, "x") => x = finite_array(x, "x"); x = x * np.hanning(len(x) + 2)[1:-1]
            You put a window on the frame; it comes windowed, if it should be.
        np.fft.fft(x) => np.fft.rfft(x)
        np.fft.ifft(np.log(magnitude)).real => np.fft.irfft(np.log(magnitude))
            An odd number of samples comes back as an even one: tell the inverse transform of a
            one-sided spectrum how long the frame was.
        np.fft.ifft(np.log(magnitude)).real
        => np.fft.ifft(np.log(magnitude)).real[: len(x) // 2 + 1]
            The mirrored half is missing: N samples have N values of the cepstrum.
    """,
    alternatives=(
        Alternative(_cepstrum_by_half, why="by the one-sided spectrum"),
        Alternative(_cepstrum_by_sums, why="both transforms as matrices"),
    ),
)


def _envelope_cases(rng):
    return [
        Case((features.real_cepstrum(windowed_frame(rng, 128)), 20), "128 values and cutoff 20"),
        Case((features.real_cepstrum(windowed_frame(rng, 90)), 12), "90 values and cutoff 12"),
        Case((features.real_cepstrum(rng.standard_normal(61)), 7), "61 values and cutoff 7"),
        Case((features.real_cepstrum(windowed_frame(rng, 64)), 32), "cutoff N/2", EDGE),
        Case((features.real_cepstrum(windowed_frame(rng, 50)), 1), "cutoff 1", EDGE),
    ]


def _envelope_by_cosines(c, cutoff):
    k = 2 * np.pi * np.arange(len(c)) / len(c)
    rows = [2 * c[n] * np.cos(k * n) for n in range(1, cutoff)]
    return c[0] + sum(rows) + c[cutoff] * np.cos(k * cutoff)


def _envelope_by_both_halves(c, cutoff):
    distance = np.minimum(np.arange(len(c)), len(c) - np.arange(len(c)))
    window = (distance < cutoff) + (distance == cutoff) * (1 if 2 * cutoff == len(c) else 0.5)
    return np.real(np.fft.fft(window * c))


CEPSTRAL_ENVELOPE = Exercise(
    function=features.cepstral_envelope,
    read="A spectrum of a spectrum",
    cases=_envelope_cases,
    refuses={
        "cutoff 0": {"cutoff": 0},
        "a cutoff beyond the middle": {"cutoff": 65},
    },
    criteria=(
        Criterion("the envelope", 3),
        Criterion("the first and the last cutoff there is", 1, EDGE),
    ),
    mistakes="""
        window[1:cutoff] = 2 => window[1:cutoff] = 1
            The 2 is missing: with one half of the cepstrum cut away, what is left between
            the ends counts twice.
        window[1:cutoff] = 2 => window[1 : cutoff + 1] = 2
            Your window is 2 at its last quefrency, too; there it is 1.
        window[0] = window[cutoff] = 1 => window[0], window[cutoff] = 2, 1
            Your window is 2 at quefrency 0, which has no mirror image; there it is 1.
        window[0] = window[cutoff] = 1 => window[0] = 1
            Your window ends one quefrency too early: at the cutoff it is 1.
        np.fft.fft(window * c).real => np.abs(np.fft.fft(window * c))
            You take the magnitude of the transform; a level may be negative, and asked for is the
            real part.
        np.fft.fft(window * c).real => np.fft.ifft(window * c).real
            You use the inverse transform, so all is N times too small: from the cepstrum back to
            the spectrum leads the forward one.
        np.fft.fft(window * c).real => np.exp(np.fft.fft(window * c).real)
            You undo the logarithm; asked for is the envelope as a logarithm.
        np.fft.fft(window * c).real => 20 / np.log(10) * np.fft.fft(window * c).real
            You return decibels; asked for is the natural logarithm.
        window * c => c - window * c
            You keep what the window should remove: the envelope lies in the low quefrencies.
    """,
    alternatives=(
        Alternative(_envelope_by_cosines, why="a sum of cosines"),
        Alternative(_envelope_by_both_halves, why="a window over both halves"),
    ),
)
