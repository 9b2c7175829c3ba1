"""The systems of the course: small models of speech that run in NumPy, on the page.

Each module of this package is a system, or a few that belong together. Networks are trained in
PyTorch elsewhere; here are their weights and a short function that runs them:

- `weights(name)` are the arrays, `card(name)` says how they came about (data, licence, command,
  metric, baseline), both from `speechlab/data/models`;
- a module's `figures()` measures its systems on speech that none of them was trained on, beside
  a baseline. `python -m speechlab.systems [MODULE...]` prints them.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

MODELS = Path(__file__).resolve().parent.parent / "data" / "models"


@dataclass(frozen=True)
class Figure:
    """One measured figure: a system on held-out speech, with its 95 % interval, and a baseline.

    `better` is "lower" or "higher"; `count` is the number of items measured; `unit` is put behind
    the numbers ("%" multiplies them by 100).
    """

    system: str
    metric: str
    value: float
    low: float
    high: float
    baseline: str
    baseline_value: float
    count: int
    corpus: str
    unit: str = "%"
    better: str = "lower"

    @property
    def beats_baseline(self) -> bool:
        difference = self.value - self.baseline_value
        return difference < 0 if self.better == "lower" else difference > 0

    def __str__(self) -> str:
        value, low, high, base = (
            f"{100 * x:.1f} %" if self.unit == "%" else f"{x:.2f} {self.unit}".strip()
            for x in (self.value, self.low, self.high, self.baseline_value)
        )
        return (
            f"{self.system}: {self.metric} {value} [{low}, {high}]; "
            f"{self.baseline}: {base}  ({self.count}, {self.corpus})"
        )


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


def card(name: str) -> dict[str, Any]:
    """What is known of a trained model: data, licence, command, metric, value, baseline."""
    return json.loads((MODELS / f"{name}.json").read_text())


def cards() -> dict[str, dict[str, Any]]:
    """The cards of all models, by name."""
    return {path.stem: card(path.stem) for path in sorted(MODELS.glob("*.json"))}


def bootstrap(
    items: Sequence[ArrayLike] | ArrayLike,
    statistic: Callable[[NDArray], float] = np.mean,
    draws: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """The 95 % interval of a statistic over items (clips, utterances), drawn with replacement.

    `items` has one row an item, shape (R,) or (R, ...); `statistic` takes such an array. An error
    rate is `lambda rows: rows[:, 0].sum() / rows[:, 1].sum()` on rows of (errors, words).
    """
    rows = np.asarray(items)
    if len(rows) == 0:
        raise ValueError("An interval needs one item or more.")
    rng = np.random.default_rng(seed)
    values = [statistic(rows[rng.integers(len(rows), size=len(rows))]) for _ in range(draws)]
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def modules() -> list[str]:
    """The modules of this package that measure something, in alphabetical order."""
    names = (found.name for found in pkgutil.iter_modules(__path__))
    return sorted(name for name in names if not name.startswith("_"))


def figures(name: str) -> list[Figure]:
    """What the module `name` measures on held-out speech."""
    if name not in modules():
        raise ValueError(f"No system {name!r}; there are: {', '.join(modules())}.")
    return importlib.import_module(f"{__name__}.{name}").figures()
