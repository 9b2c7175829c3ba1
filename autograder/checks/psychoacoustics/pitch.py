"""Checks of the pitch that a correlogram shows, and of the mel scale, both ways."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.reference import psychoacoustics as reference


def _bands(
    rate: float, frequencies, energies, number: int = 220, length: float = 900
) -> np.ndarray:
    """A correlogram whose bands each hold one sinusoid, with the usual taper along the lags."""
    lags = np.arange(number)
    cosines = np.cos(2 * np.pi * np.outer(frequencies, lags) / rate)
    return np.asarray(energies)[:, np.newaxis] * cosines * (1 - lags / length)


def _pitch_cases(rng) -> list[Case]:
    rate = 8000.0
    pitch = rate / float(rng.integers(40, 75))
    harmonics = pitch * np.arange(3, 8)
    phi = _bands(rate, harmonics, rng.uniform(0.3, 3, 5))
    off = pitch * np.array([rng.uniform(2.2, 2.45), rng.uniform(3.2, 3.45)])
    hum = np.vstack([phi, _bands(rate, off, [rng.uniform(8, 12), rng.uniform(14, 18)])])
    silent = np.vstack([phi, np.zeros((1, phi.shape[1]))])
    # whole numbers, so that rate / lag is exact where a range ends at a lag
    lag, deep = int(rng.integers(100, 106)), float(rng.integers(70, 90))
    whole = lag * deep
    low = _bands(whole, deep * np.arange(1, 6), rng.uniform(1, 2, 5))
    below, above = whole / (lag + 0.4), whole / (lag - 0.4)
    return [
        Case((phi, rate, 70.0, 400.0), "harmonics 3 to 7 of a voice"),
        Case((phi, 2 * rate, 140.0, 800.0), "the same at twice the sampling rate"),
        Case((hum, rate, 70.0, 400.0), "two loud bands off the harmonics", "loud"),
        Case((silent, rate, 70.0, 400.0), "a band that is silent", "silent"),
        Case((low, whole, deep, 1.9 * deep), "a pitch at the lower end of the range", "range"),
        Case((low, whole, 0.6 * deep, deep), "a pitch at the upper end of the range", "range"),
        Case((low, whole, 0.6 * deep, below), "a range that ends just below the pitch", "range"),
        Case((low, whole, above, 1.9 * deep), "a range that begins just above the pitch", "range"),
    ]


def _pitch_by_loop(phi, rate, low, high):
    best, where = -np.inf, None
    for lag in range(1, phi.shape[1]):
        if low <= rate / lag <= high:
            total = sum(band[lag] / band[0] for band in phi if band[0] > 0)
            if total > best:
                best, where = total, lag
    return rate / where


PITCH = Exercise(
    function=reference.correlogram_pitch,
    read="From tones to any sound",
    cases=_pitch_cases,
    refuses={
        "silence in all bands": {"phi": np.zeros_like},
        "too few lags for the range": {"phi": lambda phi: phi[:, :10]},
    },
    criteria=(
        Criterion("the pitch of harmonics", 2),
        Criterion("loud bands have no more say than quiet ones", 1, "loud"),
        Criterion("silent bands are left out", 1, "silent"),
        Criterion("the range of lags", 1, "range"),
    ),
    mistakes="""
        np.sum(sounding / sounding[:, :1], axis=0) => np.sum(sounding, axis=0)
            The bands are added as they are, so the loudest decides alone: divide each by its own
            value at lag 0 first.
        phi[phi[:, 0] > 0] => phi
            A silent band is divided by zero: leave out the bands whose value at lag 0 is 0.
        rate / lags[np.argmax(summary[lags])] => rate / np.argmax(summary[lags])
            The position within the range is used as the lag, but the range does not start at lag 0.
        rate / lags[np.argmax(summary[lags])] => lags[np.argmax(summary[lags])]
            You return the lag: the pitch is the sampling rate divided by it.
        (rate / lags >= low) => (rate / lags > low)
            The lower end of the range is left out, but the range includes both its ends.
        (rate / lags <= high) => (rate / lags < high)
            The upper end of the range is left out, but the range includes both its ends.
        (rate / lags <= high) => (lags >= int(rate / high))
            You cut `rate / high` down to a whole lag, and so look above the range: the shortest lag
            is that number rounded up.
        lags = lags[(rate / lags >= low) & (rate / lags <= high)]
        => lags = lags[rate / lags <= high]
            Lags beyond the range are searched too: the frequency has to be at least `low`.
    """,
    alternatives=(Alternative(_pitch_by_loop, why="one lag after the other"),),
)


MEL_CALLS = "librosa.hz_to_mel librosa.mel_to_hz"


def _mel_cases(low: float, knee: float, high: float):
    """Cases for one direction: `knee` is where Slaney's form changes."""

    def cases(rng) -> list[Case]:
        usual, below = rng.uniform(low, high, 6), rng.uniform(low, knee, 4)
        above = rng.uniform(1.2 * knee, 4 * knee, 4)
        return [
            Case((usual,), "points all over the scale"),
            Case((float(rng.uniform(low, high)),), "one number"),
            Case((np.array([0.0, *usual]),), "a range that starts at zero"),
            Case((below, True), "points of the linear part", "slaney"),
            Case((above, True), "points of the logarithmic part", "slaney"),
            Case((np.array([knee, *below, *above]), True), "points on both sides", "slaney"),
        ]

    return cases


def _to_mel_by_loop(frequency, slaney=False):
    def one(f):
        if not slaney:
            return 1127.01048 * np.log1p(f / 700)
        return f / (200 / 3) if f < 1000 else 15 + np.log(f / 1000) / (np.log(6.4) / 27)

    return np.vectorize(one, otypes=[float])(frequency)


def _to_hz_by_mask(mel, slaney=False):
    mel = np.asarray(mel, dtype=float)
    if not slaney:
        return 700 * np.expm1(mel / 1127.01048)
    hz = np.atleast_1d(mel) * (200 / 3)
    log = np.atleast_1d(mel) >= 15
    hz[log] = 1000 * np.exp((np.atleast_1d(mel)[log] - 15) * np.log(6.4) / 27)
    return hz.reshape(mel.shape)


MEL_CRITERIA = (
    Criterion("the logarithmic form", 1),
    Criterion("Slaney's form", 2, "slaney"),
)

HZ_TO_MEL = Exercise(
    function=reference.hz_to_mel,
    read="Rulers for frequency",
    cases=_mel_cases(20.0, 1000.0, 8000.0),
    refuses={"negative frequencies": {"frequency": np.negative}},
    criteria=MEL_CRITERIA,
    mistakes="""
        1127.01048 * np.log(1 + => 1127.01048 * np.log10(1 +
            The logarithm is the base-10 one: with 1127.01048 goes the natural one.
        np.where(frequency < 1000, frequency * 3 / 200, above) => above
            Slaney's form is logarithmic all the way down: below 1000 Hz it is linear.
        return np.where(frequency < 1000, frequency * 3 / 200, above) => return frequency * 3 / 200
            Slaney's form is linear all the way up: from 1000 Hz on it is logarithmic.
        / np.log(6.4) =>
            In your Slaney form 27 mel multiply the frequency by e: it should be by 6.4.
        above = 15 + 27 => above = 27
            Slaney's form starts again from zero at 1000 Hz: it has to join the linear part.
    """,
    alternatives=(
        Alternative(_to_mel_by_loop, why="one frequency at a time"),
        Alternative(
            "return 1127.01048 * np.log(1 + frequency / 700)"
            " => return np.float32(2595.0375 * np.log10(1 + frequency / 700))",
            why="the same scale with a base-10 logarithm, single precision",
        ),
    ),
    forbidden=MEL_CALLS,
)

MEL_TO_HZ = Exercise(
    function=reference.mel_to_hz,
    read="Rulers for frequency",
    cases=_mel_cases(1.0, 15.0, 2800.0),
    refuses={"negative points": {"mel": np.negative}},
    criteria=MEL_CRITERIA,
    mistakes="""
        (np.exp(mel / 1127.01048) - 1) => np.exp(mel / 1127.01048)
            0 mel is 700 Hz in your logarithmic form: subtract the 1 before multiplying.
        np.exp(mel / 1127.01048) => 10 ** (mel / 1127.01048)
            You raise 10 to the power: the logarithm that goes with 1127.01048 is natural.
        np.where(mel < 15, mel * 200 / 3, above) => above
            Slaney's form is exponential all the way down: below 15 mel it is linear.
        return np.where(mel < 15, mel * 200 / 3, above) => return mel * 200 / 3
            Slaney's form is linear all the way up: from 15 mel on the frequency grows by equal
            factors.
        np.maximum(mel - 15, 0) => mel
            Slaney's form does not join at 1000 Hz: count the mel from where the exponential part
            begins.
    """,
    alternatives=(
        Alternative(_to_hz_by_mask, why="the two parts filled in turn"),
        Alternative(
            "above = 1000 * 6.4 ** (np.maximum(mel - 15, 0) / 27)"
            " => above = np.float32(1000 * np.exp(np.log(6.4) * np.maximum(mel - 15, 0) / 27))",
            why="a natural exponential, single precision",
        ),
    ),
    forbidden=MEL_CALLS,
)
