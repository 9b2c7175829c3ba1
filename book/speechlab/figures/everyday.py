"""What the figures of everyday sounds share: the clips, the linear probe, and the stored tables.

Nothing was trained on the clips of one fold, neither nets nor probes; they are asked. The stored
tables are of nets that are not shipped: the training writes them to `data/everyday.json`, and
`stored()` reads them.

Shapes: `R` clips, `C` pieces of 0.96 s, `D` features.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from speechlab import corpora
from speechlab.corpora.cache import DATA
from speechlab.figures import Figure
from speechlab.systems._shared.everyday import Pieces, pieces

HELD = "5"  # the fold of ESC-10 that is kept from nets and probes
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
    """The pieces of all clips of ESC-10 or of its stand-ins, their classes (R,), their folds (R,)."""
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


def probe(x: Array, held: str = HELD) -> NDArray[np.bool_]:
    """Which clips of the fold held out a linear classifier gets right, from frozen features (R, D).

    It is a multinomial logistic regression on standardised features, and learns from the clips of
    all other folds.
    """
    _, labels, folds = clips()
    own = folds == held
    classifier = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
    return classifier.fit(x[~own], labels[~own]).predict(x[own]) == labels[own]


@cache
def statistics_right(where: str) -> NDArray[np.bool_]:
    """Which clips of the fold held out are right from the statistics of log-mel alone."""
    return probe(averaged(statistics, clips()[0]))


def figure(
    system: str, right: NDArray[np.bool_], baseline: str, base: NDArray[np.bool_]
) -> Figure:
    """A figure of clips right, (R,)."""
    metric = f"clips right by a linear probe, fold {HELD}"
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
