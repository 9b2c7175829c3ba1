"""One frame at the receiving end."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter, lfiltic

from autograder.checks.celp.inputs import tables
from autograder.checks.lpc.inputs import stable_predictor
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, changed
from autograder.reference import celp
from autograder.reference.celp import SHORTEST


def _decode_case(rng, kind, subframes, length, past, order, group="usual", silent=False):
    """Numbers drawn at random, with large gains among them so that everything is heard."""
    book = tables(rng, length)
    sizes = [past - SHORTEST + 1, 8, len(book["codes"]), 8]
    numbers = np.array([[rng.integers(size) for size in sizes] for _ in range(subframes)])
    numbers[:, 0] = rng.permutation(np.arange(1, sizes[0]))[:subframes]
    numbers[:, 1] = rng.integers(4, 8, subframes)  # pitch gains well away from zero
    scale = 0.0 if silent else 1.0
    before = scale * rng.standard_normal(past), scale * rng.standard_normal(order)
    return Case((numbers, stable_predictor(rng, order, 0.7), book, *before), kind, group)


def _decode_cases(rng):
    return [
        _decode_case(rng, "four subframes of 30 samples, order 8", 4, 30, 60, 8),
        _decode_case(rng, "three subframes of 40 samples, order 4", 3, 40, 90, 4),
        _decode_case(rng, "a frame after silence", 3, 24, 64, 6, EDGE, silent=True),
        _decode_case(rng, "a single subframe, longer than any lag", 1, 60, 40, 6, EDGE),
    ]


def _decode_by_filter(numbers, a, tables, excitation, speech):
    """All of the excitation first, by recursion, then the filter."""
    whole, numbers = list(excitation), np.asarray(numbers)
    M, N = len(whole), np.shape(tables["codes"])[1]
    for shift, g, k, h in numbers:
        start = len(whole)
        lag = SHORTEST + shift
        for n in range(N):
            back = start - lag + n % lag
            new = tables["code_gains"][h] * tables["codes"][k][n]
            whole.append(tables["pitch_gains"][g] * whole[back] + new)
    state = lfiltic([1.0], [1.0, *-a], speech[::-1])
    s = lfilter([1.0], [1.0, *-a], whole[M:], zi=state)[0]
    return [s.tolist(), whole[-M:]]


DECODE_FRAME = Exercise(
    function=celp.decode_frame,
    read="Where the bits go",
    cases=_decode_cases,
    refuses={
        "a code that the codebook does not have": {"numbers": changed((1, 2), 16)},
        "a lag longer than the past excitation": {"numbers": changed((0, 0), 61 - SHORTEST)},
        "a negative number": {"numbers": changed((0, 3), -1)},
    },
    criteria=(
        Criterion("the speech", 3, select=0),
        Criterion("the excitation that the next frame needs", 1, select=1),
        Criterion("after silence, and a subframe longer than any lag", 1, EDGE),
    ),
    mistakes="""
        list(speech) => [0.0] * len(a)
            Your filter starts from rest; the mouth still rings from the frame before.
        past = np.append(past, e)[-M:] => past = np.append(past, e)[:M]
            The past excitation is never moved on, so that all subframes look back from the same
            place.
        np.append(past, e) => np.append(past, repeated)
            Into the past goes what was repeated; it should be the whole excitation of the subframe,
            gains and code included.
        np.append(past, e) => np.append(past, s[-N:])
            Your adaptive codebook holds speech; it should hold excitation, before the filter.
        SHORTEST + shift => max(shift, 1)
            You take the number for the lag itself; numbers count from the shortest lag.
        tables["pitch_gains"][g] * repeated => repeated
            The pitch gain is not used: the past comes back at full strength.
        for shift, g, k, h in => for shift, h, k, g in
            The two gains are exchanged: pitch gain before code, code gain after.
        e[n] + a @ => e[n] - a @
            The past speech enters with a minus sign; in this course's convention the prediction is
            added.
        np.resize(past[-(SHORTEST + shift) :], N) => np.pad(past[-(SHORTEST + shift) :], (0, N))[:N]
            Where the lag is shorter than a subframe you put zeros; the excitation should repeat
            itself.
    """,
    alternatives=(
        Alternative(_decode_by_filter, why="excitation first, then SciPy's filter, and lists"),
    ),
)
