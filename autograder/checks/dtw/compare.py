"""When is a list of cells right?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.exercise.compare import Close


@dataclass(frozen=True)
class Cells:
    """The same cells in the same order; no cells at all may be an empty list of any shape."""

    def __call__(self, answer: Any, expected: Any, case: Any) -> str | None:
        if isinstance(answer, (list, tuple, np.ndarray)) and np.size(expected) == 0:
            if len(np.shape(answer)) > 0 and np.shape(answer)[0] == 0:
                return None
        return Close()(answer, expected, case)
