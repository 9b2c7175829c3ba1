"""The formant synthesiser: vocal folds, resonators, resonators in series."""

from __future__ import annotations

import numpy as np

from autograder.checks.source_filter.inputs import coefficients, tract
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import source_filter


def _glottal_flow_cases(rng):
    rate = float(rng.choice([8000.0, 11025.0, 16000.0]))
    glide = np.linspace(rng.uniform(90, 140), rng.uniform(180, 260), 300)
    level = np.full(200, rng.uniform(95, 210))
    return [
        Case((level, rate), "a level pitch"),
        Case((glide, rate), "a pitch that glides up"),
        Case((glide[::-1], rate, 0.3, 0.25), "a pitch that glides down, other parts of a period"),
        Case((glide, rate, 0.55, 0.45), "folds that are never shut", EDGE),
        Case((level[:1], rate), "a single sample", EDGE),
    ]


def _flow_by_loop(f0, rate, opening=0.4, closing=0.16):
    flow, turns = [], 0.0
    for pitch in f0:
        if turns < opening:
            flow.append(float(np.sin(np.pi * turns / opening / 2) ** 2))
        elif turns < opening + closing:
            flow.append(float(np.sin(np.pi * (opening + closing - turns) / closing / 2)))
        else:
            flow.append(0.0)
        turns = (turns + pitch / rate) % 1
    return flow


GLOTTAL_FLOW = Exercise(
    function=source_filter.glottal_flow,
    read="A source: the vocal folds",
    cases=_glottal_flow_cases,
    refuses={
        "a pitch of zero at the end": {"f0": lambda f0: np.append(f0, 0.0)},
        "a pitch above half the rate": {"f0": np.array([100.0, 4100.0]), "rate": 8000.0},
        "parts that are longer than the period": {"opening": 0.7, "closing": 0.5},
        "a closing part of no length": {"closing": 0.0},
    },
    criteria=(
        Criterion("the flow", 3),
        Criterion("never shut, a single sample", 1, EDGE),
    ),
    mistakes="""
        np.append(0.0, np.cumsum(f0)[:-1]) / rate => f0 * np.arange(len(f0)) / rate
            Your phase is f0 times the time, which holds for a level pitch only: in a glide the
            phase is the sum of all the small steps so far.
        np.append(0.0, np.cumsum(f0)[:-1]) => np.cumsum(f0)
            Your phase is a step ahead: it is 0 at the first sample.
        np.append(0.0, np.cumsum(f0)[:-1]) => np.append(0.0, np.cumsum(f0[1:]))
            The step from a sample to the next belongs to the pitch of the sample that is left, not
            of the one that is reached.
        phi = turns % 1 => phi = turns
            The folds open only once: every period has a pulse, so only the part of the phase after
            the point counts.
        (2 * closing) => closing
            Your flow falls through zero and becomes negative: while the folds close, the cosine
            runs through a quarter of its turn.
        np.cos(np.pi * (phi - opening) / (2 * closing))
        => 0.5 * (1 + np.cos(np.pi * (phi - opening) / closing))
            Your flow dies out softly. Rosenberg's stops with a corner, at full speed, and the high
            harmonics come from that corner.
        np.where(phi < opening + closing, falling, 0.0) => falling
            Your folds are never shut: after closing the flow stays at zero.
    """,
    alternatives=(
        Alternative(_flow_by_loop, why="a loop with a running phase, half angles and a list"),
    ),
)


def _resonator_cases(rng):
    rate = float(rng.choice([8000.0, 10000.0, 16000.0]))
    F, B = tract(rng, 4, rate)
    return [
        Case((F, B, 1 / rate), "four formants"),
        Case((*tract(rng, 3, 2 * rate), 0.5 / rate), "three formants at twice the rate"),
        Case((F[:1], 10 * B[:1], 1 / rate), "a single wide resonance"),
        Case(([500, 1500], [60, 90], 1 / rate), "formants as a list of whole numbers", EDGE),
        Case((F[::-1], B, 1 / rate), "formants in falling order", EDGE),
    ]


def _by_poles(F, B, T):
    upper = np.exp((-np.pi * np.array(B) + 2j * np.pi * np.array(F)) * T)
    return np.abs(1 - upper) ** 2, 2 * upper.real, -(np.abs(upper) ** 2)


RESONATOR = Exercise(
    function=source_filter.resonator,
    read="One resonance, three numbers",
    answers=("sheet formants",),
    cases=_resonator_cases,
    refuses={
        "a formant above half the rate": {"F": lambda F: np.append(F[:3] / 4, 8100.0)},
        "a formant at 0 Hz": {"F": lambda F: np.append(F[:3], 0.0)},
        "a negative bandwidth": {"B": lambda B: np.append(B[:3], -50.0)},
    },
    criteria=(
        Criterion("a", 1, select=0),
        Criterion("b", 1, select=1),
        Criterion("c", 1, select=2),
        Criterion("lists, and any order", 1, EDGE),
    ),
    mistakes="""
        c = -np.exp => c = np.exp
            Your c is positive. The product of a pair of conjugate poles is a square, and it enters
            the recursion with a minus sign.
        np.exp(-2 * np.pi * B * T) => np.exp(-np.pi * B * T)
            Your c is the radius of the poles; it must be the square of it.
        2 * np.exp(-np.pi * B * T) => 2 * np.exp(-2 * np.pi * B * T)
            Your b has the square of the radius of the poles where the radius belongs: the resonance
            is off its frequency when it is wide.
        b = 2 * np.exp => b = np.exp
            Your b is half as large as it should be: both poles of a pair contribute to it.
        np.cos(2 * np.pi * F * T) => np.cos(np.pi * F * T)
            Your resonances are an octave too low: the angle of a pole is 2 pi at the full sampling
            rate.
        np.cos(2 * np.pi * F * T) => np.cos(F * T)
            F is in hertz, turns a second; the cosine wants an angle in radians.
        a = 1 - b - c => a = np.ones_like(b)
            Your resonators amplify a constant. Choose a so that it passes unchanged: put the same
            value for x[n], y[n], y[n-1] and y[n-2].
        a = 1 - b - c => a = 1 + b + c
            The signs in your a are those of the denominator as a library writes it; here b and c
            are added in the recursion.
    """,
    alternatives=(Alternative(_by_poles, why="from the complex poles"),),
)


def _cascade_cases(rng):
    four = coefficients(rng)
    pulses = np.zeros(120)
    pulses[:: int(rng.integers(30, 50))] = 1.0
    return [
        Case((pulses, *four), "pulses through four resonators"),
        Case((rng.standard_normal(90), *coefficients(rng, 3)), "noise through three resonators"),
        Case((pulses.astype(int), *coefficients(rng, 1)), "pulses through one", EDGE),
        Case((rng.standard_normal(1), *four), "a single sample", EDGE),
    ]


def _by_impulse_responses(x, a, b, c):
    for k in range(len(a)):
        h = [a[k], a[k] * b[k]]
        while len(h) < len(x):
            h.append(b[k] * h[-1] + c[k] * h[-2])
        x = np.convolve(x, h)[: len(x)]
    return x


def _all_at_each_sample(x, a, b, c):
    last, before, out = [0.0] * len(a), [0.0] * len(a), []
    for sample in x:
        value = float(sample)
        for k in reversed(range(len(a))):  # the order of linear stages does not matter
            value = float(a[k] * value + b[k] * last[k] + c[k] * before[k])
            last[k], before[k] = value, last[k]
        out.append(value)
    return out


CASCADE = Exercise(
    function=source_filter.cascade,
    read="A cascade that speaks",
    cases=_cascade_cases,
    refuses={"one b too few": {"b": lambda b: b[:3]}},
    criteria=(
        Criterion("the speech", 3),
        Criterion("one resonator, a single sample", 1, EDGE),
    ),
    mistakes="""
        a[k] * x[n] + b => x[n] + b
            The gain a is not used: each resonator multiplies its input by it.
        + c[k] * y[n] => - c[k] * y[n]
            c is subtracted; in this course's recursion it is added (and is itself negative).
        b[k] * y[n + 1] + c[k] * y[n] => c[k] * y[n + 1] + b[k] * y[n]
            b and c have changed places: b belongs to the output just before, c to that before it.
        b[k] * y[n + 1] + c[k] * y[n]
        => b[k] * (x[n - 1] if n > 0 else 0) + c[k] * (x[n - 2] if n > 1 else 0)
            You feed the input forward; a resonance comes from feeding back the output already made.
        for k in range(len(a)): => for k in range(1):
            Only the first resonator is at work: the source has to pass through all of them.
        x = y[2:] => pass
        return x => return y[2:]
            Only your last resonator is heard; each works on the output of the one before.
        x = y[2:] => out = y[2:] if k == 0 else out + y[2:]
        return x => return out
            You add up the outputs of the resonators: that is a parallel synthesiser. In a cascade
            each works on the output of the one before.
    """,
    alternatives=(
        Alternative(_by_impulse_responses, why="convolution with each impulse response"),
        Alternative(_all_at_each_sample, why="sample by sample, in reverse order, and a list"),
    ),
    forbidden="scipy.signal.lfilter scipy.signal.sosfilt scipy.signal.dlsim",
    because="it is the filter you are asked to write",
)
