"""What is measured of the systems, on speech that none of them was trained on.

Each module measures the system of its name, beside a baseline: its `figures()` are a list of
`Figure`. `python -m speechlab.figures [SYSTEM...]` prints them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


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

    @classmethod
    def of(
        cls,
        system: str,
        metric: str,
        rows: ArrayLike,
        baseline: str,
        base_rows: ArrayLike,
        corpus: str,
        statistic: Callable[[NDArray], float] = np.mean,
        **more: Any,
    ) -> Figure:
        """A figure from what was measured of each item, one row an item: shape (R,) or (R, ...).

        `statistic` makes one number of such rows; `base_rows` are the baseline's. `more` are other
        fields of the figure: its `unit`, what is `better`, or a `count` other than that of rows.
        """
        rows = np.asarray(rows)
        low, high = bootstrap(rows, statistic)
        return cls(
            system=system,
            metric=metric,
            value=float(statistic(rows)),
            low=low,
            high=high,
            baseline=baseline,
            baseline_value=float(statistic(np.asarray(base_rows))),
            corpus=corpus,
            **{"count": len(rows)} | more,
        )

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
