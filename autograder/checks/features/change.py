"""What changes in time: flux, zero crossings, novelty, and how often it comes back."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from autograder.checks.features.inputs import frames
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, changed
from autograder.reference import features


def _with_silence(rng, bins, count):
    found = frames(rng, bins, count)
    found[:, int(rng.integers(1, count - 1))] = 0
    return found


def _flux_cases(rng):
    silent_first = frames(rng, 20, 6)
    silent_first[:, 0] = 0
    return [
        Case((frames(rng, 33, 8),), "8 frames of 33 bins"),
        Case((frames(rng, 65, 5),), "5 frames of 65 bins"),
        Case((frames(rng, 9, 12),), "12 frames of 9 bins"),
        Case((_with_silence(rng, 33, 7),), "a silent frame among others", EDGE),
        Case((_with_silence(rng, 17, 9),), "another silent frame among others", EDGE),
        Case((silent_first,), "silence at the start", EDGE),
        Case((frames(rng, 33, 1),), "a single frame", "one"),
    ]


def _flux_by_loop(magnitude):
    def shape(t):
        frame = magnitude[:, t]
        norm = np.linalg.norm(frame)
        return frame / norm if norm else frame

    times = range(1, magnitude.shape[1])
    return [0.0, *(float(np.sum((shape(t) - shape(t - 1)) ** 2)) for t in times)]


def _flux_by_cosine(magnitude):
    norms = np.linalg.norm(magnitude, axis=0)
    shape = np.divide(magnitude, norms, out=np.zeros_like(magnitude), where=norms > 0)
    energy = (norms > 0).astype(float)
    products = np.einsum("kt,kt->t", shape[:, 1:], shape[:, :-1])
    return np.concatenate([[0], energy[1:] + energy[:-1] - 2 * products])


SPECTRAL_FLUX = Exercise(
    function=features.spectral_flux,
    cases=_flux_cases,
    refuses={
        "a negative magnitude": {"magnitude": changed((1, 1), -0.5)},
        "a single spectrum": {"magnitude": lambda m: m[:, 0]},
    },
    criteria=(
        Criterion("the flux", 2),
        Criterion("silent frames", 1, EDGE),
        Criterion("a single frame", 0.5, "one"),
    ),
    mistakes="""
        shape = magnitude / np.where(norms > 0, norms, 1) => shape = magnitude
            Your spectra are not scaled, so a change of level alone is a change of shape to you.
        np.sqrt(np.sum(magnitude**2, axis=0)) => np.sum(magnitude, axis=0)
            You divide each spectrum by the sum of its magnitudes; the root of the sum of
            squares is asked for.
        np.sqrt(np.sum(magnitude**2, axis=0)) => np.max(magnitude, axis=0)
            You divide each spectrum by its largest magnitude; the root of the sum of squares
            is asked for.
        np.sqrt(np.sum(magnitude**2, axis=0)) => np.sum(magnitude**2, axis=0)
            You divide each spectrum by its energy; its norm is the root of that.
        np.sum(np.diff(shape, axis=1) ** 2, axis=0)
        => np.sqrt(np.sum(np.diff(shape, axis=1) ** 2, axis=0))
            You take a root of the sum; the flux here is the sum of the squares itself.
        np.diff(shape, axis=1) ** 2 => np.abs(np.diff(shape, axis=1))
            You add up the differences without squaring them.
        np.diff(shape, axis=1) ** 2 => np.maximum(np.diff(shape, axis=1), 0) ** 2
            You count what rises only; the flux counts what falls, too.
        np.append(0.0, np.sum(np.diff(shape, axis=1) ** 2, axis=0))
        => np.append(np.sum(np.diff(shape, axis=1) ** 2, axis=0), 0.0)
            Each change stands one frame too early: it belongs to the later frame of the two.
        np.append(0.0, np.sum(np.diff(shape, axis=1) ** 2, axis=0))
        => np.sum(np.diff(shape, axis=1) ** 2, axis=0)
            The first frame is missing: with nothing before it, its flux is 0.
        np.sum(np.diff => np.mean(np.diff
            You average over the bins; the sum is asked for.
        np.where(norms > 0, norms, 1) => norms
            A silent frame is divided by zero; it is to stay zero.
    """,
    alternatives=(
        Alternative(_flux_by_loop, why="frame by frame, as a list"),
        Alternative(_flux_by_cosine, why="from the cosine between neighbours"),
    ),
)


def _crossing_cases(rng):
    rate = float(rng.choice([8000.0, 11025.0, 16000.0]))
    t = np.arange(150) / rate
    sine = np.sin(2 * np.pi * rng.uniform(300, 900) * t + rng.uniform(0.1, 1))
    coarse = [rng.integers(-1, 2, n).astype(float) for n in (40, 61, 90)]
    for steps in coarse:
        steps[:5] = [1, 0, -1, 0, 1]
    return [
        Case((rng.standard_normal(200), rate), "200 samples of noise"),
        Case((sine, rate), "a sinusoid"),
        Case((rng.standard_normal(64) + 0.4, rate), "64 samples of noise with an offset"),
        Case((np.cumsum(rng.standard_normal(80)) - 0.7, 2 * rate), "a slow noise"),
        *(Case((steps, rate), "samples that are -1, 0 and 1", EDGE) for steps in coarse),
        Case((np.zeros(9), rate), "silence", EDGE),
        Case((-rng.uniform(1, 2, 30), rate), "samples that are all negative", EDGE),
    ]


def _crossings_by_loop(x, rate):
    count = 0
    for before, after in pairwise(x):
        count += (before >= 0) != (after >= 0)
    return float(count) / ((len(x) - 1) / rate)


def _crossings_by_sign(x, rate):
    signs = np.sign(x)
    signs[signs == 0] = 1
    return np.sum(np.abs(np.diff(signs))) / 2 * rate / (len(x) - 1)


ZERO_CROSSING_RATE = Exercise(
    function=features.zero_crossing_rate,
    cases=_crossing_cases,
    refuses={
        "a rate of zero": {"rate": 0.0},
        "a single sample": {"x": lambda x: x[:1]},
    },
    criteria=(
        Criterion("crossings a second", 2),
        Criterion("samples that are zero, or never change sign", 1, EDGE),
    ),
    mistakes="""
        * rate) => )
            You return the fraction of pairs, as librosa does for samples; asked for is the number
            of crossings a second.
        np.mean(negative[1:] != negative[:-1]) => np.sum(negative[1:] != negative[:-1]) / len(x)
            You divide by N samples; between them there are N - 1 pairs.
        np.mean(negative[1:] != negative[:-1]) * rate => np.sum(negative[1:] != negative[:-1])
            You return how many crossings there are; asked for is how many a second.
        negative = x < 0 => negative = np.sign(x)
            A sample of exactly zero is a third sign to you, so that going through it counts twice:
            it counts as not negative.
        negative = x < 0 => negative = x <= 0
            A sample of exactly zero counts as negative in your function; it is not.
        negative[1:] != negative[:-1] => x[1:] * x[:-1] < 0
            A product with a sample of zero is never negative, so crossings that meet
            one are lost.
        negative = x < 0 => negative = x < x.mean()
            You take off the mean first; here it stays in.
        negative[1:] != negative[:-1] => negative[1:] < negative[:-1]
            You count the crossings in one direction only.
    """,
    alternatives=(
        Alternative(_crossings_by_loop, why="a loop over pairs"),
        Alternative(_crossings_by_sign, why="from the differences of signs"),
    ),
)


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
        Case((_onsets(rng, 9, 50), 1.5, 8), "50 frames, an average of 17"),
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
    return [
        Case((_beats(rng, 300, 25.3), 50.0, np.arange(30.5, 260, 17)), "beats every half second"),
        Case((_beats(rng, 240, 37.8), 43.07, np.arange(41.3, 300, 13)), "slow beats"),
        Case((_beats(rng, 200, 11.2), 20.0, np.arange(20.7, 190, 9)), "fast beats"),
        Case((rng.uniform(0, 1, 120), 25.0, edges), "no beat, and bins of unequal width", EDGE),
        Case((rng.uniform(0, 1, 60), 30.0, np.array([61.7, 203.1])), "no beat, one bin", EDGE),
        Case((np.exp(-np.arange(40) / 9), 30.0, edges), "a curve that only falls", EDGE),
    ]


def _tempo_by_loop(novelty, rate, edges):
    v, histogram = list(novelty), [0.0] * (len(edges) - 1)
    r = [sum(a * b for a, b in zip(v, v[lag:])) for lag in range(len(v))]
    for lag in range(1, len(r) - 1):
        if r[lag - 1] < r[lag] > r[lag + 1]:
            tempo = 60 / (lag / rate)
            for b in range(len(histogram)):
                if edges[b] <= tempo < edges[b + 1]:
                    histogram[b] += r[lag] / r[0]
    return histogram


def _tempo_by_fft(novelty, rate, edges):
    r = np.fft.irfft(np.abs(np.fft.rfft(novelty, 2 * len(novelty))) ** 2)[: len(novelty)]
    up, down = r[1:-1] > r[:-2], r[1:-1] > r[2:]
    lags = np.flatnonzero(up & down) + 1
    place = np.searchsorted(edges, 60 * rate / lags, side="right")
    inside = (place > 0) & (place < len(edges))
    return np.bincount(place[inside] - 1, r[lags[inside]] / r[0], len(edges) - 1)


TEMPO_HISTOGRAM = Exercise(
    function=features.tempo_histogram,
    cases=_tempo_cases,
    refuses={
        "a curve that is zero throughout": {"novelty": np.zeros_like},
        "a rate of zero": {"rate": 0.0},
        "edges that fall": {"edges": lambda edges: edges[::-1]},
        "edges from 0": {"edges": lambda edges: edges - edges[0]},
    },
    criteria=(
        Criterion("the histogram", 3),
        Criterion("curves without a beat", 1, EDGE),
    ),
    mistakes="""
        r = r / r[0] => r = r / (len(v) - np.arange(len(v))); r = r / r[0]
            You divide each lag by its number of terms; the plain sums are asked for.
        r = r / r[0] =>
            The division by r[0] is missing, so a louder curve seems to have a clearer beat.
        r = np.correlate(v, v, mode="full") => v = v - v.mean(); r = np.correlate(v, v, mode="full")
            You take off the mean first; here it stays in.
        60 * rate / lags => rate / lags
            Your tempo is in beats a second; beats a minute are asked for.
        60 * rate / lags => 60 * lags / rate
            The tempo is upside down: a longer lag is a slower beat.
        weights=r[lags] => weights=np.ones(len(lags))
            You count the peaks; each is to add its own value.
        (inner > r[:-2]) & (inner > r[2:]) => inner > 0
            You let every lag count; only peaks do.
        1 + np.flatnonzero => np.flatnonzero
            Your lags are one too short: the first one that can be a peak is lag 1.
        (inner > r[:-2]) & (inner > r[2:]) => inner == inner[inner > r[:-2]].max()
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
