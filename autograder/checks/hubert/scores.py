"""How well an output of the net fits each codevector."""

from __future__ import annotations

import math

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, changed
from autograder.reference import hubert


def _score_case(rng, T, H, D, C, temperature, kind, group="usual"):
    return Case(
        (rng.normal(size=(T, H)), rng.normal(size=(D, H)), rng.normal(size=(C, D)), temperature),
        kind,
        group,
    )


def _score_cases(rng):
    o, A, codevectors, _ = _score_case(rng, 6, 3, 4, 5, 0.1, "").args
    return [
        _score_case(rng, 8, 5, 3, 7, 0.1, "8 frames, outputs longer than codevectors"),
        _score_case(rng, 5, 3, 3, 4, 0.5, "outputs as long as codevectors"),
        _score_case(rng, 1, 2, 2, 1, 2.0, "a single frame and a single unit", EDGE),
        Case(([[1, 0], [0, -2]], [[1, 0], [0, 1]], [[3, 4], [0, 5]], 1), "lists of integers", EDGE),
        Case((1e-9 * o, A, 1e9 * codevectors, 0.1), "very short and very long vectors", EDGE),
    ]


def _scores_by_loops(o, A, codevectors, temperature):
    def cosine(u, e):
        return sum(a * b for a, b in zip(u, e)) / math.hypot(*u) / math.hypot(*e)

    projected = [np.array(A) @ output for output in np.array(o)]
    return [[cosine(u, e) / temperature for e in codevectors] for u in projected]


def _scores_of_unit_vectors(o, A, codevectors, temperature):
    u = np.einsum("dh,th->dt", A, np.array(o, dtype=float))
    u /= np.sqrt(np.sum(u**2, axis=0))
    e = np.array(codevectors, dtype=float)
    e /= np.sqrt(np.sum(e**2, axis=1))[:, None] * temperature
    return (e @ u).T


UNIT_SCORES = Exercise(
    function=hubert.unit_scores,
    read="The loss of a guess",
    cases=_score_cases,
    refuses={
        "a codevector that is zero": {"codevectors": changed(2, 0.0)},
        "outputs that are zero": {"o": np.zeros_like},
        "a temperature of zero": {"temperature": 0.0},
    },
    criteria=(
        Criterion("scores", 2),
        Criterion("one frame, lists, very short and very long vectors", 1, EDGE),
    ),
    mistakes="""
        / np.outer(*lengths) =>
            Your score is a product, which grows with the vectors' lengths; a cosine does not.
        np.outer(*lengths) / temperature => np.outer(*lengths)
            The cosines are not divided by the temperature.
        np.outer(*lengths) / temperature => np.outer(*lengths) * temperature
            You multiply by the temperature; a low one should make the scores large.
        np.outer(*lengths) => lengths[0][:, None]
            Only the outputs are made as long as 1; long codevectors score too high.
        np.outer(*lengths) => lengths[1]
            Only the codevectors are made as long as 1, not the projected outputs.
        projected @ codevectors.T / np.outer(*lengths) / temperature
        => (projected @ codevectors.T / np.outer(*lengths) / temperature).T
            Rows and columns are exchanged: time comes first.
    """,
    alternatives=(
        Alternative(_scores_by_loops, why="loops and lists"),
        Alternative(_scores_of_unit_vectors, why="vectors of length 1 first, then products"),
    ),
)
