"""How often CLAP finds the caption of a sound: trained captions, other words, classes left out.

The table of classes left out is of nets that never met two of the classes, neither their sounds nor
their captions; they are not shipped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from speechlab.figures import Figure, everyday
from speechlab.systems import clap

SHIPPED = "CLAP, as shipped"
LEFT_OUT = "CLAP, classes left out"

SETS: dict[str, dict[str, str]] = {
    "as in training": {label: clap.caption_of(label) for label in clap.CLASSES},
    "other forms": {
        "chainsaw": "it saws chainsaws",
        "clock_tick": "clocks tick, ticked",
        "crackling_fire": "it crackles burns",
        "crying_baby": "babies wail cry",
        "dog": "dogs bark yap",
        "helicopter": "helicopters rotors",
        "rain": "it rains, raining",
        "rooster": "roosters crow crowed",
        "sea_waves": "a wave, it breaks on beaches",
        "sneezing": "she sneezes, sneezed",
    },
    "qualities alone": {
        label: clap.described(qualities) for label, qualities in clap.QUALITIES.items()
    },
    "other words": {
        "chainsaw": "lumberjacks felling trees",
        "clock_tick": "pendulum timepieces",
        "crackling_fire": "campfire embers flames",
        "crying_baby": "toddlers sobbing tearfully",
        "dog": "hounds growling",
        "helicopter": "chopper blades overhead",
        "rain": "drizzle downpour",
        "rooster": "cockerels at daybreak",
        "sea_waves": "surf along the shore",
        "sneezing": "achoo, hay fever",
    },
}

PAIRS = tuple(zip(sorted(clap.CLASSES)[:5], sorted(clap.CLASSES)[5:]))

Array = NDArray[np.floating]


@cache
def vectors(where: str) -> tuple[Array, NDArray[np.str_]]:
    """What the net for sounds makes of the clips held out (R, 128), their classes (R,)."""
    cut, labels, folds = everyday.clips()
    own = folds == everyday.HELD
    made = [clap.embed_pieces(one.mel) for one, kept in zip(cut, own) if kept]
    return np.array(made), labels[own]


def zero_shot(captions: Mapping[str, str]) -> NDArray[np.bool_]:
    """Which clips held out are nearest to the caption of their class, of all given; (R,)."""
    x, labels = vectors(everyday.where())
    names = np.array(list(captions))
    nearest = (x @ clap.embed_captions(list(captions.values())).T).argmax(axis=1)
    return names[nearest] == labels


@cache
def probed(where: str) -> Array:
    """Which clips are right by a linear probe of the same vectors, with all labels; (R,)."""
    return everyday.probe(np.array([clap.embed_pieces(one.mel) for one in everyday.clips()[0]]))


def figure(system: str, right: Array, baseline: str, base: Array) -> Figure:
    """A figure of captions found."""
    metric = f"clips right, fold {everyday.HELD}"
    return Figure.of(system, metric, right, baseline, base, everyday.where(), better="higher")


def figures() -> list[Figure]:
    """Clips whose caption is found, by kinds of captions, against a linear probe chance."""
    where = everyday.where()
    right = {name: zero_shot(captions) for name, captions in SETS.items()}
    chance = np.full(len(right["as in training"]), 1 / len(clap.CLASSES))
    rivals = {
        "linear probe of the same vectors": probed(where),
        everyday.STATISTICS: everyday.statistics_right(where, None),
    }
    first, *_ = SETS
    found = [figure(f"CLAP, {first}", right[first], *rival) for rival in rivals.items()]
    return found + [figure(f"CLAP, {name}", r, "chance", chance) for name, r in right.items()]


# --- classes left out ---------------------------------------------------------------------


def left_out_rows(w: Mapping[str, NDArray], pair: Sequence[str]) -> Array:
    """Of a net that never met the classes of a pair: which clips of them find their caption.

    The caption has the qualities of a class alone. Rows (R, 2): found among the two captions, and
    among those of all ten classes.
    """
    cut, labels, folds = everyday.clips()
    own = np.flatnonzero((folds == everyday.HELD) & np.isin(labels, pair))
    x = np.array([clap.sound_vector(cut[row].mel, w) for row in own])
    names = np.array(clap.CLASSES)
    texts = clap.text_vectors([SETS["qualities alone"][name] for name in names], w)
    cosines = x @ texts.T
    of_two = np.where(np.isin(names, pair), cosines, -np.inf)
    return np.stack([names[c.argmax(axis=1)] == labels[own] for c in (of_two, cosines)], axis=1)


def left_out_figures(rows: Array) -> list[Figure]:
    """Figures of the rows of all pairs, against chance."""
    cases = (("between the two", 1 / 2), ("among all ten", 1 / len(clap.CLASSES)))
    return [
        figure(f"CLAP, classes never met, {case}", right, "chance", np.full(len(rows), chance))
        for right, (case, chance) in zip(rows.T, cases)
    ]


def left_out() -> list[Figure]:
    """Classes never trained on, by their qualities, as measured on recordings in training."""
    return everyday.table(LEFT_OUT)


def measured() -> list[Figure]:
    """The figures as they were measured on recordings when the shipped weights were trained."""
    return everyday.table(SHIPPED)
