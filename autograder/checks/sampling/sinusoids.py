"""A sinusoid's samples, and the other sinusoids that have the same ones."""

from __future__ import annotations

import math

import numpy as np

from autograder.exercise.compare import Close
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import sampling

RATES = (8000.0, 11025.0, 16000.0, 22050.0, 44100.0)


def _sinusoid(rng, low, high, count):
    """Arguments with a frequency between so many times the rate."""
    rate = float(rng.choice(RATES))
    frequency = rate * rng.uniform(low, high)
    return rng.uniform(1.5, 4.0), frequency, rng.uniform(0.4, 2.7), rate, count


def _sinusoid_cases(rng):
    return [
        Case(_sinusoid(rng, 0.02, 0.1, 40), "a low frequency"),
        Case(_sinusoid(rng, 0.3, 0.45, 25), "a frequency below half the rate"),
        Case(_sinusoid(rng, 0.1, 0.3, 1), "a single sample"),
        Case(_sinusoid(rng, 0.55, 0.95, 20), "a frequency above half the rate", EDGE),
        Case(_sinusoid(rng, 3.1, 3.4, 20), "a frequency above the rate", EDGE),
        Case(_sinusoid(rng, -0.4, -0.1, 20), "a negative frequency", EDGE),
    ]


def _by_rotation(amplitude, frequency, phase, rate, count):
    turn = np.exp(2j * np.pi * frequency / rate)
    return np.real(amplitude * np.exp(1j * phase) * turn ** np.arange(count))


def _by_loop(amplitude, frequency, phase, rate, count):
    times = [n / rate for n in range(count)]
    return [amplitude * math.cos(math.tau * frequency * t + phase) for t in times]


SAMPLED_SINUSOID = Exercise(
    function=sampling.sampled_sinusoid,
    read="The simplest sound",
    cases=_sinusoid_cases,
    refuses={
        "a rate of zero": {"rate": 0.0},
        "a negative rate": {"rate": -8000.0},
        "no samples": {"count": 0},
        "a frequency that is not a number": {"frequency": math.nan},
    },
    criteria=(
        Criterion("the samples", 2),
        Criterion("frequencies above half the rate and below zero", 1, EDGE),
    ),
    mistakes="""
        np.cos => np.sin
            You take a sine. A cosine is asked for, which starts at its highest value if the phase
            is 0.
        2 * np.pi * frequency => frequency
            A frequency in Hz counts whole turns in a second; the cosine wants radians.
        n / rate => n
            You take one sample a second; the rate says how many there are in a second.
        + phase => - phase
            Your phase has the opposite sign: with a positive one the cosine is already under way
            at t = 0.
        + phase => + np.deg2rad(phase)
            You convert the phase from degrees; it is given in radians.
        np.arange(count) => np.arange(1, count + 1)
            Your first sample is taken one sampling interval late: it belongs to t = 0.
        np.arange(count) => np.linspace(0, count, count)
            Your samples are a little too far apart: `linspace` includes the end that it is given,
            and so divides the time into one interval less.
    """,
    alternatives=(
        Alternative(_by_rotation, why="powers of a complex number on the unit circle"),
        Alternative(_by_loop, why="a loop over the times, and a list"),
    ),
)


def _alias_cases(rng):
    rate = float(rng.choice(RATES))

    def away(turns):
        """A frequency so many times the rate away from one between 0 and half the rate."""
        return rate * (turns + rng.uniform(0.05, 0.45)), rng.uniform(0.4, 2.7), rate

    def mirrored(turns):
        frequency, phase, _ = away(-turns)
        return -frequency, -phase, rate

    def limit(halves):
        return rate * halves / 2, rng.uniform(0.4, 2.7), rate

    return [
        Case(away(0), "a frequency below half the rate"),
        Case(mirrored(1), "a frequency between half the rate and the rate"),
        Case(away(1), "a frequency above the rate"),
        Case(mirrored(rng.integers(2, 6)), "a frequency of a few times the rate"),
        Case(away(rng.integers(2, 6)), "a frequency of many times the rate"),
        Case(mirrored(0), "a negative frequency of less than half the rate"),
        Case(away(-1), "a negative frequency of more than half the rate"),
        Case(mirrored(-2), "a negative frequency of more than the rate"),
        *(Case(limit(halves), "0 Hz, or a multiple of half the rate", EDGE) for halves in range(5)),
        Case(limit(-1), "half the rate below zero", EDGE),
    ]


def _phasor(phase):
    """The same for phases that differ by whole turns."""
    return np.stack([np.cos(phase), np.sin(phase)])


def _alias_by_rounding(frequency, phase, rate):
    nearest = frequency - rate * round(frequency / rate)
    return abs(nearest), math.copysign(1.0, nearest) * phase


def _alias_step_by_step(frequency, phase, rate):
    while not 0 <= frequency <= rate / 2:
        if frequency < 0:
            frequency, phase = -frequency, -phase
        else:
            frequency -= rate
    return frequency, phase


ALIAS_FREQUENCY = Exercise(
    function=sampling.alias_frequency,
    read="A wheel on film",
    cases=_alias_cases,
    refuses={
        "a rate of zero": {"rate": 0.0},
        "a negative rate": {"rate": -8000.0},
        "a frequency that is not a number": {"frequency": math.nan},
        "an infinite phase": {"phase": math.inf},
    },
    criteria=(
        Criterion("the frequency", 2, select=0),
        Criterion("the phase", 2, select=1, equal=Close(normal_form=_phasor)),
        Criterion("0 Hz and half the rate", 1, EDGE, select=0),
        Criterion("the phase there", 1, EDGE, select=1, equal=Close(normal_form=np.cos)),
    ),
    mistakes="""
        rate - alias, -phase => rate - alias, phase
            The frequency is right; where it is mirrored, the sinusoid with your phase has other
            samples. Compare the two at t = 1 / rate.
        frequency % rate => frequency
            You mirror once, at half the rate; a frequency may be many times the rate, or negative.
        frequency % rate => np.fmod(frequency, rate)
            Your remainder has the sign of the frequency, so that negative frequencies stay
            negative.
        frequency % rate => abs(frequency) % rate
            You drop the sign of a negative frequency, and leave the phase as it is: cos(-a + phase)
            is not cos(a + phase).
        frequency % rate => frequency % (rate / 2)
            You take the remainder by half the rate; the samples are the same again only when a
            whole multiple of the rate is added.
        rate - alias, -phase => alias - rate / 2, phase
            What lies above half the rate is moved down by half the rate in your answer; the
            samples say otherwise. Try 5 kHz at a rate of 8 kHz.
        rate - alias, -phase => alias - rate, phase
            Your frequency has the right samples, and is negative; the one from 0 to half the rate
            is asked for.
    """,
    alternatives=(
        Alternative(_alias_by_rounding, why="the nearest multiple of the rate, taken away"),
        Alternative(_alias_step_by_step, why="a step at a time, with the sign turned below zero"),
        Alternative(
            "alias > rate / 2 => alias >= rate / 2", why="half the rate mirrored onto itself"
        ),
        Alternative("float(phase) => float(phase % (2 * np.pi))", why="a phase between 0 and 2 pi"),
    ),
)
