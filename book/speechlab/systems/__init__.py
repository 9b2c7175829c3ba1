"""The systems of the course: small models of speech that run in NumPy, on the page.

Each module of this package is a system, or a few that belong together; what several of them use
is in `_shared`. Networks are trained in PyTorch elsewhere; here are their weights and a short
function that runs them. `weights(name)` are the arrays, `card(name)` says how they came about
(data, licence, command, metric, baseline), both from `speechlab/data/models`.

`speechlab.figures` measures the systems; no system imports it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MODELS = Path(__file__).resolve().parent.parent / "data" / "models"


@cache
def weights(name: str) -> dict[str, NDArray]:
    """The arrays of a trained model by name; stored float16 comes back as float32.

    Raises `ValueError` if no model of that name is shipped.
    """
    path = MODELS / f"{name}.npz"
    if not path.is_file():
        shipped = ", ".join(sorted(p.stem for p in MODELS.glob("*.npz"))) or "none"
        raise ValueError(f"No weights of a model {name!r} are here; shipped are: {shipped}.")
    with np.load(path, allow_pickle=False) as arrays:
        loaded = {key: arrays[key] for key in arrays.files}
    return {k: a.astype(np.float32) if a.dtype.kind == "f" else a for k, a in loaded.items()}


def part(arrays: Mapping[str, NDArray], name: str) -> dict[str, NDArray]:
    """The arrays whose names begin with `name` and a dot, without that beginning."""
    start = f"{name}."
    return {k.removeprefix(start): a for k, a in arrays.items() if k.startswith(start)}


def card(name: str) -> dict[str, Any]:
    """What is known of a trained model: data, licence, command, metric, value, baseline."""
    return json.loads((MODELS / f"{name}.json").read_text())


def cards() -> dict[str, dict[str, Any]]:
    """The cards of all models, by name."""
    return {path.stem: card(path.stem) for path in sorted(MODELS.glob("*.json"))}
