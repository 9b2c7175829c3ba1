"""How near the parts of a band come to the true ones, whose kinds were learned from other bands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.figures.enhancement import likeness
from speechlab.systems.separation import by_knowing, learn, separate

KINDS = ("drums", "bass", "chords", "lead")


def bands() -> list[corpora.Recording]:
    """The pieces that have the four kinds of parts."""
    return [one for one in corpora.collection("stems") if one.name.startswith("band")]


def parts(band: corpora.Recording) -> dict[str, np.ndarray]:
    """The samples of each part, (N,)."""
    found = {part.labels["stem"]: part.samples for part in band.parts}
    return {kind: found[kind] for kind in KINDS}


def lessons(others: Sequence[corpora.Recording]) -> dict[str, np.ndarray]:
    """The spectra of each kind, from bands of which the parts are known."""
    heard = [parts(one) for one in others]
    return {kind: learn([one[kind] for one in heard]) for kind in KINDS}


def measured(band: corpora.Recording, kinds: dict[str, np.ndarray]) -> np.ndarray:
    """Ratios in decibels of each part: separated, by knowing, and the mixture; shape (3, 4)."""
    true = parts(band)
    mixture = sum(true.values())
    found, known = separate(mixture, kinds), by_knowing(true)
    tried = (found, known, dict.fromkeys(KINDS, mixture))
    return np.array([[likeness(one[kind], true[kind]) for kind in KINDS] for one in tried])


def figures() -> list[Figure]:
    """Scale-invariant signal-to-distortion ratios of all parts of all bands."""
    every = bands()
    rows = np.array(
        [measured(one, lessons([o for o in every if o is not one])) for one in every]
    ).mean(axis=2)
    where = "synthetic bands" if every[0].standin else "rendered bands, mean of four parts"
    return [
        Figure.of(
            name, "SI-SDR", rows[:, place], "mixture", rows[:, 2], where, unit="dB", better="higher"
        )
        for place, name in ((0, "separation"), (1, "masks that know the parts"))
    ]
