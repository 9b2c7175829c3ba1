"""How often the key of a piece is found from its first seconds, and the chords of its frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.systems.key_and_chords import (
    PITCHES,
    RATED,
    chords,
    fit,
    key,
    key_name,
    pitch_classes,
    relation,
)

SECONDS = 8  # many of the pieces modulate later


def pieces() -> list[corpora.Example]:
    """The pieces for piano whose key is known."""
    return [corpora.example(name) for name in corpora.examples("piano")]


def beginning(piece: corpora.Example) -> NDArray:
    """Its first seconds."""
    return piece.samples[: SECONDS * piece.rate]


def keys() -> list[tuple[str, str, str]]:
    """Of each piece: the true key, the one found, and by the ratings of Krumhansl and Kessler."""
    found = []
    for piece in pieces():
        plain = pitch_classes(beginning(piece), piece.rate, power=1.0).sum(axis=0)
        rated = key_name(int(fit(plain, RATED, 0.0).argmax()))
        found.append((piece.key, key(beginning(piece), piece.rate), rated))
    return found


def right_frames(piece: corpora.Example) -> tuple[float, float]:
    """The share of its frames whose chord is found, and frame by frame without a sequence.

    A seventh chord counts as its major triad.
    """
    found = chords(piece.samples, piece.rate)
    table = piece.chords
    place = np.searchsorted(table["start"], found.times, side="right") - 1
    inside = found.times < table["end"][-1]
    true = [PITCHES.index(row["root"]) + 12 * (row["quality"] == "min") for row in table]
    wanted = np.array(true)[place][inside]
    return tuple(np.mean(tried[inside] == wanted) for tried in (found.numbers, found.alone))


def figures() -> list[Figure]:
    """Keys right, and near; chords right."""
    told = [[relation(one, true) for one in found] for true, *found in keys()]
    ours, rated = np.array(told).T
    where = "synthetic" if corpora.example("bach01").standin else "rendered"
    near = ("right", "fifth", "relative")
    played = np.array([right_frames(corpora.example(n)) for n in corpora.examples("chords")])
    base = "ratings, plain chroma"
    return [
        Figure.of(
            f"key, first {SECONDS} s",
            metric,
            np.isin(ours, kinds),
            base,
            np.isin(rated, kinds),
            f"{where} piano",
            better="higher",
        )
        for metric, kinds in (("right", near[:1]), ("right, a fifth off or relative", near))
    ] + [
        Figure.of(
            "chords",
            "frames right",
            played[:, 0],
            "frame by frame",
            played[:, 1],
            f"{where} chords",
            better="higher",
        )
    ]
