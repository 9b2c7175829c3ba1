"""The channel vocoder: band levels, and speech from them."""

from __future__ import annotations

import numpy as np

from autograder.checks.source_filter.inputs import band_edges, swelling
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import source_filter
from autograder.reference.source_filter import filter_bank


def _band_levels_cases(rng):
    rate = float(rng.choice([8000.0, 11025.0]))
    edges, x = band_edges(rng, 4, rate), swelling(rng, 400)
    return [
        Case((x, edges, rate, 80), "four bands, five whole frames"),
        Case((swelling(rng, 300), edges[1:], rate, 50), "three bands, six frames"),
        Case((x[:370], edges, rate, 80), "a last frame that is not full", EDGE),
        Case((x[:60], edges, rate, 80), "less than a frame", EDGE),
        Case((np.zeros(200), edges, rate, 80), "silence", EDGE),
        Case(([1, -2, 3, 2, -1], edges[:2], rate, 1), "a list, one band, frames of one", EDGE),
    ]


def _levels_by_running_sum(x, edges, rate, hop):
    bands = filter_bank(x, edges, rate)
    so_far = np.cumsum(np.pad(bands**2, ((0, 0), (1, 0))), axis=1)
    stops = np.append(np.arange(0, bands.shape[1], hop), bands.shape[1])
    power = np.diff(so_far[:, stops], axis=1) / np.diff(stops)
    return np.sqrt(np.maximum(power, 0)).T


def _levels_by_loops(x, edges, rate, hop):
    bands = filter_bank(x, edges, rate)
    frames = [bands[:, start : start + hop] for start in range(0, len(bands[0]), hop)]
    return [[float(np.linalg.norm(b) / len(b) ** 0.5) for b in frame] for frame in frames]


BAND_LEVELS = Exercise(
    function=source_filter.band_levels,
    read="The channel vocoder",
    cases=_band_levels_cases,
    refuses={"a hop of zero": {"hop": 0}, "a negative hop": {"hop": -80}},
    criteria=(
        Criterion("the levels", 3),
        Criterion("a frame that is not full, silence, a list", 1, EDGE),
    ),
    mistakes="""
        np.sqrt(np.mean(frame**2, axis=1)) => np.mean(frame**2, axis=1)
            You return the mean power; the level asked for is its root.
        np.sqrt(np.mean(frame**2, axis=1)) => np.sqrt(np.sum(frame**2, axis=1))
            You take the root of the sum: a longer frame would be a louder one. The mean is asked
            for.
        np.sqrt(np.mean(frame**2, axis=1)) => np.mean(np.abs(frame), axis=1)
            You average the magnitude (a rectifier, as the first vocoders had); the root of the mean
            square is asked for.
        np.sqrt(np.mean(frame**2, axis=1)) => np.std(frame, axis=1)
            You take the mean of the frame off first, so a single sample has no level; the
            root-mean-square value keeps it.
        np.sqrt(np.mean(frame**2, axis=1)) => np.sqrt(np.sum(frame**2, axis=1) / hop)
            The last frame holds fewer samples, and you divide by the full number.
        range(0, bands.shape[1], hop) => range(0, max(bands.shape[1] - hop + 1, 1), hop)
            The samples after the last full frame are lost: they make a frame of their own.
        np.array([np.sqrt(np.mean(frame**2, axis=1)) for frame in frames])
        => np.array([np.sqrt(np.mean(frame**2, axis=1)) for frame in frames]).T
            Your axes have changed places: a row a frame, a column a band.
    """,
    alternatives=(
        Alternative(_levels_by_running_sum, why="differences of a running sum"),
        Alternative(_levels_by_loops, why="two loops, norms and lists"),
    ),
)


def _revoice_cases(rng):
    rate = float(rng.choice([8000.0, 11025.0]))
    edges = band_edges(rng, 4, rate)
    levels, noise = rng.uniform(0.1, 2.0, (5, 4)), rng.standard_normal(400)
    pulses = np.zeros(330)
    pulses[:: int(rng.integers(50, 80))] = 1.0
    late = np.append(np.zeros(40), noise[40:])
    three = edges[1:], rate, 60
    spoken = rng.uniform(0, 1, (6, 3))
    return [
        Case((levels, noise, edges, rate, 80), "noise in four bands"),
        Case((spoken, pulses, *three), "pulses in three bands"),
        Case((levels, 5 * noise[:370], edges, rate, 80), "a last frame that is not full", EDGE),
        Case((levels[:1], noise[:60], edges, rate, 80), "less than a frame", EDGE),
        Case((np.zeros((6, 3)), pulses, *three), "levels of zero", EDGE),
        Case((levels, late, edges, rate, 80), "a carrier that is silent at first", EDGE),
    ]


def _revoiced_by_loops(levels, carrier, edges, rate, hop):
    bands = filter_bank(carrier, edges, rate)
    out = [0.0] * bands.shape[1]
    for k, band in enumerate(bands):
        loud = float(np.linalg.norm(band)) / len(band) ** 0.5
        for n, sample in enumerate(band):
            place = min(max((n - (hop - 1) / 2) / hop, 0.0), len(levels) - 1.0)
            t = min(int(place), max(len(levels) - 2, 0))
            after = levels[min(t + 1, len(levels) - 1), k]
            gain = levels[t, k] + (place - t) * (after - levels[t, k])
            out[n] += float(gain * sample / loud)
    return out


def _revoiced_by_tents(levels, carrier, edges, rate, hop):
    bands = filter_bank(carrier, edges, rate)
    place = np.clip((np.arange(bands.shape[1]) - (hop - 1) / 2) / hop, 0, len(levels) - 1)
    tents = np.maximum(1 - np.abs(place[:, None] - np.arange(len(levels))), 0)
    loud = np.linalg.norm(bands, axis=1) / bands.shape[1] ** 0.5
    return np.einsum("nt,tk,kn->n", tents, levels / loud, bands)


REVOICE = Exercise(
    function=source_filter.revoice,
    read="The channel vocoder",
    cases=_revoice_cases,
    refuses={
        "a frame too many": {"carrier": lambda carrier: carrier[:300]},
        "a band too few": {"levels": lambda levels: levels[:, :3]},
        "a silent carrier": {"carrier": np.zeros_like},
    },
    criteria=(
        Criterion("the speech", 4),
        Criterion("a frame that is not full, levels of zero", 1, EDGE),
    ),
    mistakes="""
        bands = bands / np.sqrt(np.mean(bands**2, axis=1, keepdims=True)) => pass
            The carrier's own spectrum shows through: bring each of its bands to a root-mean-square
            value of 1 first.
        np.mean(bands**2, axis=1, keepdims=True) => np.mean(bands**2)
            You scale the whole carrier by one number; each band needs its own.
        bands = bands / np.sqrt(np.mean(bands**2, axis=1, keepdims=True))
        => bands = bands / np.mean(bands**2, axis=1, keepdims=True)
            You divide by the power of a band where its root belongs.
        np.interp(n, middles, level) => level[n // hop]
            Your gains jump from frame to frame, which clicks: between the middles of two frames
            they follow a straight line.
        len(levels)) + (hop - 1) / 2 => len(levels))
            Your gains come half a frame early: a level holds for the middle of its frame, not for
            its first sample.
        len(levels)) + (hop - 1) / 2 => len(levels)) + hop / 2
            The middle of a frame is half a sample off: of samples 0 and 1 it is 0.5.
        np.sum(gains * bands, axis=0) => np.mean(gains * bands, axis=0)
            The bands are averaged: more bands would make the voice weaker. Add them up.
    """,
    alternatives=(
        Alternative(_revoiced_by_loops, why="two loops, lines by hand, and a list"),
        Alternative(_revoiced_by_tents, why="straight lines as a sum of tents"),
    ),
)
