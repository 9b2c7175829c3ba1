"""Checks of loudness and of the total loudness of tones that mask each other."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.reference import psychoacoustics as reference


def _loudness_cases(rng) -> list[Case]:
    table = reference.FLETCHER_PHON
    some = rng.choice(table[1:-1], 4, replace=False)
    rows = rng.permutation([table[0], table[-1], *some]).astype(float)
    return [
        Case((rows,), "levels of the table's rows", "rows"),
        Case((40.0,), "40 phon", "rows"),
        Case((rng.uniform(-10, 120, 8),), "levels between the rows", "between"),
        Case((float(rng.uniform(41, 49)),), "one level between two rows", "between"),
        Case((rng.uniform(20, 100, (2, 3)),), "an array of two rows", "between"),
    ]


def _loudness_by_search(phon):
    phon = np.asarray(phon, dtype=float)
    row = np.minimum((phon + 10) // 10, len(reference.FLETCHER_LU) - 2).astype(int)
    low, high = reference.FLETCHER_LU[row], reference.FLETCHER_LU[row + 1]
    return low * (high / low) ** ((phon - reference.FLETCHER_PHON[row]) / 10)


LOUDNESS = Exercise(
    function=reference.loudness,
    read="From order to amount: LU and sone",
    answers=("exam 1b",),
    cases=_loudness_cases,
    refuses={
        "a level above the table": {"phon": lambda phon: phon + 1},
        "a level below the table": {"phon": lambda phon: phon - 1},
    },
    criteria=(
        Criterion("the table's own rows", 1, "rows"),
        Criterion("between the rows", 2, "between"),
    ),
    mistakes="""
        np.exp(np.interp(phon, FLETCHER_PHON, np.log(FLETCHER_LU)))
        => np.interp(phon, FLETCHER_PHON, FLETCHER_LU)
            The loudness itself is interpolated linearly: between two rows it grows by equal
            factors, so it is its logarithm that runs straight.
        np.exp(np.interp(phon, FLETCHER_PHON, np.log(FLETCHER_LU)))
        => np.exp(np.interp(phon, FLETCHER_PHON, np.log(FLETCHER_LU))) / 975
            That is the loudness in sones: what is asked for is loudness units, of which 975 make a
            sone.
        np.exp(np.interp(phon, FLETCHER_PHON, np.log(FLETCHER_LU))) => 2 ** ((phon - 40) / 10)
            That is the modern rule for sones, a doubling every 10 phon: what is asked for is the
            table's loudness units.
        np.exp(np.interp(phon, FLETCHER_PHON, np.log(FLETCHER_LU)))
        => np.interp(phon, FLETCHER_PHON, np.log(FLETCHER_LU))
            You return the logarithm of the loudness: undo it at the end.
    """,
    alternatives=(
        Alternative(_loudness_by_search, why="searches the row and uses a power"),
        Alternative(
            "np.exp(np.interp(phon, FLETCHER_PHON, np.log(FLETCHER_LU)))"
            " => 10 ** np.interp(phon, FLETCHER_PHON, np.log10(FLETCHER_LU)).astype(np.float32)",
            why="base-10 logarithm, single precision",
        ),
    ),
)


def _tones(rng, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frequencies in rising order (some near, some far apart), loudnesses and factors Q.

    The second tone is 350 to 600 Hz above the first and its Q large, so that the cap acts; the
    third is within 100 Hz, so that it does not.
    """
    gaps = np.concatenate([[0, rng.uniform(350, 600), 100], rng.uniform(100, 900, number)])
    q = np.concatenate([[rng.uniform(0.5, 0.9), 1.9], rng.uniform(0.6, 0.9, number)])
    frequencies = rng.uniform(100, 300) + np.cumsum(gaps)[:number]
    return np.round(frequencies, 1), np.round(rng.uniform(300, 8000, number)), q[:number]


def _total_cases(rng) -> list[Case]:
    rising = _tones(rng, 5)
    order = rng.permutation(5)
    while np.all(np.diff(order) > 0) or np.all(np.diff(order) < 0):
        order = rng.permutation(5)
    exam = np.array([150.0, 300, 1050, 1200]), np.array([4350.0, 7020, 1500, 2200])
    one, twice = _tones(rng, 1), np.array([440.0, 440.0])
    return [
        Case((*exam, np.array([1, 0.8, 1, 0.9])), "four tones at 150, 300, 1050, 1200 Hz"),
        Case(rising, "tones in rising order"),
        Case((twice * [1, 3], twice, twice / twice * 1.4), "two tones far apart"),
        Case(one, "a single tone"),
        Case(tuple(part[order] for part in rising), "tones in no order", "order"),
    ]


def _total_by_loop(frequencies, loudnesses, q):
    b = []
    for k, f in enumerate(frequencies):
        lower = [g for g in frequencies if g < f]
        b.append(min(1.0, q[k] * (250 + f - max(lower)) / 1000) if lower else 1.0)
    return b, sum(one * part for one, part in zip(b, loudnesses, strict=True))


TOTAL_LOUDNESS = Exercise(
    function=reference.total_loudness,
    read="From order to amount: LU and sone",
    answers=("exam 1c",),
    cases=_total_cases,
    refuses={"two tones of one frequency": {"frequencies": lambda f: f[[0, 0, 2, 3]]}},
    criteria=(
        Criterion("the masking coefficients", 2, select=0),
        Criterion("the total loudness", 1, select=1),
        Criterion("tones in any order", 1, "order"),
    ),
    mistakes="""
        np.minimum(1, q[order[1:]] * (250 + distance) / 1000)
        => q[order[1:]] * (250 + distance) / 1000
            A coefficient exceeds 1: a masker cannot make a tone louder than it is alone.
        np.argsort(frequencies) => np.arange(frequencies.size)
            The masker of a tone is taken to be the one before it in the list: it is the one with
            the next lower frequency, wherever that stands.
        (250 + distance) => distance
            The 250 Hz are lost: a tone right beside its masker still counts a quarter of Q.
        float(coefficients @ loudnesses) => float(np.sum(loudnesses))
            The total adds up the loudness that the tones have alone: weight each by its masking
            coefficient.
        q[order[1:]] * (250 => q[order[:-1]] * (250
            The factor Q used is the masker's: it is that of the tone that is masked.
    """,
    alternatives=(Alternative(_total_by_loop, why="a search for each tone's masker, lists"),),
)
