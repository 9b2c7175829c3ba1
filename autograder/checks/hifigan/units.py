"""Units of speech as runs and durations."""

from __future__ import annotations

import itertools

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import hifigan


def _spoken(rng, runs, units, longest):
    """Runs of random lengths, the last not of 1; neighbours differ, and units come back."""
    steps, lengths = rng.integers(1, units, runs), rng.integers(1, longest + 1, runs)
    lengths[-1] = rng.integers(2, longest + 1)
    return np.repeat(np.cumsum(steps) % units, lengths)


def _from_zero(rng, runs):
    units = _spoken(rng, runs, 4, 3)
    return (units - units[0]) % 4


def _unit_cases(rng):
    return [
        Case((_spoken(rng, 12, 4, 5),), "12 runs of 4 units"),
        Case((_spoken(rng, 20, 3, 4),), "20 runs of 3 units"),
        Case((_spoken(rng, 9, 50, 7),), "9 runs of 50 units"),
        Case((np.array([rng.integers(1, 9)]),), "a single frame", EDGE),
        Case((np.full(rng.integers(2, 9), rng.integers(1, 9)),), "one unit throughout", EDGE),
        *(Case((_from_zero(rng, runs),), "unit 0 at the beginning", EDGE) for runs in (2, 4, 7)),
        Case((1 + rng.permutation(8),), "no unit twice", EDGE),
    ]


def _by_groupby(units):
    runs = [(int(unit), len(list(run))) for unit, run in itertools.groupby(units)]
    return [unit for unit, _ in runs], [duration for _, duration in runs]


DEDUPLICATE = Exercise(
    function=hifigan.deduplicate,
    read="Speech from units",
    cases=_unit_cases,
    refuses={
        "a unit of 1.5": {"units": [2, 1.5, 1]},
        "a unit below 0": {"units": [3, -1, 2]},
        "no units": {"units": []},
    },
    criteria=(
        Criterion("the units of the runs", 2, select=0),
        Criterion("their durations", 2, select=1),
        Criterion("one frame, one unit, unit 0 at the start", 1, EDGE),
    ),
    mistakes="""
        return units[starts].astype(int), np.diff(starts, append=len(units))
        => return np.unique(units, return_counts=True)
            You count each unit once over the whole utterance and in the order of its number. A unit
            that comes back begins a new run.
        prepend=-1 => prepend=0
            A run of unit 0 at the beginning is lost: the first frame always begins a run.
        prepend=-1 => prepend=units[:1]
            Your first run is lost: it begins with the first frame, though nothing changes there.
        return units[starts].astype(int), np.diff(starts, append=len(units))
        => return units[starts].astype(int), np.append(np.diff(starts), 1)
            The last of your durations is 1 whatever its run: that run goes on to the last frame.
        return units[starts].astype(int), np.diff(starts, append=len(units))
        => return units[starts].astype(int), np.diff(starts)
            There is a duration too few: the last run ends with the last frame.
        return units[starts].astype(int), np.diff(starts, append=len(units))
        => return units[starts].astype(int), starts
            You return where the runs begin; asked for is how long they last.
        return units[starts].astype(int), np.diff(starts, append=len(units))
        => return units[starts].astype(int), np.diff(starts, append=len(units)) - 1
            Your durations are one too short: you count the repetitions without the first frame.
    """,
    alternatives=(Alternative(_by_groupby, why="itertools.groupby"),),
    forbidden="torch.unique_consecutive",
    because="it is the function you are asked to write",
)
