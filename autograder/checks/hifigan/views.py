"""How the discriminators look at a waveform: folded at a period, and at several scales."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import hifigan


def _fold_cases(rng):
    return [
        Case((rng.normal(size=23), 5), "23 samples, period 5"),
        Case((rng.normal(size=38), 11), "38 samples, period 11"),
        Case((rng.normal(size=30), 7), "30 samples, period 7"),
        Case((rng.normal(size=24), 3), "24 samples, period 3, which fit", EDGE),
        Case((rng.normal(size=6), 1), "period 1", EDGE),
        Case((rng.normal(size=4), 7), "a single row, just long enough", EDGE),
        Case((rng.normal(size=13), 2), "13 samples, period 2", EDGE),
    ]


def _fold_by_indices(x, period):
    rows = -(-len(x) // period)
    place = np.arange(rows * period)
    last = len(x) - 1
    return x[last - np.abs(last - place)].reshape(rows, period)


FOLD_PERIODS = Exercise(
    function=hifigan.fold_periods,
    read="Folded at a period",
    cases=_fold_cases,
    refuses={
        "a period of 0": {"period": 0},
        "3 samples and a period of 6": {"x": [0.5, -1.0, 2.0], "period": 6},
        "NaN in x": {"x": with_nan},
    },
    criteria=(
        Criterion("rows of one period each, the last one filled", 3),
        Criterion("periods that fit, period 1, a single row", 1, EDGE),
    ),
    mistakes="""
        mode="reflect" => mode="constant"
            You fill the last row with zeros; it goes on with the signal's mirror image.
        mode="reflect" => mode="edge"
            You fill the last row by repeating the last sample; it goes on with the signal's mirror
            image.
        mode="reflect" => mode="symmetric"
            Your mirror image begins with the last sample again; that sample is not repeated.
        mode="reflect" => mode="wrap"
            You fill the last row from the beginning of the signal; it goes on with the mirror image
            of its end.
        np.pad(x, (0, missing), mode="reflect") => np.pad(x, (missing, 0), mode="reflect")
            You pad at the beginning; the rows start with the first sample.
        .reshape(-1, period) => .reshape(period, -1)
            You cut the signal into as many long pieces as the period has samples; a row is to hold
            one period.
        .reshape(-1, period) => .reshape(-1, period).T
            Your rows and columns are exchanged: time runs along a row first.
        np.pad(x, (0, missing), mode="reflect") => x[: len(x) // period * period]
            You leave out the samples of a last row that is not full; it is to be filled.
    """,
    alternatives=(
        Alternative(_fold_by_indices, why="an index that turns back at the last sample"),
    ),
)


def _pool_cases(rng):
    return [
        Case((rng.normal(size=32), 3), "32 samples, 3 scales"),
        Case((rng.normal(size=45), 4), "45 samples, 4 scales"),
        Case((2 + rng.normal(size=27), 3), "27 samples with a mean of 2, 3 scales"),
        Case((rng.normal(size=50), 2), "50 samples, 2 scales"),
        Case((rng.normal(size=9), 1), "the signal alone", EDGE),
        Case((rng.normal(size=1), 3), "a single sample, 3 scales", EDGE),
        Case((rng.normal(size=2), 3), "2 samples, 3 scales", EDGE),
        Case((rng.normal(size=3), 2), "3 samples, 2 scales", EDGE),
    ]


def _pools_by_loop(x, scales):
    signals = [[float(value) for value in x]]
    for _ in range(scales - 1):
        last = signals[-1]
        signals.append(
            [
                sum(last[t] for t in range(2 * n - 2, 2 * n + 2) if 0 <= t < len(last)) / 4
                for n in range(len(last) // 2 + 1)
            ]
        )
    return signals


def _pools_without_zeros(x, scales):
    signals = [x]
    for _ in range(scales - 1):
        last = signals[-1]
        starts = range(-2, 2 * (len(last) // 2) - 1, 2)
        signals.append(np.array([last[max(0, s) : s + 4].mean() for s in starts]))
    return tuple(signals)


AVERAGE_POOLS = Exercise(
    function=hifigan.average_pools,
    read="Three scales",
    cases=_pool_cases,
    refuses={"0 scales": {"scales": 0}, "NaN in x": {"x": with_nan}},
    criteria=(
        Criterion("the signals at all scales", 3),
        Criterion("one scale, signals of 1 to 3 samples", 1, EDGE),
    ),
    mistakes=(
        """
        fours.mean(axis=1) => fours[:, 2]
            You leave out every second sample without an average; what lies above half of the new
            rate is then folded down.
        fours.mean(axis=1) => fours.sum(axis=1)
            You add the four neighbours up; their mean is asked for.
        fours.mean(axis=1) => fours.max(axis=1)
            You take the largest of the four; their mean is asked for.
        np.pad(signals[-1], 2) => signals[-1]
            You begin with the first four samples; two zeros come first, and two after the last
            sample.
        np.pad(signals[-1], 2) => np.pad(signals[-1], 2, mode="reflect")
            You continue the signal by its mirror image; here zeros stand at its ends.
        np.pad(signals[-1], 2) => np.pad(signals[0], 2)
            All of your averages are taken of x; each signal comes from the one before it.
        return tuple(signals) => return tuple(signals[::-1])
            Your signals are in the opposite order: x comes first.
        [::2] => [1::2]
            Your means begin one sample too late.
    """,
        Mistake(
            _pools_without_zeros,
            says="At the ends you divide by the number of samples without the zeros; the zeros "
            "count too.",
        ),
    ),
    alternatives=(Alternative(_pools_by_loop, why="loops and lists"),),
    forbidden="torch.nn.functional.avg_pool1d torch.nn.AvgPool1d",
    because="it is the operation you are asked to write",
)
