"""A periodic signal as a sum of sinusoids."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import fourier


def _period(rng, length, orders):
    """One period, of harmonics of these orders, none of them weak."""
    t = np.arange(length) / length
    amplitudes = rng.uniform(0.2, 1.5, len(orders))
    phases = rng.uniform(-3, 3, len(orders))
    waves = np.cos(2 * np.pi * np.outer(t, orders) + phases)
    return rng.uniform(-2, -0.2) + waves @ amplitudes


def _series_cases(rng):
    pulse = np.arange(40) < rng.integers(9, 17)
    return [
        Case((_period(rng, 32, range(1, 9)), 5), "32 samples of a sum of 8 harmonics"),
        Case((_period(rng, 25, range(1, 13)), 12), "25 samples and as many harmonics as there are"),
        Case((rng.uniform(-1, 1, 21), 6), "21 samples of no pattern"),
        Case((_period(rng, 36, (2, 3, 7)), 9), "a period that lacks most harmonics", EDGE),
        Case((pulse * rng.uniform(1, 3), 8), "a rectangular pulse", EDGE),
        Case((_period(rng, 20, (1, 10)), 4), "20 samples that hold harmonic 10, too", EDGE),
        Case((rng.uniform(-1, 1, 7), 1), "7 samples, of which one harmonic is asked for", EDGE),
    ]


def _wave(answer):
    """Each harmonic as one complex number, so that the phase of one without amplitude is free."""
    _, amplitudes, phases = answer
    return np.asarray(amplitudes) * np.exp(1j * np.asarray(phases))


def _turn(answer):
    """The phase of each harmonic as a number on the unit circle."""
    return np.exp(1j * np.asarray(answer[2]))


def _by_cosine_and_sine(x, harmonics):
    amplitudes, phases = [], []
    for k in range(1, harmonics + 1):
        angle = 2 * np.pi * k * np.arange(len(x)) / len(x)
        even = 2 * sum(x * np.cos(angle)) / len(x)
        odd = 2 * sum(x * np.sin(angle)) / len(x)
        amplitudes.append(float(np.hypot(even, odd)))
        phases.append(float(np.arctan2(-odd, even)) % (2 * np.pi))
    return sum(x) / len(x), amplitudes, phases


FOURIER_SERIES = Exercise(
    function=fourier.fourier_series,
    read="How to find a circle",
    cases=_series_cases,
    refuses={
        "no harmonic asked for": {"harmonics": 0},
        "harmonic 16 of 32 samples": {"harmonics": 16},
        "NaN in x": {"x": with_nan},
    },
    criteria=(
        Criterion("the mean", 1, select=0),
        Criterion("the amplitudes", 2, select=1),
        Criterion("the phases", 2, select=_turn),
        Criterion("harmonics that are missing or too high", 1, EDGE, select=_wave),
    ),
    mistakes="""
        2 * np.abs(c) => np.abs(c)
            Your amplitudes are half as large as they should be: a cosine is made of two complex
            exponentials, and the sum finds one of them.
        2 * np.abs(c), np.angle(c) => -2 * np.abs(c), np.angle(-c)
            Your waves are right, with negative amplitudes and phases half a turn away; amplitudes
            that are not negative are asked for.
        float(np.mean(x)) => 2 * float(np.mean(x))
            Your constant is twice the mean. Some books write a_0/2 in front of their series; here
            the constant is a_0 itself.
        np.angle(c) => -np.angle(c)
            The sign of your phases is the opposite one: here the phase is added inside the cosine,
            so that a positive one moves the wave to earlier times.
        np.angle(c) => np.angle(c) + np.pi / 2
            Your phases are those of sines; the series is written with cosines.
        np.angle(c) => np.arctan(c.imag / c.real)
            Your phases lie in half of the circle only: the quotient of two numbers does not tell
            which of them was negative.
        @ x / len(x) => @ x
            Your amplitudes grow with the number of samples: the mean over a period is meant, not
            the sum.
        np.arange(1, harmonics + 1) => np.arange(harmonics)
            Your list starts with the constant: harmonic 1, the fundamental, should come first.
        np.arange(len(x))) / len(x) => np.arange(len(x))) / (len(x) - 1)
            You divide the period into N-1 steps. The N samples are N steps, as the sample at the
            end of the period is the first one of the next.
    """,
    alternatives=(
        Alternative(_by_cosine_and_sine, why="sums with cosines and sines, phases from 0 to 2 pi"),
    ),
)
