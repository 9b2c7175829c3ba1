"""The unit that counts: any weights are right that count right.

The student's function returns weights. They are data, and run here, through our own unit, on
sequences that the student's code never saw. Only what the unit then says is compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.reference import recurrent

NAMES = tuple(f"{part}_{gate}" for gate in "ifgo" for part in "wub")
PAUSES, LARGE = "sequences with pauses", "long sequences"


@dataclass(frozen=True)
class Counting(Case):
    """A call, and the sequences on which the weights that it returns are tried."""

    tried: tuple[np.ndarray, ...] = ()


def as_weights(answer: Any) -> dict[str, float] | None:
    """Twelve finite numbers by their names, or None."""
    if not isinstance(answer, Mapping) or set(answer) != set(NAMES):
        return None
    values = [answer[name] for name in NAMES]
    numeric = (bool, int, float, np.ndarray)
    if not all(isinstance(value, numeric) and np.size(value) == 1 for value in values):
        return None
    try:
        numbers = [float(np.reshape(value, ())) for value in values]
    except (TypeError, ValueError, OverflowError):
        return None
    return dict(zip(NAMES, numbers)) if np.all(np.isfinite(numbers)) else None


def run(weights: Mapping[str, float], x: np.ndarray) -> np.ndarray:
    """What the unit says at each time. (Plain numbers: arrays of four would be slower.)"""
    gates = [tuple(weights[f"{part}_{gate}"] for part in "wub") for gate in "ifgo"]
    c = h = 0.0
    says = []
    for now in x.tolist():
        i, f, g, o = (max(0.0, min(1.0, w * now + u * h + b)) for w, u, b in gates)
        c = f * c + i * g
        h = o * c
        says.append(h)
    return np.array(says)


def _same(ours: np.ndarray, theirs: np.ndarray, where: np.ndarray) -> bool:
    near = np.abs(ours - theirs) <= 1e-4 * (1 + np.abs(theirs))
    return bool(np.all(near[where]))


@dataclass(frozen=True)
class SaysTheSame:
    """Equal if both units say the same, on all sequences, at zeros or at the other inputs."""

    at_zeros: bool
    wrong: str

    def __call__(self, answer: Any, expected: Any, case: Case) -> str | None:
        given, right = as_weights(answer), as_weights(expected)
        if given is None:
            return (
                "your answer should be a dict of twelve finite numbers, named as in the docstring"
            )
        for x in case.tried:
            where = (x == 0) == self.at_zeros
            if not _same(run(given, x), run(right, x), where):
                return self.wrong
        return None


def _sequences(rng, threshold, length, how_many):
    """Values around the threshold, far above it, and zeros, alone and in runs."""
    near = np.unique(np.clip(threshold + np.array([-2, -1, 0, 1, 2]), 1, None))
    values = np.concatenate([near, [1, 3 * threshold + 5], np.zeros(len(near) + 2, int)])
    ends = np.array([0, threshold, 0, 0])  # so that every sequence has a tally to tell
    drawn = [np.append(rng.choice(values, length), ends) for _ in range(how_many)]
    begins = np.array([0, threshold, max(threshold - 1, 1), 0, 3 * threshold + 5, 0, 0, 0, 1, 0])
    return (begins, *drawn)


def _case(rng, threshold, kind, length, how_many, group=PAUSES):
    tried = _sequences(rng, threshold, length, how_many)
    return Counting((int(threshold),), kind, group, tried=tried)


def _cases(rng):
    several, many = rng.integers(2, 9), rng.integers(20, 400)
    return [
        _case(rng, 1, "threshold 1", 12, 4),
        _case(rng, several, "a threshold of several", 12, 4),
        _case(rng, many, "a large threshold", 12, 4),
        _case(rng, 1, "threshold 1", 150, 1, LARGE),
        _case(rng, several, "a threshold of several", 150, 1, LARGE),
    ]


def _by_steep_value(threshold):
    """The value does the work, the gates stand open; and everything is as large as it may be."""
    weights = {name: 0.0 for name in NAMES}
    weights |= {"w_g": 1.0, "b_g": 1 - threshold, "b_i": 5, "w_i": 3, "b_f": 2, "w_f": 7}
    return weights | {"u_i": 4.0, "u_f": 1.0, "w_o": -30.0, "b_o": 1.0}


def _by_two_ramps(threshold):
    """Gate and value both rise, one below the threshold and one at it; steeper than needed."""
    weights = {name: 0.0 for name in NAMES}
    weights |= {
        "w_i": 0.5,
        "b_i": 1.5 - threshold / 2,
        "w_g": 3.0,
        "b_g": 1.0 - 3 * threshold + 1.5,
    }
    return weights | {"b_f": 1.0, "w_o": -2.0, "b_o": 1.5}


COUNTING_LSTM = Exercise(
    function=recurrent.counting_lstm,
    read="A unit by hand",
    answers=("homework 6.4",),
    cases=_cases,
    refuses={"threshold 0": {"threshold": 0}, "a threshold of 1.5": {"threshold": 1.5}},
    criteria=(
        Criterion(
            "tells the tally at zeros",
            3,
            PAUSES,
            equal=SaysTheSame(True, "your unit does not tell the right tally where x is 0"),
        ),
        Criterion(
            "is silent elsewhere",
            1,
            PAUSES,
            equal=SaysTheSame(False, "your unit is not silent where x is not 0"),
        ),
        Criterion(
            "keeps counting",
            2,
            LARGE,
            equal=SaysTheSame(True, "your unit loses count in a long sequence"),
        ),
    ),
    mistakes="""
        "w_o": -1.0, "b_o": 1.0 => "w_o": 1.0, "b_o": 0.0
            Your unit speaks when it should listen: its gate o opens for inputs that are not 0. The
            printed text of this homework has that slip.
        "w_o": -1.0, "b_o": 1.0 => "w_o": 1.0, "b_o": 1.0
            Your gate o is always open, so the unit tells its tally at every input. The last line of
            the printed solution has that slip.
        "w_f": 0.0, "b_f": 1.0 => "w_f": 0.0, "b_f": 0.0
            Your unit forgets: with the gate f shut nothing of the old tally is kept.
        "w_f": 0.0, "b_f": 1.0 => "w_f": 0.0, "b_f": 0.5
            Your tally melts away: a gate f that is half open halves the cell at every step.
        "b_i": 1.0 - threshold => "b_i": -float(threshold)
            Inputs exactly at the threshold are not counted.
        "b_i": 1.0 - threshold => "b_i": 0.0
            Every input that is not 0 is counted, also those below the threshold.
        "b_i": 1.0 - threshold => "b_i": 2.0 - threshold
            Inputs just below the threshold are counted, too.
        {f"u_{gate}": 0.0 for gate in "ifgo"} => {f"u_{gate}": 1.0 for gate in "ifgo"}
            What your unit says comes back into its own gates and upsets them: look at the weights
            u.
    """,
    alternatives=(
        Alternative(_by_steep_value, why="the value selects, the gates are wide open"),
        Alternative(_by_two_ramps, why="two ramps and steeper slopes"),
    ),
)
