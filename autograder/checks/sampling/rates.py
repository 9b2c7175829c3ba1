"""Between the samples, and fewer of them."""

from __future__ import annotations

import math

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise, Mistake
from autograder.exercise.draw import EDGE, spoilt
from autograder.reference import sampling


def _reconstruct_cases(rng):
    rate = float(rng.choice([8.0, 64.0, 8000.0, 16000.0]))

    def between(count, low, high, many):
        return rng.standard_normal(count), rate, rng.uniform(low, high, many) / rate

    def at_samples(count):
        at = rng.permutation(count)[: count // 2]
        return rng.standard_normal(count), rate, np.append(at, [-1, 0, count]) / rate

    return [
        Case(between(30, 0, 29, 25), "30 samples and times between them"),
        Case(between(12, -3, 15, 20), "12 samples, times before and after them too"),
        Case(between(5, 0, 4, 1), "a single time"),
        Case(between(1, -2, 2, 6), "a single sample", EDGE),
        *(Case(at_samples(count), "the times of samples", EDGE) for count in (8, 12, 16)),
    ]


def _with_one_sine_a_time(x, rate, times):
    """sin(pi (u - n)) is sin(pi u), with the opposite sign for odd n."""
    u, n = rate * np.asarray(times)[:, None], np.arange(len(x))
    at_sample = np.abs(u - n) < 1e-9
    pulses = np.sin(np.pi * u) * (-1.0) ** n / (np.pi * np.where(at_sample, 1, u - n))
    return np.where(at_sample, 1, pulses) @ x


def _without_limit(x, rate, times):
    u = rate * times[:, None] - np.arange(len(x))
    with np.errstate(invalid="ignore"):
        return (np.sin(np.pi * u) / (np.pi * u)) @ x


RECONSTRUCT = Exercise(
    function=sampling.reconstruct,
    read="Nothing is missing in between",
    cases=_reconstruct_cases,
    refuses={
        "a rate of zero": {"rate": 0.0},
        "a negative rate": {"rate": -8.0},
        **spoilt("x", "times"),
    },
    criteria=(
        Criterion("the curve between the samples", 3),
        Criterion("at the samples, and around a single one", 1, EDGE),
    ),
    mistakes=(
        """
        np.sinc(distances) => np.sinc(np.pi * distances)
            There is one pi too many: `np.sinc(u)` is sin(pi u) / (pi u) already.
        np.sinc(distances) => np.sinc(distances / np.pi)
            Your sinc is sin(u) / u, without pi: it is not 0 at the other samples.
        np.sinc(distances) => (np.abs(distances) <= 0.5)
            You take the nearest sample, which makes a staircase.
        np.sinc(distances) => ((distances >= 0) & (distances < 1))
            You hold each sample until the next one comes, which makes a staircase.
        np.sinc(distances) => np.maximum(0, 1 - np.abs(distances))
            You draw straight lines from sample to sample; their corners hold frequencies above
            half the rate.
        rate * times => times
            Your times are counted in seconds where the distance in samples is needed.
        np.arange(len(x)) => np.arange(1, len(x) + 1)
            Your curve comes one sampling interval late: the first sample belongs to t = 0.
        np.sinc(distances) @ x => np.sinc(distances) @ x / np.sinc(distances).sum(1)
            You divide by the sum of the weights; the sum of the pulses is asked for as it is.
        """,
        Mistake(
            _without_limit,
            says="At the time of a sample you divide zero by zero: give sinc(0) its value there.",
        ),
    ),
    alternatives=(Alternative(_with_one_sine_a_time, why="one sine for all samples"),),
)


def _decimate_cases(rng):
    noise = rng.standard_normal
    return [
        Case((noise(90), 3, 12), "90 samples and every third"),
        Case((noise(101), 4, 20), "101 samples and every fourth"),
        Case((2 + noise(64), 2, 9), "64 samples and every second"),
        Case((noise(7), 2, 12), "a filter much longer than the signal", EDGE),
        Case((noise(12), 3, 10), "a filter longer than the signal", EDGE),
        Case((noise(9), 4, 6), "a filter a little longer than the signal", EDGE),
        Case((noise(20), 1, 4), "a factor of 1", EDGE),
        Case((noise(5), 8, 1), "three taps and a factor larger than the signal is long", EDGE),
    ]


def _taps(factor, half_width):
    """The filter by its definition, tap by tap."""
    taps = []
    for k in range(-half_width, half_width + 1):
        u = math.pi * k / factor
        ideal = math.sin(u) / u if k else 1.0
        taps.append((0.54 + 0.46 * math.cos(math.pi * k / half_width)) * ideal)
    return np.array(taps) / math.fsum(taps)


def _decimate_by_loop(x, factor, half_width):
    h, y = _taps(factor, half_width), []
    for centre in range(0, len(x), factor):
        reach = range(-half_width, half_width + 1)
        inside = [k for k in reach if 0 <= centre - k < len(x)]
        y.append(sum(h[k + half_width] * x[centre - k] for k in inside))
    return y


def _filtered_afterwards(x, factor, half_width):
    kept = x[::factor]
    return np.convolve(kept, _taps(factor, half_width))[half_width : half_width + len(kept)]


DECIMATE = Exercise(
    function=sampling.decimate,
    read="Speech above half the rate",
    cases=_decimate_cases,
    refuses={
        "a factor of zero": {"factor": 0},
        "a factor that is no whole number": {"factor": 2.5},
        "a filter of one tap": {"half_width": 0},
        **spoilt("x"),
    },
    criteria=(
        Criterion("the filtered samples that stay", 4),
        Criterion("long filters, and a factor of 1", 1, EDGE),
    ),
    mistakes=(
        """
        filtered[:: int(factor)] => x[:: int(factor)]
            You leave samples out without a low-pass filter: what lies above half of the new rate
            comes back as aliases.
        [L : L + len(x)] => [: len(x)]
            Your signal comes late: half of the filter's length lies before the sample that is
            filtered.
        np.convolve(x, h / h.sum())[L : L + len(x)] => np.convolve(x, h / h.sum(), mode="same")
            With mode "same", `convolve` is as long as the longer of the two, here the filter: the
            answer is as long as the signal asks for.
        np.arange(-L, L + 1) / factor => np.arange(-L, L + 1) * 2 / factor
            Your low-pass lets through all up to the new rate; only up to half of it is there room.
        h / h.sum() => h / factor
            Your taps only nearly add up to 1, so that a constant signal is not quite kept.
        h / h.sum() => h
            Your taps do not add up to 1: a constant signal becomes larger.
        np.hamming(2 * L + 1) => np.hanning(2 * L + 1)
            Your window ends at zero: it is Hann's, and Hamming's is asked for.
        np.hamming(2 * L + 1) => np.hamming(2 * L + 2)[:-1]
            Your window is not symmetric: `scipy.signal.get_window` gives the periodic one unless
            told otherwise.
        filtered[:: int(factor)] => filtered[int(factor) - 1 :: int(factor)]
            You start with sample M - 1; the first one that stays is number 0.
        """,
        Mistake(
            _filtered_afterwards,
            says="You filter what is left after samples were left out; by then the aliases are in "
            "the signal, and no filter can tell them from it.",
        ),
    ),
    alternatives=(Alternative(_decimate_by_loop, why="only the sums that stay, tap by tap"),),
    forbidden="scipy.signal.decimate scipy.signal.resample_poly scipy.signal.firwin",
    because="it designs the filter or leaves out the samples for you",
)
