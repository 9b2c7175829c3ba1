"""What the figures of everyday sounds share: the clips, the linear probe, and the stored tables.

Nothing was trained on the clips of one fold, neither nets nor probes; they are asked. The stored
tables are of nets that are not shipped: the training writes them to `data/everyday.json`, and
`stored()` reads them.

Shapes: `R` clips, `C` pieces of 0.96 s, `D` features.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from speechlab import corpora
from speechlab.corpora.cache import DATA
from speechlab.figures import Figure
from speechlab.systems._shared.everyday import Pieces, pieces

HELD = "5"  # the fold of ESC-10 that is kept from nets and probes
FEW, DRAWS = 4, 20  # labels of each class that a probe knows; how often they are drawn
TABLE = DATA / "everyday.json"
STATISTICS = "statistics of log-mel"

Array = NDArray[np.floating]


@lru_cache(maxsize=2)
def _clips(held: bool) -> tuple[list[Pieces], NDArray[np.str_], NDArray[np.str_]]:
    found = corpora.collection("esc10")
    cut = [pieces(one.samples, one.rate) for one in found]
    labels = np.array([one.labels["label"] for one in found])
    return cut, labels, np.array([one.split for one in found])


def clips() -> tuple[list[Pieces], NDArray[np.str_], NDArray[np.str_]]:
    """Of all clips of ESC-10, or of its stand-ins: the pieces, the classes (R,), the folds (R,)."""
    return _clips(corpora.held_collection("esc10"))


def where() -> str:
    """What the clips are, for tables and captions."""
    return "ESC-10" if corpora.held_collection("esc10") else "synthetic everyday sounds"


def averaged(vectors: Callable[[Pieces], Array], cut: Sequence[Pieces]) -> Array:
    """What `vectors` makes of the pieces (C, D) of each clip, averaged over them; shape (R, D)."""
    return np.array([vectors(one).mean(axis=0) for one in cut])


def statistics(piece: Pieces) -> Array:
    """Mean and standard deviation of each mel band over a piece, shape (C, 128)."""
    return np.hstack([piece.mel.mean(axis=1), piece.mel.std(axis=1)])


def probe(x: Array, each: int | None = None) -> Array:
    """How often a linear classifier gets each clip of the fold held out right; (R,), from 0 to 1.

    It is a multinomial logistic regression on frozen features (R, D), standardised over the clips
    of all other folds. It learns from the labels of all of these, or of `each` of every class; this
    is done `DRAWS` times then, with clips drawn by lot.
    """
    _, labels, folds = clips()
    own = folds == HELD
    scaler = StandardScaler().fit(x[~own])
    known, asked = scaler.transform(x[~own]), scaler.transform(x[own])
    drawn = [np.arange(len(known))] if each is None else draws(labels[~own], each)
    right = [
        LogisticRegression(C=0.1, max_iter=2000).fit(known[rows], labels[~own][rows]).predict(asked)
        == labels[own]
        for rows in drawn
    ]
    return np.mean(right, axis=0)


def draws(labels: NDArray[np.str_], each: int) -> Iterator[NDArray[np.int_]]:
    """`DRAWS` times, which clips have a label: so many of every class, or all if it has fewer."""
    rng = np.random.default_rng(0)
    for _ in range(DRAWS):
        mixed = rng.permutation(len(labels))
        yield np.concatenate([mixed[labels[mixed] == name][:each] for name in np.unique(labels)])


@cache
def statistics_right(where: str, each: int | None = FEW) -> Array:
    """How often each clip of the fold held out is right from the statistics of log-mel alone."""
    return probe(averaged(statistics, clips()[0]), each)


def figure(system: str, right: Array, baseline: str, base: Array, each: int | None = FEW) -> Figure:
    """A figure of how often each clip is right, (R,), by a probe of `each` labels of a class."""
    known = f"{each} labels a class" if each else "all labels"
    metric = f"clips right by a linear probe, {known}, fold {HELD}"
    return Figure.of(system, metric, right, baseline, base, where(), better="higher")


# --- stored tables ------------------------------------------------------------------------


def stored() -> dict[str, list[Figure]]:
    """The figures of nets that are not shipped, as measured when they were trained, by table."""
    found = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.is_file() else {}
    return {name: [Figure(**one) for one in rows] for name, rows in found.items()}


def store(tables: dict[str, list[Figure]]) -> None:
    """Write tables, in the place of those of the same names."""
    rows = {
        name: [asdict(one) for one in measured] for name, measured in (stored() | tables).items()
    }
    TABLE.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
