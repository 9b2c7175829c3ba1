"""How far converted vowels are from those of the other group, beside linear regression.

`N` is the number of vowels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speechlab import corpora
from speechlab.figures import Figure, bootstrap
from speechlab.systems.voice_conversion import DIRECTIONS, convert, pairs, split, table_name

Array = NDArray[np.floating]


def straight(s: ArrayLike, t: ArrayLike) -> Array:
    """Linear regression with a constant, the baseline: a matrix (4, 3) for formants with a 1."""
    s = np.asarray(s, dtype=float)
    return np.linalg.lstsq(np.c_[s, np.ones(len(s))], np.asarray(t, dtype=float), rcond=None)[0]


def apply_straight(line: Array, s: ArrayLike) -> Array:
    """What linear regression makes of formants (N, 3)."""
    return np.asarray(s, dtype=float) @ line[:3] + line[3]


def root_mean_square(rows: NDArray) -> float:
    """Of rows of (sum of squared distances, how many): one row a speaker."""
    return float(np.sqrt(rows[:, 0].sum() / rows[:, 1].sum()))


def by_speaker(converted: ArrayLike, t: ArrayLike, speakers: NDArray) -> Array:
    """For each speaker the sum of squared distances in Hz^2, and the number of vowels."""
    squares = np.sum((np.asarray(converted) - t) ** 2, axis=1)
    names = list(dict.fromkeys(speakers))
    return np.array([[squares[speakers == one].sum(), np.sum(speakers == one)] for one in names])


def by_both(source: str, target: str) -> tuple[Array, Array]:
    """`by_speaker` of the net and of the regression, on the held-out half of the table in use.

    The regression is fitted to that table's other half.
    """
    table = corpora.vowel_table()
    line = straight(*pairs(split(table, test=False), source, target)[:2])
    s, t, speakers = pairs(split(table, test=True), source, target)
    net = by_speaker(convert(s, source, target), t, speakers)
    return net, by_speaker(apply_straight(line, s), t, speakers)


def figures() -> list[Figure]:
    """The distance from held-out vowels, converted, to the mean of held-out speakers."""
    return [measured(source, target) for source, target in DIRECTIONS]


def measured(source: str, target: str) -> Figure:
    """One direction, on the table in use."""
    net, regression = by_both(source, target)
    return Figure.of(
        f"voice conversion, {source} to {target}",
        "distance from the held-out mean, root mean square",
        net,
        "linear regression",
        regression,
        table_name(corpora.vowel_table()),
        root_mean_square,
        count=int(net[:, 1].sum()),
        unit="Hz",
    )


def gain_over_regression(source: str, target: str) -> tuple[float, float]:
    """95 % interval of how many Hz the net is closer, speakers drawn in pairs of results."""
    both = np.stack(by_both(source, target)[::-1], axis=1)
    return bootstrap(both, lambda r: root_mean_square(r[:, 0]) - root_mean_square(r[:, 1]))
