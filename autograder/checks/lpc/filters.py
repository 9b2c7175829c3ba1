"""The residual, and the way back."""

from __future__ import annotations

import operator

import numpy as np

from autograder.checks.lpc.inputs import stable_predictor, windowed_frame
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import lpc


def _residual_cases(rng):
    a = stable_predictor(rng, 8)
    return [
        Case((rng.standard_normal(120), a), "120 samples and order 8"),
        Case((windowed_frame(rng, 90), stable_predictor(rng, 12)), "a windowed frame and order 12"),
        Case((rng.standard_normal(40), stable_predictor(rng, 1)), "40 samples and order 1"),
        Case((windowed_frame(rng, 60), stable_predictor(rng, 5)), "a windowed frame and order 5"),
        Case((rng.standard_normal(3), a), "3 samples and order 8", EDGE),
        Case((rng.standard_normal(1), a), "a single sample", EDGE),
    ]


def _residual_by_convolution(s, a):
    return np.convolve(s, np.append(1.0, -a))[: len(s)]


def _residual_by_loop(s, a):
    s, a = list(s), list(a)
    return [
        s[n] - sum(a[m - 1] * s[n - m] for m in range(1, len(a) + 1) if n - m >= 0)
        for n in range(len(s))
    ]


RESIDUAL = Exercise(
    function=lpc.residual,
    read="A sample is hardly a surprise",
    cases=_residual_cases,
    refuses={
        "NaN in s": {"s": with_nan},
        "an infinite coefficient": {"a": lambda a: np.append(a, np.inf)},
    },
    criteria=(
        Criterion("the residual", 3),
        Criterion("a signal shorter than the predictor", 1, EDGE),
    ),
    mistakes="""
        error[m:] -= a => error[m:] += a
            You add the prediction. The residual is what is left when it is taken away; if your
            coefficients came from a library, their sign is the opposite.
        return error => return s - error
            You return the prediction itself; asked for is what it misses.
        return error => return error[len(a) :]
            You leave out the first samples, whose past is not complete. Take the missing past to be
            zero.
        a[m - 1] * s[:-m] => a[-m] * s[:-m]
            The coefficients meet the past in the wrong order: a_1 belongs to the sample just
            before.
        a[m - 1] * s[:-m] => a[m - 1] * error[:-m]
            You predict from residuals you have already computed, which is a recursive filter;
            predict from the signal itself.
        error[m:] -= a[m - 1] * s[:-m] => error[m - 1 :] -= a[m - 1] * s[: len(s) - m + 1]
            Your delays are one too short: you use the sample itself to predict it.
    """,
    alternatives=(
        Alternative(_residual_by_convolution, why="convolution with the prediction-error filter"),
        Alternative(_residual_by_loop, why="two loops and a list"),
    ),
    forbidden="scipy.signal.lfilter",
    because="it is the filter you are asked to write",
)


def _synthesis_cases(rng):
    a, gain = stable_predictor(rng, 8), rng.uniform(1.5, 4.0)
    pulses = np.zeros(100)
    pulses[:: int(rng.integers(20, 40))] = 1.0
    return [
        Case((pulses, a, gain), "a pulse train and order 8"),
        Case((rng.standard_normal(80), stable_predictor(rng, 5), gain), "noise and order 5"),
        Case((rng.standard_normal(30), stable_predictor(rng, 1), 0.2), "noise and order 1"),
        Case((rng.standard_normal(3), a, gain), "3 samples and order 8", EDGE),
    ]


def _synthesis_by_loop(e, a, gain):
    s = []
    for n in range(len(e)):
        past = sum(a[m - 1] * s[n - m] for m in range(1, min(n, len(a)) + 1))
        s.append(float(gain * e[n] + past))
    return s


def _synthesis_by_impulse_response(e, a, gain):
    h = np.zeros(len(e))
    h[0] = gain
    for n in range(1, len(e)):
        h[n] = sum(a[m - 1] * h[n - m] for m in range(1, min(n, len(a)) + 1))
    return np.convolve(e, h)[: len(e)]


SYNTHESIS = Exercise(
    function=lpc.synthesis,
    read="A sample is hardly a surprise",
    answers=("sheet lpc",),
    cases=_synthesis_cases,
    refuses={"a gain of zero": {"gain": 0.0}, "a negative gain": {"gain": operator.neg}},
    criteria=(
        Criterion("the signal", 3),
        Criterion("an excitation shorter than the predictor", 1, EDGE),
    ),
    mistakes="""
        gain * e[n] + a @ past => e[n] + a @ past
            The gain is not used: it sets how strongly the excitation drives the filter.
        gain * e[n] + a @ past => gain * (e[n] + a @ past)
            The gain also multiplies the feedback, so it acts again at every sample; it belongs to
            the excitation alone.
        e[n] + a @ past => e[n] - a @ past
            The past enters with a minus sign: that holds for coefficients from a library, whose
            sign is the opposite of this course's.
        s[n : n + p][::-1] => s[n : n + p]
            The coefficients meet the past in the wrong order: a_1 belongs to the sample just
            before.
        past = s[n : n + p][::-1] => past = np.append(np.zeros(p), e)[n : n + p][::-1]
            You feed back the excitation; the resonances come from feeding back the speech already
            made.
        gain * e[n] => gain**2 * e[n]
            The excitation is multiplied by the square of the gain.
    """,
    alternatives=(
        Alternative(_synthesis_by_loop, why="two loops and a list"),
        Alternative(_synthesis_by_impulse_response, why="convolution with the impulse response"),
    ),
    forbidden="scipy.signal.lfilter scipy.signal.sosfilt scipy.signal.dlsim",
    because="it is the filter you are asked to write",
)
