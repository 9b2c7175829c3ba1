"""Checks of the correlogram of tones and of a signal."""

from __future__ import annotations

import numpy as np
from scipy import signal

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.reference import psychoacoustics as reference


def _near(rng, tones: np.ndarray) -> np.ndarray:
    """Band centres just inside and just outside the reach of each tone, below and above it."""
    sides = np.array([-1.0, 1.0])[:, np.newaxis]
    inside = tones + sides * 0.5 * reference.critical_bandwidth(tones) * rng.uniform(0.6, 0.9)
    outside = tones + sides * 0.5 * reference.critical_bandwidth(tones) * rng.uniform(1.1, 1.4)
    return np.concatenate([inside.ravel(), outside.ravel()])


def _tone_cases(rng) -> list[Case]:
    lags = np.concatenate([[0.0], rng.uniform(0, 0.02, 6)])
    low = np.array([rng.uniform(150, 300), rng.uniform(500, 800)])
    pair = rng.uniform(1200, 1700) + np.array([0.0, rng.uniform(80, 160)])
    levels = rng.uniform(20, 60, 2)
    exam = np.array([150.0, 300, 1050, 1200]), np.array([70.0, 70, 45, 50])
    # A tone just above 1 kHz: bands below 1 kHz are too narrow to reach it, those above are not.
    border = 1000 + rng.uniform(60, 90)
    centres = np.array([950.0, 985, 999, 1001, 1020, border])
    narrow, broad = rng.choice(np.arange(200, 950), 3, replace=False), rng.integers(1100, 1900)
    edges = np.concatenate([narrow - 50, [broad - 100, broad + 100]]).astype(float)
    return [
        Case((low, lags, low, levels), "bands centred on the tones"),
        Case((_near(rng, low), lags, low, levels), "bands near the edge of reach"),
        Case((np.append(narrow, broad), lags, edges[[0, 3]], levels), "tones at a band's edge"),
        Case((np.append(narrow, broad), lags, edges[[1, 4]], levels), "tones at a band's edge"),
        Case((_near(rng, pair), lags, pair, levels), "two tones in one band", "shared"),
        Case(
            (pair.mean()[np.newaxis], lags, pair, levels, 2e-5), "0 dB at 20 micropascal", "shared"
        ),
        Case((centres, lags, np.array([border]), levels[:1]), "a tone just above 1 kHz", "border"),
        Case(
            (np.array([60.0, 125, 320, 1080, 1110, 1180, 1350]), lags, *exam),
            "four tones",
            "border",
        ),
    ]


def _tones_by_loop(centres, lags, frequencies, levels, reference_amplitude=1.0):
    phi = []
    for centre in centres:
        half = float(reference.critical_bandwidth(centre)) / 2
        band = np.zeros(len(lags))
        for f, level in zip(frequencies, levels, strict=True):
            if centre - half < f < centre + half:
                band += (
                    0.5 * reference_amplitude**2 * 10 ** (level / 10) * np.cos(2 * np.pi * f * lags)
                )
        phi.append(band.tolist())
    return phi


TONE_CORRELOGRAM = Exercise(
    function=reference.tone_correlogram,
    read="Which note? The correlogram",
    answers=("exam 1d",),
    cases=_tone_cases,
    refuses={"one frequency twice": {"frequencies": lambda frequencies: frequencies[[0, 0]]}},
    criteria=(
        Criterion("which band passes a tone, and its autocorrelation", 2),
        Criterion("several tones in a band, and the reference", 1, "shared"),
        Criterion("bands around 1 kHz, where their width changes", 1, "border"),
    ),
    mistakes="""
        critical_bandwidth(centres)[:, np.newaxis] => critical_bandwidth(frequencies)
            The width used is that of a band around the tone: it is the band around the filter's
            centre that passes the tone or does not.
        distance < critical => distance <= critical
            A tone at the very edge of a band is passed: its distance has to be less than half the
            width.
        ) ** 2 / 2 => ) ** 2
            The factor one half is lost: the mean square of a cosine is half its amplitude squared.
        ) ** 2 / 2 => ) / 2
            The amplitude is not squared: an autocorrelation is a product of two samples.
        10 ** (levels / 20) => 10 ** ((levels - 1) / 20)
            The reference amplitude is taken to be that of 1 dB: it belongs to 0 dB.
        10 ** (levels / 20) => 10 ** (levels / 10)
            The level is turned into a power and squared again: an amplitude grows tenfold in 20 dB,
            not in 10.
        np.cos(2 * np.pi * np => np.cos(np
            The frequencies are used as if in radians per second: they are in hertz.
        critical_bandwidth(centres)[:, np.newaxis] / 2 => critical_bandwidth(centres)[:, np.newaxis]
            The bands are twice as wide as they should be: a band reaches half its width to either
            side.
    """,
    alternatives=(
        Alternative(_tones_by_loop, why="loops, returning lists"),
        Alternative(
            "return (passes * power) @ => return np.where(passes, power, 0).astype(np.float32) @",
            why="a condition instead of a product",
        ),
    ),
)


def _correlogram_cases(rng) -> list[Case]:
    filters = np.stack(
        [signal.firwin(15, band, fs=8000, pass_zero=False) for band in ([300, 900], [1000, 2000])]
    )
    n = np.arange(200)
    tones = np.cos(0.2 * n) + rng.uniform(0.5, 2) * np.cos(rng.uniform(0.5, 1) * n)
    noise = rng.standard_normal(int(rng.integers(60, 90))) + rng.uniform(0.5, 1)
    delay = np.zeros((2, 4))
    delay[0, 0], delay[1, 3] = 1.0, rng.uniform(2, 3)
    skew = rng.standard_normal((3, 7))
    return [
        Case((noise, delay[:1], 10), "noise through a filter that changes nothing", "identity"),
        Case((noise, delay, 8), "noise through a delay", "filters"),
        Case((tones, filters, 30), "two tones through two band-pass filters", "filters"),
        Case((noise, skew, len(noise) - 1), "every lag of noise", "filters"),
        Case((np.zeros(50), filters, 5), "silence", "filters"),
    ]


def _correlogram_by_loop(x, filters, max_lag):
    phi = np.zeros((len(filters), max_lag + 1))
    for b, h in enumerate(filters):
        y = np.zeros(len(x))
        for m in range(len(h)):
            y[m:] += h[m] * x[: len(x) - m]
        for lag in range(max_lag + 1):
            phi[b, lag] = y[: len(y) - lag] @ y[lag:] / len(x)
    return phi


CORRELOGRAM = Exercise(
    function=reference.correlogram,
    read="From tones to any sound",
    cases=_correlogram_cases,
    refuses={
        "a lag as long as the signal": {"x": lambda x: x[:10]},
        "a lag of -1": {"max_lag": -1},
    },
    criteria=(
        Criterion("the autocorrelation", 2, "identity"),
        Criterion("the bands", 2, "filters"),
    ),
    mistakes="""
        axis=1) / x.size => axis=1) / (x.size - np.arange(max_lag + 1))
            Each lag is divided by the number of its terms: the definition divides all of them by N.
        axis=1) / x.size => axis=1)
            The sum is not divided by the number of samples.
        signal.lfilter(h, 1, x) => signal.lfilter(h[::-1], 1, x)
            The impulse responses are used backwards: convolution reverses one of the two, and only
            once.
        signal.lfilter(h, 1, x) => signal.detrend(signal.lfilter(h, 1, x), type='constant')
            The mean of each band is subtracted: the definition correlates the band as is.
        bands[:, : x.size - lag] * bands[:, lag:] => bands * np.roll(bands, -lag, axis=1)
            The end of the signal is correlated with its beginning: outside its samples the signal
            is zero, it does not start again.
        signal.lfilter(h, 1, x) => np.convolve(h, x)
        bands[:, : x.size - lag] => bands[:, : bands.shape[1] - lag]
            The bands are longer than the signal: keep only as many samples as went in.
    """,
    alternatives=(
        Alternative(_correlogram_by_loop, why="loops over taps and lags"),
        Alternative(
            "signal.lfilter(h, 1, x) => np.convolve(h, x)[: x.size].astype(np.float32)",
            why="convolution cut to length, single precision",
        ),
    ),
)
