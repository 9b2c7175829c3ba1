"""When does anybody speak? A linear classifier of how loud each band is above its quiet level.

A microphone on the table of a meeting hears the room as well. What tells speech from it is not the
level but how far bands rise above their own quiet level, and how much they move.

Shapes: `N` samples, `T` frames of 25 ms every 10 ms, `D` features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d
from sklearn.linear_model import LogisticRegression

from speechlab.corpora import Recording
from speechlab.systems._shared.recording import finite_samples

RATE, HOP, WINDOW, BANDS = 16000, 160, 400, 20
SHORT, LONG = 31, 61  # frames: a syllable, and two
QUIET = 10  # per cent of the frames lie below what counts as a band's quiet level

Array = NDArray[np.floating]


def levels(samples: ArrayLike, rate: int) -> Array:
    """Level of each mel band in decibels, shape (T, 20).

    Raises `ValueError` for an empty sound, NaN or another rate than 16 kHz.
    """
    x = finite_samples(samples, rate, RATE)
    how = {"n_fft": 512, "win_length": WINDOW, "hop_length": HOP, "n_mels": BANDS}
    return 10 * np.log10(librosa.feature.melspectrogram(y=x, sr=rate, **how).T + 1e-12)


def features(samples: ArrayLike, rate: int) -> Array:
    """What is above the quiet level, now and around now, and how it moves: shape (T, 60)."""
    above = levels(samples, rate)
    above -= np.percentile(above, QUIET, axis=0)
    around = uniform_filter1d(above, SHORT, axis=0)
    spread = uniform_filter1d(above**2, LONG, axis=0) - uniform_filter1d(above, LONG, axis=0) ** 2
    return np.hstack([above, around, np.sqrt(np.maximum(spread, 0))])


def talking(recording: Recording, frames: int) -> NDArray[np.int_]:
    """How many speak in each frame, as the recording's table of turns says: shape (T,)."""
    times = np.arange(frames) * HOP / RATE
    turns = recording.tables["turns"]
    inside = (times[:, None] >= turns["start"]) & (times[:, None] < turns["end"])
    return inside.sum(axis=1)


@dataclass(frozen=True)
class Detector:
    """A linear rule for features of shape (T, D)."""

    mean: Array
    scale: Array
    weights: Array
    bias: float

    def scores(self, samples: ArrayLike, rate: int) -> Array:
        """Above 0 where somebody is taken to speak; smoothed, shape (T,)."""
        x = (features(samples, rate) - self.mean) / self.scale
        return uniform_filter1d(x @ self.weights + self.bias, LONG)

    def __call__(self, samples: ArrayLike, rate: int) -> NDArray[np.bool_]:
        return self.scores(samples, rate) > 0


def learn(recordings: Sequence[Recording], strength: float = 1e-3, at_least: int = 1) -> Detector:
    """A detector of so many speakers at once, from recordings with turns.

    A small `strength` keeps its weights small.
    """
    x = [features(one.samples, one.rate) for one in recordings]
    speech = np.concatenate([talking(one, len(f)) >= at_least for one, f in zip(recordings, x)])
    x = np.vstack(x)
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    rule = LogisticRegression(C=strength, max_iter=500).fit((x - mean) / scale, speech)
    return Detector(mean, scale, rule.coef_[0], float(rule.intercept_[0]))


@dataclass(frozen=True)
class Threshold:
    """The simplest rule: loud against the quiet level, and for a while after that."""

    margin: float  # dB
    after: int  # frames

    def __call__(self, samples: ArrayLike, rate: int) -> NDArray[np.bool_]:
        return self.loud(loudness(samples, rate))

    def loud(self, level: Array) -> NDArray[np.bool_]:
        """Which frames count as speech, from the loudness of each in decibels."""
        above = level > np.percentile(level, QUIET) + self.margin
        return maximum_filter1d(above, self.after, origin=(self.after - 1) // 2)


def loudness(samples: ArrayLike, rate: int) -> Array:
    """The level of each frame in decibels, a little smoothed, shape (T,)."""
    power = np.sum(10 ** (levels(samples, rate) / 10), axis=1)
    return uniform_filter1d(10 * np.log10(power), 11)


def tuned(recordings: Sequence[Recording]) -> Threshold:
    """The threshold that is wrong least often on these recordings."""

    heard = [loudness(one.samples, one.rate) for one in recordings]
    spoken = [talking(one, len(level)) > 0 for one, level in zip(recordings, heard)]

    def errors(rule: Threshold) -> float:
        return np.mean([np.mean(rule.loud(x) != speech) for x, speech in zip(heard, spoken)])

    margins, after = (3, 4, 6, 8, 10, 12, 15), (1, 11, 21, 41)
    return min((Threshold(m, a) for m in margins for a in after), key=errors)
