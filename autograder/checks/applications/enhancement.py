"""Speech from under noise, and how much of it."""

from __future__ import annotations

import cmath
import math

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, changed, spoilt, with_nan
from autograder.reference import applications


def _spectra(rng, *shape):
    return rng.uniform(0.5, 3) * (rng.standard_normal(shape) + 1j * rng.standard_normal(shape))


def _subtraction_cases(rng):
    def noisy(T, K):
        X = _spectra(rng, T, K)
        return X, rng.uniform(0.2, 0.8, K) * np.mean(np.abs(X) ** 2)

    def with_silence(T, K):
        X, noise = noisy(T, K)
        X[rng.integers(T)], X[:, rng.integers(K)], noise[rng.integers(K)] = 0, 0, 0
        return X, noise, 1.5, 0.1

    return [
        Case(noisy(8, 6), "8 frames and 6 bins"),
        Case(noisy(3, 17), "3 frames and 17 bins"),
        *(
            Case((*noisy(6, 5), a, b), f"over = {a}, floor = {b}")
            for a, b in ((2.0, 0.05), (3.5, 0.2), (0.7, 0.5), (1.5, 0.0))
        ),
        *(Case(with_silence(5, n), "bins and frames of silence", EDGE) for n in (4, 5, 6)),
    ]


def _subtraction_by_loop(X, noise_power, over=1.0, floor=0.01):
    S = []
    for row in X:
        S.append([])
        for value, noise in zip(row, noise_power):
            size, angle = cmath.polar(value)
            left = max(size * size - over * noise, floor * noise) if size else 0.0
            S[-1].append(cmath.rect(math.sqrt(left), angle))
    return S


SPECTRAL_SUBTRACTION = Exercise(
    function=applications.spectral_subtraction,
    read="Taking noise off",
    cases=_subtraction_cases,
    refuses={
        "a noise power below zero": {"noise_power": changed(1, -0.1)},
        "a noise power for each bin but one": {"noise_power": lambda n: n[:-1]},
        "a single noise power": {"noise_power": lambda n: n[:1]},
        "over = -1": {"over": -1.0},
        "floor = -0.1": {"floor": -0.1},
        **spoilt("X"),
        "NaN in noise_power": {"noise_power": with_nan},
    },
    criteria=(
        Criterion("the spectra", 3),
        Criterion("bins and frames of silence", 1, EDGE),
    ),
    mistakes="""
        np.sqrt(np.divide => (np.divide
            You multiply a spectrum by a ratio of powers; its root is the ratio of the sizes.
        power - over * noise_power
        => (np.sqrt(power) - over * np.sqrt(noise_power)).clip(0) ** 2
            You subtract sizes; the powers are to be subtracted.
        floor * noise_power) => floor * power)
            Your floor is a share of the power of the noisy speech; it is to be one of the noise.
        floor * noise_power) => 0)
            What is left may fall to zero in yours; the floor makes no difference.
        floor * noise_power) => floor)
            Your floor is the same in all bins; it is a share of the noise power of each.
        np.maximum(power - over * noise_power, floor * noise_power)
        => np.maximum(power - over * noise_power, 0) + floor * noise_power
            You add the floor to what is left; it is only the least that may be left.
        power - over * noise_power => power - noise_power
            You take the noise power off once, whatever `over` says.
        X * np.sqrt => np.abs(X) * np.sqrt
            The phase is lost: it stays that of the noisy spectrum.
        np.divide(left, power, out=np.zeros_like(power), where=power > 0)
        => left / power
            Where the spectrum is zero you divide by zero.
    """,
    alternatives=(Alternative(_subtraction_by_loop, why="size and angle, value by value"),),
)


def _mask_cases(rng):
    def both(T, K):
        return _spectra(rng, T, K), _spectra(rng, T, K)

    def with_silence(T, K):
        S, N = both(T, K)
        at, other = rng.permutation(K)[:2]
        S[:, at], N[:, other] = 0, 0
        S[rng.integers(T)], N[rng.integers(T)] = 0, 0
        S[0, at], N[0, at] = 0, 0
        return S, N

    return [
        Case(both(8, 6), "8 frames and 6 bins"),
        Case(both(3, 17), "3 frames and 17 bins"),
        *(Case((*both(5, 6), a), f"the exponent {a}") for a in (1.0, 2.0, 0.3)),
        *(Case(with_silence(5, n), "bins and frames of silence", EDGE) for n in (4, 5, 6)),
    ]


def _mask_by_loop(speech, noise, exponent=0.5):
    def share(s, n):
        s, n = abs(s), abs(n)
        return 1 / (1 + (n / s) ** 2) ** exponent if s else 0.0

    return [[share(*pair) for pair in zip(*rows)] for rows in zip(speech, noise)]


IDEAL_RATIO_MASK = Exercise(
    function=applications.ideal_ratio_mask,
    read="What a mask could do",
    cases=_mask_cases,
    refuses={
        "one frame less of the noise": {"noise": lambda N: N[:-1]},
        "a single frame of noise": {"noise": lambda N: N[:1]},
        "an exponent of 0": {"exponent": 0.0},
        **spoilt("speech", "noise"),
    },
    criteria=(
        Criterion("the mask", 2),
        Criterion("bins and frames of silence", 1, EDGE),
    ),
    mistakes="""
        dtype=complex)) ** 2 => dtype=complex))
            You compare sizes; the powers are to be compared.
        both > 0) ** exponent => both > 0)
            The exponent makes no difference in yours.
        both = speech_power + noise_power => speech_power **= exponent; noise_power **= exponent
        both > 0) ** exponent => both > 0)
        return np.divide => both = speech_power + noise_power; return np.divide
            You raise each power to the exponent; the share is to be raised.
        np.divide(speech_power, => np.divide(noise_power,
            Yours is the mask that lets the noise through.
        both = speech_power + noise_power => both = noise_power
            You divide by the power of the noise alone, so that your mask grows beyond 1.
        speech_power + noise_power => np.abs(np.array(speech) + np.array(noise)) ** 2
            You divide by the mixture's power, in which the two may cancel; add the two powers.
        np.divide(speech_power, both, out=np.zeros_like(both), where=both > 0)
        => 1.0 * (speech_power > noise_power)
            You decide for one of the two: that is a binary mask.
        np.divide(speech_power, both, out=np.zeros_like(both), where=both > 0)
        => speech_power / both
            Where both are silent you divide zero by zero.
    """,
    alternatives=(Alternative(_mask_by_loop, why="from the ratio of the two, value by value"),),
    forbidden="librosa.util.softmask",
    because="it is the mask that you are asked to write",
)


def _ratio_cases(rng):
    def pair(count, scale, loss):
        reference = rng.uniform(0.2, 0.8) + rng.standard_normal(count)
        return scale * reference + loss * (0.3 + rng.standard_normal(count)), reference

    def as_in_a_file():
        return tuple((9000 * part).astype(np.int16) for part in pair(40, 0.6, 0.1))

    return [
        Case(pair(50, 0.5, 0.1), "a softer estimate with a little noise"),
        Case(pair(80, 3.0, 0.5), "a louder estimate"),
        Case(pair(40, 0.8, 3.0), "an estimate with more noise than signal"),
        Case(pair(33, -1.2, 0.5), "an estimate with the opposite sign"),
        Case((np.array([1.0, 2.0]), np.array([0.0, 1.5])), "two samples"),
        *(Case(as_in_a_file(), "16-bit integers as from a file", EDGE) for _ in range(3)),
    ]


def _ratio_by_angle(estimate, reference):
    one, other = (np.asarray(part, dtype=float) for part in (estimate, reference))
    product = (one @ other) ** 2
    return 10 * math.log10(product / ((one @ one) * (other @ other) - product))


SI_SDR = Exercise(
    function=applications.si_sdr,
    read="How much cleaner?",
    cases=_ratio_cases,
    refuses={
        "a silent reference": {"reference": np.zeros_like},
        "an estimate that holds nothing of the reference": {
            "estimate": np.array([0.0, 2.0]),
            "reference": np.array([1.0, 0.0]),
        },
        "an estimate that is twice the reference": {
            "estimate": np.array([2.0, 0.0]),
            "reference": np.array([1.0, 0.0]),
        },
        "signals of different lengths": {"estimate": lambda x: x[:-1]},
        **spoilt("estimate", "reference"),
    },
    criteria=(
        Criterion("the ratio in dB", 3),
        Criterion("16-bit integers", 1, EDGE),
    ),
    mistakes="""
        target = (estimate @ reference) / (reference @ reference) * reference => target = reference
            You compare with the reference as it is, so that an estimate that is only louder loses.
        (estimate @ reference) / (reference @ reference)
        => np.sqrt((estimate @ estimate) / (reference @ reference))
            You make the reference as loud as the whole estimate, noise included; the nearest
            multiple of it is meant.
        / (reference @ reference) => / (estimate @ estimate)
            Your multiple of the reference is divided by the energy of the wrong signal.
        finite_array(estimate, "estimate"),
        => finite_array(estimate, "estimate") - np.mean(estimate),
        finite_array(reference, "reference")
        => finite_array(reference, "reference") - np.mean(reference)
            You take the means off first; nothing is to be taken off.
        np.sum(target**2) => np.sum(estimate**2)
            You compare the distortion with the energy of the whole estimate; the target's is meant.
        np.sum(target**2) => np.sum(reference**2)
            You compare the distortion with the energy of the reference as it is, not of the
            multiple that is in the estimate.
        10 * np.log10 => 20 * np.log10
            Your ratio has twice as many decibels as it should: energies, not amplitudes, are
            compared.
        wanted / distortion => distortion / wanted
            Yours is the ratio of distortion to signal, with the opposite sign.
        finite_array(estimate, "estimate"), => np.asarray(estimate),
        finite_array(reference, "reference") => np.asarray(reference)
            Your products overflow when the samples are 16-bit integers: work on floats.
    """,
    alternatives=(Alternative(_ratio_by_angle, why="from the angle between the two"),),
    forbidden="torchmetrics.functional.audio.scale_invariant_signal_distortion_ratio",
    because="it is the ratio that you are asked to write",
)
