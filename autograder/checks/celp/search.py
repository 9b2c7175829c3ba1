"""The exhaustive search of a codebook, with the best gain for every candidate."""

from __future__ import annotations

import numpy as np

from autograder.checks.celp.inputs import codebook
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, emptied
from autograder.reference import celp


def _search_cases(rng):
    target, y = codebook(rng, 32, 40)
    holes = y.copy()
    holes[: celp.search_codebook(target, y)[0]] = 0.0
    return [
        Case((target, y), "32 candidates of 40 samples"),
        Case(codebook(rng, 12, 24), "12 candidates of 24 samples"),
        Case(codebook(rng, 40, 60), "40 candidates of 60 samples"),
        Case((target, holes), "a codebook that begins with codes of zeros", EDGE),
        Case((target, y[:1]), "a single candidate", EDGE),
    ]


def _search_by_least_squares(target, candidates):
    gains = [np.linalg.lstsq(y[:, None], target, rcond=None)[0][0] for y in candidates]
    left = [np.linalg.norm(target - gain * y) ** 2 for gain, y in zip(gains, candidates)]
    k = left.index(min(left))
    return [k, gains[k], left[k]]


def _search_by_angle(target, candidates):
    lengths = np.linalg.norm(candidates, axis=1)
    cosines = candidates @ target / np.where(lengths > 0, lengths, np.inf)
    k = np.argmax(cosines**2)
    gain = cosines[k] / lengths[k] if lengths[k] else 0.0
    return np.int64(k), gain, target @ target - cosines[k] ** 2


SEARCH_CODEBOOK = Exercise(
    function=celp.search_codebook,
    read="The best gain, and then the best code",
    cases=_search_cases,
    refuses={
        "candidates longer than the target": {"target": lambda target: target[:-1]},
        "no candidates": {"candidates": emptied},
    },
    criteria=(
        Criterion("the winner", 2, select=0),
        Criterion("its gain", 1, select=1),
        Criterion("its error", 1, select=2),
        Criterion("codes of zeros, a codebook of one", 1, EDGE),
    ),
    mistakes="""
        return k, float(gains[k]) => return k, float(match[k])
            Your gain is the correlation: it still has to be divided by the energy of the candidate.
        return k, float(gains[k]) => return k, float(match[k] / (target @ target))
            You divide by the energy of the target; the slope of the error is zero where the
            correlation equals the gain times the energy of the candidate.
        float(error) => float(error / len(target))
            Your error is the mean of the squares; their sum is asked for.
        np.argmax(gains * match) => np.argmax(np.abs(match))
            You compare bare correlations, so that a loud candidate wins because it is loud.
        np.argmax(gains * match) => np.argmax(match)
            The largest correlation belongs to a loud candidate; and a gain may be negative.
        np.argmax(gains * match) => np.argmax(match / np.sqrt(energy + 1e-300))
            You leave out candidates that are upside down; a negative gain turns them over.
        np.argmax(gains * match) => np.argmin(np.where(energy > 0, energy, np.inf))
            You choose the candidate that is weakest itself. What should be small is the difference
            between it, at its best gain, and the target.
        np.argmax(gains * match) => np.argmin(np.sum((target - candidates) ** 2, axis=1))
            You compare the candidates at gain 1 and fit the gain afterwards; each candidate is to
            be tried with the gain that suits it.
    """,
    alternatives=(
        Alternative(_search_by_least_squares, why="least squares for each candidate, and a list"),
        Alternative(_search_by_angle, why="by the angle between target and candidate"),
    ),
)
