"""Checks of the equal-loudness contours, both ways."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.reference import psychoacoustics as reference


def _frequencies(rng, number: int) -> np.ndarray:
    """Frequencies between those of the ISO table, spread over its range."""
    return np.exp(rng.uniform(np.log(22), np.log(12000), number))


def _listed(rng):
    """Frequencies of the table, among them its first and its last."""
    table = reference.ISO_FREQUENCY
    return rng.permutation([table[0], table[-1], *rng.choice(table[1:-1], 3, replace=False)])


def _contour_cases(rng) -> list[Case]:
    listed = _listed(rng)
    return [
        Case((60.0, 100.0), "60 phon at 100 Hz", "table"),
        Case((float(rng.uniform(20, 80)), listed), "frequencies of the ISO table", "table"),
        Case((rng.uniform(20, 80, 6), _frequencies(rng, 6)), "frequencies between", "between"),
        Case((rng.uniform(20, 80, (3, 1)), _frequencies(rng, 4)), "three contours", "between"),
        Case((50.0, float(rng.uniform(21, 24))), "a frequency just above 20 Hz", "between"),
    ]


def _contour_by_loop(phon, frequency):
    phon, frequency = np.broadcast_arrays(phon, frequency)
    levels = []
    for one, f in zip(phon.ravel(), frequency.ravel(), strict=True):
        where = np.log10(f), np.log10(reference.ISO_FREQUENCY)
        a = np.interp(*where, reference.ISO_EXPONENT)
        lu = np.interp(*where, reference.ISO_TRANSFER)
        tf = np.interp(*where, reference.ISO_THRESHOLD)
        right = (4e-10) ** (0.3 - a) * (10 ** (0.03 * one) - 10**0.072)
        levels.append(10 * np.log10(right + 10 ** (a * (tf + lu) / 10)) / a - lu)
    return np.reshape(levels, phon.shape).tolist()


CONTOUR = Exercise(
    function=reference.equal_loudness_contour,
    read="How loud?",
    cases=_contour_cases,
    refuses={
        "a frequency below 20 Hz": {"frequency": 19.5},
        "a frequency above 12.5 kHz": {"frequency": np.array([100.0, 12600.0])},
    },
    criteria=(
        Criterion("the formula, at frequencies of the table", 2, "table"),
        Criterion("the parameters, at frequencies between", 2, "between"),
    ),
    mistakes="""
        np.interp(log_frequency, np.log(ISO_FREQUENCY),
        => np.interp(np.exp(log_frequency), ISO_FREQUENCY,
            The parameters are interpolated along the frequency itself: the ear's steps are ratios,
            so interpolate along its logarithm.
        heard = excess + 10 ** (alpha * (threshold + transfer) / 10) => heard = excess
            The term with the threshold in quiet is lost: look at what stands on the left of the
            relation besides the level that you solve for.
        - transfer => + transfer
            The transfer level is added at the end: the relation holds for the level plus the
            transfer level, so solving for the level takes it away.
        10 / alpha * np.log10 => 10 * np.log10
            The exponent is still in the answer: the power of ten on the left is alpha times the
            level, so the logarithm has to be divided by alpha.
        np.log10(heard) => np.log(heard)
            The last logarithm is the natural one, but decibels are tenths of a base-10 one.
    """,
    alternatives=(Alternative(_contour_by_loop, why="a loop over tones that returns lists"),),
)


def _level_cases(rng) -> list[Case]:
    f = _frequencies(rng, 6)
    heard = reference.equal_loudness_contour(rng.uniform(20, 90, 6), f)
    below = np.interp(np.log(f), np.log(reference.ISO_FREQUENCY), reference.ISO_THRESHOLD)
    mixed = np.where(np.arange(6) % 2, heard, below - rng.uniform(1, 6, 6))
    listed = _listed(rng)
    return [
        Case((78.5, 100.0), "78.5 dB SPL at 100 Hz", "table"),
        Case((rng.uniform(85, 100, 5), listed), "frequencies of the ISO table", "table"),
        Case((heard, f), "frequencies between those of the table", "between"),
        Case((rng.uniform(85, 100, (2, 1)), f), "two levels at six frequencies", "between"),
        Case((mixed, f), "tones of which some are below threshold", "threshold"),
    ]


def _level_by_tone(level, frequency):
    def one(lp, f):
        where = np.log2(f), np.log2(reference.ISO_FREQUENCY)
        a, lu, tf = (
            np.interp(*where, p)
            for p in (reference.ISO_EXPONENT, reference.ISO_TRANSFER, reference.ISO_THRESHOLD)
        )
        if lp < tf:
            return -np.inf
        power = 10 ** (a * (lp + lu) / 10) - 10 ** (a * (tf + lu) / 10)
        return np.log10(power * (4e-10) ** (a - 0.3) + 10**0.072) / 0.03

    return np.vectorize(one, otypes=[float])(level, frequency)


LEVEL = Exercise(
    function=reference.loudness_level,
    read="How loud?",
    answers=("exam 1a",),
    cases=_level_cases,
    refuses={"a frequency below 20 Hz": {"frequency": 19.5}},
    criteria=(
        Criterion("the formula, at frequencies of the table", 2, "table"),
        Criterion("the parameters, at frequencies between", 1, "between"),
        Criterion("tones below threshold", 1, "threshold"),
    ),
    mistakes="""
        np.where(level < threshold, -np.inf, np.log10(at_1_khz) / 0.03) => np.log10(at_1_khz) / 0.03
            A tone below threshold gets a loudness level: it is not heard, and the docstring says
            what to return then.
        ** (alpha - 0.3) => ** (0.3 - alpha)
            The factor with 4e-10 stays as it was on the right-hand side: moving it to the other
            side of the relation divides by it.
        np.interp(log_frequency, np.log(ISO_FREQUENCY),
        => np.interp(np.exp(log_frequency), ISO_FREQUENCY,
            The parameters are interpolated along the frequency itself: the ear's steps are ratios,
            so interpolate along its logarithm.
        np.maximum(excess, 0) + 10**0.072 => np.maximum(excess, 1e-300)
            The constant 10**0.072, the threshold at 1 kHz, is lost when solving for the loudness
            level.
        np.log10(at_1_khz) / 0.03 => np.log10(at_1_khz) / 0.025
            You divide by 0.025, the constant of the edition of 2003: that of 2023 has 0.03.
    """,
    alternatives=(Alternative(_level_by_tone, why="one tone at a time"),),
)
