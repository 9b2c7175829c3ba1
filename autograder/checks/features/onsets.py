"""Where sounds begin, and how often that comes back: novelty and tempo."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import features


def _onsets(rng, bins, count):
    """Frames in which sounds start and die away."""
    found = 0.02 * rng.uniform(0, 1, (bins, count))
    for start in np.sort(rng.choice(count - 2, 4, replace=False)):
        dies = np.exp(-np.arange(count - start) / rng.uniform(2, 6))
        found[:, start:] += np.outer(rng.uniform(0, 1, bins) ** 3, dies)
    return found


def _novelty_cases(rng):
    loud = _onsets(rng, 12, 16)
    loud[:, 0] += 1
    return [
        Case((_onsets(rng, 20, 40), 10.0, 5), "40 frames, an average of 11"),
        Case((_onsets(rng, 33, 30), 100.0, 3), "30 frames, an average of 7"),
        Case((_onsets(rng, 9, 50), 0.7, 8), "50 frames, an average of 17"),
        Case((loud, 20.0, 7), "16 frames that begin loud, an average of 15", EDGE),
        Case((_onsets(rng, 9, 11), 5.0, 5), "as long an average as there are frames", EDGE),
        Case((_onsets(rng, 9, 20), 5.0, 0), "an average of one frame", EDGE),
        Case((np.ones((6, 9)) * rng.uniform(1, 2), 5.0, 2), "frames that are all alike", EDGE),
    ]


def _novelty_by_loop(magnitude, gamma, radius):
    Y, frames = np.log(1 + gamma * np.asarray(magnitude)), len(magnitude[0])
    rises = [0.0] + [
        float(sum(max(b - a, 0) for a, b in zip(Y[:, t - 1], Y[:, t]))) for t in range(1, frames)
    ]
    found = []
    for t in range(frames):
        near = rises[max(0, t - radius) : t + radius + 1]
        found.append(max(0.0, rises[t] - sum(near) / (2 * radius + 1)))
    return found


def _novelty_by_cumulative_sum(magnitude, gamma, radius):
    steps = np.diff(np.log1p(gamma * magnitude), axis=1)
    rises = np.concatenate([[0], ((steps + np.abs(steps)) / 2).sum(axis=0)])
    sums = np.concatenate([[0], np.cumsum(np.pad(rises, radius))])
    width = 2 * radius + 1
    left = rises - (sums[width:] - sums[:-width]) / width
    return np.where(left > 0, left, 0)


NOVELTY = Exercise(
    function=features.novelty,
    read="Where something begins",
    cases=_novelty_cases,
    refuses={
        "an average longer than the signal": {"radius": 20},
        "a negative radius": {"radius": -1},
        "a gamma of zero": {"gamma": 0.0},
    },
    criteria=(
        Criterion("the novelty", 3),
        Criterion("short signals, short and long averages", 1, EDGE),
    ),
    mistakes="""
        np.maximum(np.diff(compressed, axis=1), 0) => np.abs(np.diff(compressed, axis=1))
            You count decreases too: where a sound dies away nothing begins.
        np.sum(np.maximum(np.diff(compressed, axis=1), 0), axis=0)
        => np.maximum(np.sum(np.diff(compressed, axis=1), axis=0), 0)
            You add up before you leave out the decreases, so one bin's fall hides another one's
            rise.
        np.log1p(gamma * magnitude) => magnitude
            The compression is missing: without it the loudest bins decide alone.
        np.log1p(gamma * magnitude) => np.log10(1 + gamma * magnitude)
            Your compression uses the logarithm to base 10; the natural one is asked for.
        np.log1p(gamma * magnitude) => gamma * np.log1p(magnitude)
            The strength stands outside of your logarithm, where it only scales.
        np.log1p(gamma * magnitude) => np.log1p(gamma * magnitude**2)
            You compress the powers; the magnitudes are asked for.
        np.maximum(rises - average, 0) => rises
            The local average is not taken off.
        np.maximum(rises - average, 0) => rises - average
            What is below the local average is negative in your curve; it is to be 0.
        np.maximum(rises - average, 0) => np.maximum(rises - rises.mean(), 0)
            You take off one average of the whole signal; it should be that of the frames around.
        width = 2 * radius + 1 => width = radius + (radius == 0)
            Your average is M frames wide; M is how far it reaches to each side.
        np.ones(width) / width, mode="same")
        => np.ones(width), "same"); average /= np.convolve(0 * rises + 1, np.ones(width), "same")
            At the ends you divide by the number of frames that exist; divide by 2 M + 1 everywhere.
        rises = np.append(0.0, np.sum(np.maximum(np.diff(compressed, axis=1), 0), axis=0))
        => rises = np.append(np.sum(np.maximum(np.diff(compressed, axis=1), 0), axis=0), 0.0)
            Each rise stands one frame too early: it belongs to the later frame of the two.
        np.sum(np.maximum( => np.mean(np.maximum(
            You average over the bins; the sum is asked for.
    """,
    alternatives=(
        Alternative(_novelty_by_loop, why="loops and a list"),
        Alternative(_novelty_by_cumulative_sum, why="the average by a cumulative sum"),
    ),
)


def _beats(rng, count, period):
    """A curve with a bump every `period` frames, not quite regular, over noise."""
    t, found = np.arange(count), 0.1 * rng.uniform(0, 1, count)
    for beat in np.arange(rng.uniform(2, period), count, period):
        bump = np.exp(-(((t - beat - rng.uniform(-0.6, 0.6)) / 1.3) ** 2))
        found += rng.uniform(0.5, 1.5) * bump
    return found


def _tempo_cases(rng):
    edges = np.sort(rng.uniform(45, 240, 8))
    swing = rng.uniform(1, 3) * np.array([3.0, 1.0, 3.0, 1.0, 3.0, 1.0])
    far_apart = rng.uniform(0, 0.2, 30)
    far_apart[[0, -1]] = 1
    return [
        Case((_beats(rng, 300, 25.3), 50.0, np.arange(30.5, 260, 17)), "beats every half second"),
        Case((_beats(rng, 240, 37.8), 43.07, np.arange(41.3, 300, 13)), "slow beats"),
        Case((_beats(rng, 200, 11.2), 20.0, np.arange(20.7, 190, 9)), "fast beats"),
        Case((rng.uniform(0, 1, 120), 25.0, edges), "no beat, and bins of unequal width", EDGE),
        Case((rng.uniform(0, 1, 60), 30.0, np.array([61.7, 203.1])), "no beat, one bin", EDGE),
        Case((np.exp(-np.arange(40) / 9), 30.0, edges), "a curve that only falls", EDGE),
        Case((swing, 4.0, np.array([40.0, 60.0, 120.0])), "tempi on the edges of bins", EDGE),
        Case((far_apart, 30.0, np.array([50.3, 100.7, 203.1])), "peaks at both ends", EDGE),
    ]


def _tempo_by_loop(novelty, rate, edges):
    v, histogram = list(novelty), [0.0] * (len(edges) - 1)
    v = [a - sum(v) / len(v) for a in v]
    r = [sum(a * b for a, b in zip(v, v[lag:])) for lag in range(len(v))]
    for lag in range(1, len(r) - 1):
        if r[lag - 1] < r[lag] > max(r[lag + 1], 0):
            tempo = 60 / (lag / rate)
            for b in range(len(histogram)):
                if edges[b] <= tempo < edges[b + 1] or tempo == edges[-1] == edges[b + 1]:
                    histogram[b] += r[lag] / r[0]
    return histogram


def _tempo_by_fft(novelty, rate, edges):
    v = novelty - np.mean(novelty)
    r = np.fft.irfft(np.abs(np.fft.rfft(v, 2 * len(v))) ** 2)[: len(v)]
    up, down = r[1:-1] > np.maximum(r[:-2], 0), r[1:-1] > r[2:]
    lags = np.flatnonzero(up & down) + 1
    tempi = 60 * rate / lags
    place = np.searchsorted(edges, tempi, side="right") - (tempi == edges[-1])
    inside = (place > 0) & (place < len(edges))
    return np.bincount(place[inside] - 1, r[lags[inside]] / r[0], len(edges) - 1)


TEMPO_HISTOGRAM = Exercise(
    function=features.tempo_histogram,
    read="How fast is the beat?",
    cases=_tempo_cases,
    refuses={
        "a curve that is constant": {"novelty": np.ones_like},
        "a rate of zero": {"rate": 0.0},
        "edges that fall": {"edges": lambda edges: edges[::-1]},
        "a single edge": {"edges": lambda edges: edges[:1]},
        "edges from 0": {"edges": lambda edges: edges - edges[0]},
    },
    criteria=(
        Criterion("the histogram", 3),
        Criterion("curves without a beat, edges of bins", 1, EDGE),
    ),
    mistakes="""
        r = r / r[0] => r = r / (len(v) - np.arange(len(v))); r = r / r[0]
            You divide each lag by its number of terms; the plain sums are asked for.
        r = r / r[0] =>
            The division by r[0] is missing, so a louder curve seems to have a clearer beat.
        v = novelty - novelty.mean() => v = novelty
            The mean is left in: it repeats itself at every lag, and lifts all of them.
        (inner > 0) & (inner => (inner
            You let peaks below zero count; a peak has to be positive.
        np.histogram(60 * rate / lags => np.histogram(np.nextafter(60 * rate / lags, 0)
            A tempo on the edge of two bins goes to the lower one of them in your function; it
            belongs to the upper one.
        60 * rate / lags => rate / lags
            Your tempo is in beats a second; beats a minute are asked for.
        60 * rate / lags => 60 * lags / rate
            The tempo is upside down: a longer lag is a slower beat.
        weights=r[lags] => weights=np.ones(len(lags))
            You count the peaks; each is to add its own value.
        (inner > 0) & (inner > r[:-2]) & (inner > r[2:]) => inner > 0
            You let every lag count; only peaks do.
        1 + np.flatnonzero => np.flatnonzero
            Your lags are one too short: the first one that can be a peak is lag 1.
        (inner > 0) & (inner > r[:-2]) & (inner > r[2:]) => inner == inner[inner > r[:-2]].max()
            You take the largest value only; every peak counts.
        weights=r[lags]) => weights=r[lags], density=True)
            You divide the histogram by its sum and by the widths of its bins; the plain sums of the
            peaks are asked for.
    """,
    alternatives=(
        Alternative(_tempo_by_loop, why="loops and a list"),
        Alternative(_tempo_by_fft, why="by the FFT, and bins by searching"),
    ),
)
