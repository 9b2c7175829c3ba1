"""Which recording is this? Pairs of spectral peaks, looked up in an index.

Peaks survive noise, and a pair of them with the time between is rare enough to be a key. What
comes from one recording agrees on where in it the piece begins (Wang, 2003).

Shapes: `N` samples, `P` peaks, `H` keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import maximum_filter
from scipy.signal import resample_poly

RATE, WINDOW, HOP = 11025, 1024, 256
AROUND = (21, 9)  # frames and bins in which a peak is the largest
LOWEST, HIGHEST = 6, 400  # bins
DENSITY = 30  # peaks a second
FOLLOWING, REACH = 8, 60  # peaks that one is paired with, and frames ahead

Whole = NDArray[np.int_]


def peaks(samples: ArrayLike, rate: int) -> Whole:
    """Frames and bins of the strongest local maxima, in order of time: shape (P, 2).

    Raises
    ------
    ValueError
        For less than a window of sound, or silence.
    """
    x = np.asarray(samples, dtype=float)
    if x.ndim != 1 or len(x) * RATE < WINDOW * rate or not np.any(x):
        raise ValueError("A fingerprint needs a tenth of a second of sound that is not silence.")
    x = resample_poly(x, *np.array([RATE, rate]) // np.gcd(RATE, rate))
    level = np.log(np.abs(librosa.stft(x, n_fft=WINDOW, hop_length=HOP).T) + 1e-6)
    level[:, :LOWEST] = level[:, HIGHEST:] = -np.inf
    top = np.argwhere((level == maximum_filter(level, size=AROUND)) & np.isfinite(level))
    strength = level[tuple(top.T)]
    most = max(2, round(DENSITY * len(x) / RATE))
    return top[np.sort(np.argsort(-strength)[:most])]


def keys(points: Whole) -> tuple[Whole, Whole]:
    """A key for each pair of near peaks, and the frame of the earlier one: shapes (H,).

    A key packs two bins of 9 bits and a distance of 6 bits into one number.
    """
    found, when = [], []
    for ahead in range(1, FOLLOWING + 1):
        first, second = points[:-ahead], points[ahead:]
        distance = second[:, 0] - first[:, 0]
        kept = (distance > 0) & (distance <= REACH)
        found.append(((first[:, 1] << 15) | (second[:, 1] << 6) | distance)[kept])
        when.append(first[kept, 0])
    return np.concatenate(found), np.concatenate(when)


@dataclass(frozen=True)
class Match:
    """What an index knows of a piece: which recording, from which second, by how many keys."""

    recording: int
    seconds: float
    votes: int


@dataclass(frozen=True)
class Index:
    """The keys of all recordings in order, each with its recording and frame: shapes (H,)."""

    keys: Whole
    recordings: Whole
    frames: Whole

    @classmethod
    def of(cls, sounds: Sequence[tuple[ArrayLike, int]]) -> Index:
        """An index of recordings: samples (N,) and rate of each."""
        each = [keys(peaks(*sound)) for sound in sounds]
        number = np.repeat(np.arange(len(each)), [len(found) for found, _ in each])
        found, frames = (np.concatenate(part) for part in zip(*each))
        order = np.argsort(found, kind="stable")
        return cls(found[order], number[order], frames[order])

    def match(self, samples: ArrayLike, rate: int) -> Match | None:
        """The recording and place that most keys of a piece agree on; None if no key is known."""
        found, when = keys(peaks(samples, rate))
        first, last = (np.searchsorted(self.keys, found, side) for side in ("left", "right"))
        count = last - first
        rows = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
        if len(rows) == 0:
            return None
        starts = self.frames[rows] - np.repeat(when, count)
        told, votes = np.unique([self.recordings[rows], starts], axis=1, return_counts=True)
        best = votes.argmax()
        return Match(int(told[0, best]), float(told[1, best] * HOP / RATE), int(votes[best]))
