"""What the predictor says about the spectrum: envelope and formants."""

from __future__ import annotations

import numpy as np

from autograder.checks.lpc.inputs import stable_predictor
from autograder.exercise.compare import Close
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import lpc


def _envelope_cases(rng):
    rate = float(rng.choice([8000.0, 11025.0, 16000.0]))
    grid = np.linspace(0, rate / 2, 33)
    gain = rng.uniform(2.0, 9.0)
    a = stable_predictor(rng, 10)
    return [
        Case((a, gain, grid, rate), "order 10 on a grid from 0 to half the rate"),
        Case(
            (stable_predictor(rng, 3), 0.05, rng.uniform(0, rate / 2, 9), rate),
            "order 3, a small gain",
        ),
        Case(
            (stable_predictor(rng, 1), gain, np.array([rate / 8]), rate), "order 1, one frequency"
        ),
    ]


def _envelope_by_loop(a, gain, frequencies, rate):
    levels = []
    for f in frequencies:
        z = np.exp(2j * np.pi * f / rate)
        denominator = 1 - sum(a[m - 1] * z**-m for m in range(1, len(a) + 1))
        levels.append(float(10 * np.log10(abs(gain / denominator) ** 2)))
    return levels


def _envelope_by_poles(a, gain, frequencies, rate):
    z = np.exp(2j * np.pi * frequencies / rate)
    distances = np.abs(z[:, None] - np.roots(np.append(1, -a)))
    return 20 * (np.log10(gain) - np.log10(distances).sum(1))


ENVELOPE = Exercise(
    function=lpc.envelope,
    read="Gain and envelope",
    cases=_envelope_cases,
    refuses={"a gain of zero": {"gain": 0.0}},
    criteria=(Criterion("levels in dB", 3, equal=Close(rtol=1e-6, atol=1e-6)),),
    mistakes="""
        1 - prediction => 1 + prediction
            The denominator has the sign that belongs to a library's coefficients; in this course's
            convention the prediction is subtracted.
        20 * np.log10 => 10 * np.log10
            Your levels are half as many decibels as they should be: H is an amplitude, not a power.
        gain / np.abs => 1 / np.abs
            The gain is left out: the curve has the right shape at the wrong height.
        gain / np.abs => gain**2 / np.abs
            The gain is squared. G is an amplitude: the root of the error's energy.
        gain / np.abs(1 - prediction) => gain * np.abs(1 - prediction)
            This is the prediction-error filter, with dips where the formants are; the synthesis
            filter is its reciprocal.
        np.arange(1, len(a) + 1) => np.arange(len(a))
            Your first coefficient has no delay; a_1 belongs to a delay of one sample.
        -2j * np.pi => -1j * np.pi
            Your frequency axis is stretched by two: a full turn of the circle is the sampling rate,
            not half of it.
        20 * np.log10 => 20 * np.log
            You use the natural logarithm; decibels are defined with base ten.
    """,
    alternatives=(
        Alternative(_envelope_by_loop, why="loops, and from the power"),
        Alternative(_envelope_by_poles, why="from the distances to the poles"),
    ),
    forbidden="scipy.signal.freqz scipy.signal.freqz_zpk scipy.signal.dfreqresp scipy.signal.dbode",
    because="it evaluates the filter for you",
)


def _resonances(rng, count, rate):
    """Predictor with that many resonances whose poles no root finder returns in order."""
    while True:
        frequencies = np.sort(rng.uniform(200, rate / 2 - 300, count))
        radius = np.exp(-np.pi * rng.uniform(40, 250, count) / rate)
        poles = radius * np.exp(2j * np.pi * frequencies / rate)
        a = -np.real(np.poly(np.append(poles, poles.conj())))[1:]
        found = np.roots(np.append(1.0, -a))
        angles = np.angle(found[found.imag > 0])
        far_apart = np.diff(frequencies).min() > 150
        if far_apart and np.any(np.diff(angles) < 0) and len(angles) == count:
            return a


def _formants_cases(rng):
    rate = float(rng.choice([8000.0, 10000.0, 16000.0]))
    real = np.poly([rng.uniform(0.6, 0.95), -rng.uniform(0.3, 0.8)])
    with_real, with_two = (
        -np.convolve(np.append(1.0, -_resonances(rng, n, rate)), real)[1:] for n in (3, 2)
    )
    a = _resonances(rng, 4, rate)
    return [
        Case((a, rate), "four resonances"),
        Case((_resonances(rng, 3, rate), rate), "three resonances"),
        Case((_resonances(rng, 5, 2 * rate), 2 * rate), "five resonances"),
        Case((with_real, rate), "three resonances and two real poles", EDGE),
        Case((with_two, rate), "two resonances and two real poles", EDGE),
        Case((-real[1:], rate), "two real poles and no resonance", EDGE),
    ]


def _formants_by_eigenvalues(a, rate):
    companion = np.vstack([a, np.eye(len(a))[:-1]])
    found = []
    for pole in np.linalg.eigvals(companion):
        turn = float(np.arctan2(np.imag(pole), np.real(pole)))
        if 1e-9 < turn < np.pi - 1e-9:
            found.append((turn * rate / (2 * np.pi), float(-np.log(abs(pole)) * rate / np.pi)))
    found.sort()
    return [f for f, _ in found], [b for _, b in found]


_ROOTS = Close(rtol=1e-5, atol=1e-4)

FORMANTS = Exercise(
    function=lpc.formants,
    read="Formants from roots",
    cases=_formants_cases,
    refuses={"a rate of zero": {"rate": 0.0}},
    criteria=(
        Criterion("frequencies", 2, select=0, equal=_ROOTS),
        Criterion("bandwidths", 2, select=1, equal=_ROOTS),
        Criterion("poles that do not ring are left out", 1, EDGE, equal=_ROOTS),
    ),
    mistakes="""
        np.append(1.0, -a) => np.append(1.0, a)
            Your polynomial has the sign of a library's coefficients: with this course's predictor
            the signs after the leading 1 change.
        poles[poles.imag > 0] => poles
            A resonance is a pair of poles: you list both of them, one at a negative frequency.
        poles[poles.imag > 0] => poles[poles.imag >= 0]
            Real poles are among your resonances: they decay without ringing, and are neither
            formants at 0 Hz nor at half the rate.
        np.argsort(frequencies) => np.arange(len(frequencies))
            Your resonances come in the order in which the roots were found; sort them by frequency.
        bandwidths[ascending] => bandwidths
            You sorted the frequencies but not the bandwidths that belong to them.
        * rate / np.pi => * rate / (2 * np.pi)
            Your bandwidths are half as wide as they should be: a pole of radius exp(-pi B / rate)
            has bandwidth B.
        * rate / (2 * np.pi) => * rate / np.pi
            Your frequencies are twice as high as they should be: half a turn of the circle is half
            the rate.
        bandwidths = -np.log => bandwidths = np.log
            Your bandwidths are negative where the resonance dies away: the logarithm of a radius
            below 1 is negative. (The roots of the polynomial in 1/z give this too.)
    """,
    alternatives=(
        Alternative(_formants_by_eigenvalues, why="eigenvalues of the companion matrix, and lists"),
    ),
)
