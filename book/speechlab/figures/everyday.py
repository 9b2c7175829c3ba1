"""What the figures of everyday sounds share: the clips, the linear probe, and the stored tables.

Nothing was trained on the clips of one fold, neither nets nor probes; they are asked. The stored
tables are of nets that are not shipped: the training writes them to `data/everyday.json`, and
`stored()` reads them.

Shapes: `R` clips, `C` pieces of 0.96 s, `D` features.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
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
    folds = clips()[2]
    return _asked(x, folds == HELD, folds != HELD, each, DRAWS)


def crossed(x: Array, each: int | None = None) -> Array:
    """The same for the clips of the other folds, each by a classifier from the remaining three.

    Nets have heard all of these clips in training, without their labels; there are four times as
    many. (R,), fold by fold.
    """
    folds = clips()[2]
    rest = [fold for fold in np.unique(folds) if fold != HELD]
    others = [np.isin(folds, rest) & (folds != fold) for fold in rest]
    return np.concatenate(
        [_asked(x, folds == f, o, each, DRAWS // len(rest)) for f, o in zip(rest, others)]
    )


def _asked(
    x: Array, own: NDArray[np.bool_], known: NDArray[np.bool_], each: int | None, count: int
) -> Array:
    """How often clips are right by classifiers from those that are known."""
    labels = clips()[1]
    scaler = StandardScaler().fit(x[known])
    seen, asked = scaler.transform(x[known]), scaler.transform(x[own])
    drawn = [np.arange(len(seen))] if each is None else draws(labels[known], each, count)
    names = labels[known]
    right = [named(seen[rows], names[rows], asked) == labels[own] for rows in drawn]
    return np.mean(right, axis=0)


def named(x: Array, labels: NDArray[np.str_], asked: Array) -> NDArray[np.str_]:
    """The classes of what is asked, by a multinomial logistic regression from features (R, D).

    Its weights lie in the space that the rows span, so it is solved there, which is quicker where
    there are few of them.
    """
    basis = np.linalg.qr(x.T)[0]
    classifier = LogisticRegression(C=0.1, max_iter=2000).fit(x @ basis, labels)
    return classifier.predict(asked @ basis)


def draws(labels: NDArray[np.str_], each: int, count: int) -> Iterator[NDArray[np.int_]]:
    """`count` times, which clips have a label: so many of every class, or all if it has fewer."""
    rng = np.random.default_rng(0)
    for _ in range(count):
        mixed = rng.permutation(len(labels))
        yield np.concatenate([mixed[labels[mixed] == name][:each] for name in np.unique(labels)])


@cache
def statistics_right(where: str, each: int | None = FEW, heard: bool = False) -> Array:
    """How often each clip is right from the statistics of log-mel alone, as `figure_of` asks."""
    return (crossed if heard else probe)(averaged(statistics, clips()[0]), each)


def figure(
    system: str,
    right: Array,
    baseline: str,
    base: Array,
    each: int | None = FEW,
    heard: bool = False,
) -> Figure:
    """A figure of how often each clip is right, (R,), by a probe of `each` labels of a class."""
    known = f"{each} labels a class" if each else "all labels"
    asked = "the other folds" if heard else f"fold {HELD}"
    metric = f"clips right by a linear probe, {known}, {asked}"
    return Figure.of(system, metric, right, baseline, base, where(), better="higher")


def figure_of(system: str, x: Array, heard: bool = False) -> Figure:
    """The figure of features (R, D) by few labels, beside the statistics of log-mel.

    The clips asked about are those of the fold held out, or, if `heard`, those of the other folds.
    """
    base = statistics_right(where(), FEW, heard)
    right = (crossed if heard else probe)(x, FEW)
    return figure(system, right, STATISTICS, base, FEW, heard)


# --- stored tables ------------------------------------------------------------------------


HEARD = ", clips of the other folds"  # behind the name of a table


def stored() -> dict[str, list[Figure]]:
    """The figures of nets that are not shipped, as measured when they were trained, by table."""
    found = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.is_file() else {}
    return {name: [Figure(**one) for one in rows] for name, rows in found.items()}


def table(name: str, heard: bool = False) -> list[Figure]:
    """A stored table of the fold held out, or of the other folds; empty if there is none."""
    return stored().get(name + HEARD * heard, [])


def store(tables: dict[str, list[Figure]]) -> None:
    """Write tables, in the place of those of the same names."""
    rows = {
        name: [asdict(one) for one in measured] for name, measured in (stored() | tables).items()
    }
    TABLE.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def store_features(name: str, found: dict[str, Array], told: Collection[str] = ()) -> None:
    """Write both tables of features (R, D) by what they are of.

    Features that were `told` the labels in training are only asked about the fold held out.
    """
    heard = {system: x for system, x in found.items() if system not in told}
    store(
        {
            name: [figure_of(system, x) for system, x in found.items()],
            name + HEARD: [figure_of(system, x, True) for system, x in heard.items()],
        }
    )
