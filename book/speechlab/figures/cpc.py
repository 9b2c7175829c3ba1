"""What linear probes read out of CPC's contexts, beside MFCC, no training, and labels.

`ablations()` are those of nets of fewer steps that differ in what they were asked, as measured when
`python -m training cpc` was run, and so are `stored_probes()`, of the nets that ship.
`python -m speechlab.figures cpc` prints the figures.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from speechlab.corpora.cache import DATA
from speechlab.figures import Figure, bootstrap, probing
from speechlab.systems import cpc

TABLE = DATA / "cpc_ablations.json"
STEPS = (2, 4, 8, 12, 16)  # that the nets of the ablation predict
PRINTED = {  # phones right, van den Oord et al., 2018, table 2; 12 steps and mixed speakers else
    "2": 0.285,
    "4": 0.576,
    "8": 0.636,
    "12": 0.646,
    "16": 0.638,
    "mixed speakers": 0.646,
    "same speaker": 0.655,
    "mixed speakers, excluding the sequence": 0.573,
    "same speaker, excluding the sequence": 0.646,
    "current sequence only": 0.652,
}

TABLE_1 = {  # of the same paper: 41 phones, 251 voices
    "sounds": {"random start": 0.276, "MFCC": 0.397, "CPC": 0.646, "labels": 0.746},
    "voices": {"random start": 0.0187, "MFCC": 0.176, "CPC": 0.974, "labels": 0.985},
}

Array = NDArray[np.floating]


def views() -> dict[str, probing.View]:
    """What the probes are given of each sound, by name."""
    return {
        "random start": cpc.encoder("random").contexts,
        "MFCC": probing.mfcc,
        "CPC": cpc.encoder().contexts,
    }


@lru_cache
def _rows(name: str, what: str, corpus: str) -> Array:
    """Right frames and frames asked of each test sound; `corpus` is for the cache only."""
    labels = {"sounds": "phones", "voices": "speakers"}[what]
    view = views() | {"labels": cpc.encoder(labels).contexts}
    return probing.probe(view[name], what)


def rows(name: str, what: str) -> Array:
    """Right frames and frames asked of each test sound, (R, 2).

    `name` is "random start", "MFCC", "CPC" or "labels", `what` is "sounds" or "voices".
    """
    return _rows(name, what, probing.task(what).corpus)


def probes() -> probing.Shares:
    """The share of frames that a probe gets right, by task and by what it was given."""
    return probing.shares(tuple(TABLE_1["sounds"]), rows)


def stored_probes() -> probing.Shares:
    """The same as measured on recordings when the shipped weights were trained."""
    return probing.stored("cpc")


def store_probes() -> None:
    """Measure the probes now and write them."""
    probing.store("cpc", probes())


def figures() -> list[Figure]:
    """Both probes on CPC's contexts, beside MFCC, the net before training, and nets with labels."""
    return probing.beside("CPC", rows, ("MFCC", "random start", "labels"))


@dataclass(frozen=True)
class Ablation:
    """A net of few steps: the shares of frames that the probes get right, with 95 % intervals."""

    table: str  # "steps predicted" or "wrong candidates from"
    name: str
    sounds: float
    sounds_interval: tuple[float, float]
    voices: float
    voices_interval: tuple[float, float]

    @property
    def printed(self) -> float:
        """The share of phones that the paper's net of this kind got right."""
        return PRINTED[self.name]

    @classmethod
    def of(cls, table: str, name: str, encoder: cpc.Encoder) -> Ablation:
        """Measured now."""
        known = {}
        for what in probing.TASKS:
            found = probing.probe(encoder.contexts, what)
            known[what] = probing.share(found)
            known[f"{what}_interval"] = bootstrap(found, probing.share)
        return cls(table, name, **known)


def ablations() -> list[Ablation]:
    """What was measured on recordings when the nets were trained."""
    found = json.loads(TABLE.read_text(encoding="utf-8"))["rows"]
    pairs = ("sounds_interval", "voices_interval")
    return [Ablation(**one | {k: tuple(one[k]) for k in pairs}) for one in found]


def store(found: Sequence[Ablation]) -> None:
    """Write the table of ablations."""
    table = {"command": "python -m training cpc", "rows": [asdict(one) for one in found]}
    TABLE.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
