"""Errors of recognisers of words: how many, and how many a word."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def edit_distance(said: Sequence, written: Sequence) -> int:
    """The fewest words to put in, leave out or exchange until both sequences are the same.

    A row of the table at once: what is left out within a row is a running minimum along a slope.
    """
    slope = np.arange(len(written) + 1)
    row = slope
    for word in said:
        other = np.array([word != one for one in written], dtype=bool)
        entered = np.append(row[0] + 1, np.minimum(row[1:] + 1, row[:-1] + other))
        row = np.minimum.accumulate(entered - slope) + slope
    return int(row[-1])


def error_rate(rows: NDArray) -> float:
    """Errors a word, from rows of (errors, words said), shape (R, 2): all errors over all words."""
    return float(rows[:, 0].sum() / rows[:, 1].sum())
