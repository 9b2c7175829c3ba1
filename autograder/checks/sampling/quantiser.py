"""Steps of equal height, and the noise that they add."""

from __future__ import annotations

import math

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, spoilt
from autograder.reference import sampling

LOUD = "overload"


def _inside(rng, bits, count):
    """Samples in all of full scale, none within a hundredth of a step from a border."""
    steps = rng.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), count)
    return 2 / 2**bits * (steps + rng.uniform(0.01, 0.99, count))


def _quantise_cases(rng):
    def loud(bits):
        return rng.permutation(np.append(_inside(rng, bits, 12), rng.uniform(1.05, 3, 6) * SIGNS))

    def borders(bits):
        steps = rng.integers(-(2 ** (bits - 1)) + 1, 2 ** (bits - 1), 12)
        return np.append(2 / 2**bits * steps, [0.0, -1.0])

    return [
        *(Case((_inside(rng, b, 40), b), f"{b} bits") for b in (3, 4, 8)),
        Case((_inside(rng, 1, 12), 1), "one bit"),
        Case((_inside(rng, 12, 30), 12), "12 bits"),
        *(Case((loud(b), b), f"samples beyond full scale, {b} bits", LOUD) for b in (2, 3, 5)),
        *(Case((borders(b), b), f"samples on borders, {b} bits", EDGE) for b in (2, 3, 5)),
        Case((np.array([1.0, -1.0, 0.0]), 4), "full scale and silence", EDGE),
    ]


SIGNS = np.array([1, -1, 1, -1, 1, -1])


def _by_nearest_level(x, bits):
    half = 1 / 2**bits
    levels = np.arange(-1 + half, 1, 2 * half)[::-1]  # of two that are equally near, the upper
    return levels[np.argmin(np.abs(np.asarray(x)[:, None] - levels), axis=1)]


def _by_halving(x, bits):
    """One bit at a time: above or below the middle of what is left."""
    answers = []
    for value in x:
        middle, half = 0.0, 0.5
        for _ in range(bits):
            middle += half if value >= middle else -half
            half /= 2
        answers.append(middle)
    return answers


UNIFORM_QUANTISE = Exercise(
    function=sampling.uniform_quantise,
    read="Numbers with few digits",
    cases=_quantise_cases,
    refuses={"0 bits": {"bits": 0}, "2.5 bits": {"bits": 2.5}, **spoilt("x")},
    criteria=(
        Criterion("the middles of the steps", 2),
        Criterion("samples beyond full scale", 1, LOUD),
        Criterion("borders of steps, full scale and silence", 1, EDGE),
    ),
    mistakes="""
        np.floor(x / step) + 0.5 => np.round(x / step)
            One of your levels is 0: that is a mid-tread quantiser, and the levels of a mid-rise one
            lie half a step beside it.
        np.floor(x / step) + 0.5 => np.floor(x / step)
            You give the lower border of each step; its middle is asked for.
        np.floor(x / step) + 0.5 => np.trunc(x / step) + 0.5
            You cut off towards zero, so that a sample below zero gets the level of a step above its
            own; towards minus infinity is meant.
        np.floor(x / step) + 0.5 => np.ceil(x / step) - 0.5
            A sample on a border of yours belongs to the lower step; the upper one is asked for.
        np.floor(x / step) + 0.5 => np.round(x / step - 0.5) + 0.5
            `np.round` takes a half to the even number, so that some borders belong to the upper and
            some to the lower step.
        2 / 2**bits => 1 / 2**bits
            Your steps are half as high as they should be: full scale is from -1 to 1.
        2 / 2**bits => 2 / (2**bits - 1)
            Your steps are too high: with that height there is room for one level less.
        np.clip(middles, -1 + step / 2, 1 - step / 2) => middles
            You clip nothing: a sample beyond full scale gets a level that no code of so many bits
            stands for.
        np.clip(middles, -1 + step / 2, 1 - step / 2) => np.clip(middles, -1, 1)
            You clip to full scale itself, where there is no level: the outermost ones lie half a
            step inside.
    """,
    alternatives=(
        Alternative(_by_nearest_level, why="the nearest of all levels"),
        Alternative(_by_halving, why="bit by bit, as a converter does it"),
    ),
)


def _ratio_cases(rng):
    def pair(count, loss):
        x = rng.uniform(0.1, 0.6) + rng.standard_normal(count)
        return x, x + rng.uniform(0.02, 0.1) + loss * rng.standard_normal(count)

    def as_in_a_file():
        x, y = pair(40, 0.05)
        return tuple((8000 * part).astype(np.int16) for part in (x, y))

    x = rng.uniform(-1, 1, 60)
    return [
        Case((x, sampling.uniform_quantise(x, 5)), "noise in 5 bits"),
        Case(pair(50, 0.1), "a little noise"),
        Case(pair(33, 0.01), "very little noise"),
        Case(pair(40, 3.0), "more noise than signal"),
        Case((np.array([0.6, -0.3]), np.array([0.5, -0.25])), "two samples"),
        *(Case(as_in_a_file(), "16-bit integers as from a file", EDGE) for _ in range(3)),
    ]


def _difference_of_levels(x, quantised):
    lost = np.subtract(np.asarray(quantised, dtype=float), x)
    return 20 * math.log10(np.linalg.norm(np.asarray(x, dtype=float)) / np.linalg.norm(lost))


def _ratio_by_loop(x, quantised):
    signal = sum(float(a) ** 2 for a in x)
    noise = sum((float(a) - float(b)) ** 2 for a, b in zip(x, quantised, strict=True))
    return 10 * (math.log10(signal) - math.log10(noise))


SQNR = Exercise(
    function=sampling.sqnr,
    read="Numbers with few digits",
    cases=_ratio_cases,
    refuses={
        "silence": {"x": np.zeros_like},
        "no noise at all": {"quantised": np.array([0.6]), "x": np.array([0.6])},
        "signals of different lengths": {"x": lambda x: x[:-1]},
        "a single sample beside many": {"quantised": np.array([0.5])},
        **spoilt("quantised"),
    },
    criteria=(
        Criterion("the ratio in dB", 2),
        Criterion("16-bit integers", 1, EDGE),
    ),
    mistakes="""
        10 * np.log10 => 20 * np.log10
            Your ratio has twice the decibels it should: energies, not amplitudes, are compared.
        np.log10 => np.log
            You use the natural logarithm; decibels are defined with base ten.
        signal / noise => noise / signal
            Yours is the ratio of noise to signal, with the opposite sign.
        (quantised - x) ** 2 => quantised**2
            You compare with the quantised signal; the noise is only what quantisation has added.
        np.sum(x**2) => np.max(x**2) * len(x)
            You start from the highest sample: that is the peak-to-noise ratio.
        np.sum(x**2), np.sum((quantised - x) ** 2) => np.var(x), np.var(quantised - x)
            You take the means off first; both belong to the energies.
        x, quantised = finite_array(x, "x"), finite_array(quantised, "quantised")
        => x, quantised = np.asarray(x), np.asarray(quantised)
            Your squares overflow when the samples are 16-bit integers: work on floats.
    """,
    alternatives=(
        Alternative(_difference_of_levels, why="from the norms"),
        Alternative(_ratio_by_loop, why="loops, and a difference of two levels"),
    ),
)
