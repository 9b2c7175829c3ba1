"""What changes from frame to frame, and from sample to sample: flux and zero crossings."""

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
    read="How fast it changes",
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
    read="How fast it changes",
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
            A zero is a third sign to you, so going through it counts twice; it is not negative.
        negative = x < 0 => negative = x <= 0
            A sample of exactly zero counts as negative in your function; it is not.
        negative[1:] != negative[:-1] => x[1:] * x[:-1] < 0
            A product with a sample of zero is never negative: crossings that meet one are lost.
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
