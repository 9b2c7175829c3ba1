"""What the checks on contrastive learning share."""

from __future__ import annotations

import math

import numpy as np

from autograder.exercise.draw import spoilt

CROSS_ENTROPY = "torch.nn.functional.cross_entropy sklearn.metrics.log_loss"


def unit(rows):
    """Rows of length 1."""
    rows = np.array(rows, dtype=float)
    return rows / np.sqrt(np.sum(rows**2, axis=1))[:, None]


def surprise(row, own):
    """- ln of the softmax of a row of scores at one place, by a loop."""
    most = max(row)
    return math.log(sum(math.exp(score - most) for score in row)) + most - row[own]


def rows_refused(name):
    """Bad rows of an argument, for `Exercise.refuses`."""
    return {
        **spoilt(name),
        f"a row of zeros in {name}": {
            name: lambda x: np.asarray(x) * (np.arange(len(x)) > 0)[:, None]
        },
    }


COLD = {"a temperature of zero": {"temperature": 0.0}}
