"""A cascade synthesiser that says the vowels of a table, by pitch and three formants."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from speechlab.speech import synthesis

RATE = 10_000
FOURTH = {"man": 3500, "woman": 4000, "child": 4600}  # Hz; the table does not tell it

Array = NDArray[np.floating]


def say(f0: float, formants: Array, group: str, seconds: float = 0.25) -> Array:
    """A vowel of a speaker of the group: pitch, three formants, and a fourth that fits."""
    return synthesis.vowel(f0, [*formants, FOURTH[group]], seconds=seconds, rate=RATE)
