"""How many notes of piano pieces are found, at most 50 ms from where they begin.

The spectra of the keys are learned from some pieces, the threshold is chosen on others, and the
notes of a third part are counted. All are played by one piano at one loudness, so that this is far
easier than a concert.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.systems.piano_notes import (
    Piano,
    by_loud_bins,
    learn_spectra,
    struck,
)

NEAR = 0.05  # seconds
LESSONS, CHOICE, HEARD = slice(1, None, 5), slice(2, None, 15), slice(0, None, 5)
FACTORS = (0.3, 0.5, 0.7, 1.0, 1.4, 2.0, 3.0)  # of the median strength of a stroke


def pieces(part: slice) -> list[corpora.Example]:
    """The pieces for piano of one of the three parts, which have none in common."""
    return [corpora.example(name) for name in corpora.examples("piano")[part]]


def counts(true: NDArray, found: NDArray) -> tuple[int, int, int]:
    """Pairs of a true and a found note of one pitch that begin together, and how many there are.

    As many pairs as possible, each note in one at most.
    """
    near = np.abs(true["onset"][:, None] - found["onset"]) <= NEAR
    fits = csr_array(near & (true["pitch"][:, None] == found["pitch"]))
    pairs = int(np.sum(maximum_bipartite_matching(fits) >= 0)) if fits.nnz else 0
    return pairs, len(true), len(found)


def f_measure(rows: NDArray) -> float:
    """The share of notes that are in pairs, true and found ones together, rows of `counts`."""
    pairs, true, found = np.sum(rows, axis=0)
    return float(2 * pairs / (true + found))


@lru_cache
def _piano(held: bool) -> Piano:
    spectra, typical = learn_spectra(pieces(LESSONS))
    loose = Piano(spectra, 0.0)
    heard = [(one.notes, loose.strengths(one.samples, one.rate)) for one in pieces(CHOICE)]

    def score(factor: float) -> float:
        rows = [counts(true, struck(told, factor * typical)) for true, told in heard]
        return f_measure(np.array(rows))

    return Piano(spectra, max(FACTORS, key=score) * typical)


def piano() -> Piano:
    """The system, learned and with its threshold chosen."""
    return _piano(corpora.example("bach01").standin)


def figures(most: int | None = None) -> list[Figure]:
    """Notes found, beside loud bins at onsets; `most` keeps the first so many pieces."""
    heard, system = pieces(HEARD)[:most], piano()
    ours = [counts(one.notes, system.notes(one.samples, one.rate)) for one in heard]
    base = [counts(one.notes, by_loud_bins(one.samples, one.rate)) for one in heard]
    return [
        Figure.of(
            "piano notes",
            "F, onsets within 50 ms",
            ours,
            "loud bins at onsets",
            base,
            "synthetic piano" if heard[0].standin else "rendered piano",
            f_measure,
            better="higher",
        )
    ]
