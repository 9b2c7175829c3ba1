"""Whose voice is it? Means and spreads of cepstra, and the directions in which voices differ.

A voice is summarised by 40 numbers. In some of their directions one person varies as much as
people differ; those are made to count less, as learned from other people, each heard several times
(within-class covariance normalisation). Then two recordings are compared by the angle between them.

Shapes: `N` samples, `T` frames of 25 ms every 10 ms, `R` recordings, `D` = 40 numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray

from speechlab.systems._shared.recording import finite_samples

RATE, HOP, WINDOW, COEFFICIENTS = 16000, 160, 400, 20
SOFT = 25  # per cent of the frames, the softest, are pauses
SHRINK = 0.1  # how far the covariance within a voice is drawn to a multiple of the identity

Array = NDArray[np.floating]


def cepstra(samples: ArrayLike, rate: int) -> Array:
    """Cepstral coefficients 0 to 20 of mel bands, shape (T, 21); number 0 is the level.

    Raises `ValueError` for an empty sound, NaN or another rate than 16 kHz.
    """
    x = finite_samples(samples, rate, RATE)
    how = {"n_mels": 40, "n_fft": 512, "win_length": WINDOW, "hop_length": HOP}
    return librosa.feature.mfcc(y=x, sr=rate, n_mfcc=COEFFICIENTS + 1, **how).T


def summary(frames: Array) -> Array:
    """Means and standard deviations of coefficients 1 to 20 where it is not soft, shape (40,)."""
    level = frames[:, 0]
    loud = frames[level >= np.percentile(level, SOFT), 1:]
    return np.concatenate([loud.mean(axis=0), loud.std(axis=0)])


def pieces(frames: Array, count: int) -> list[Array]:
    """Summaries of so many equal parts of a recording."""
    return [summary(part) for part in np.array_split(frames, count)]


def _unit(rows: Array) -> Array:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


@dataclass(frozen=True)
class Space:
    """Where summaries are put to be compared: `(summary - mean) @ turn`, at length 1."""

    mean: Array  # (D,)
    turn: Array  # (D, D)

    def place(self, summaries: ArrayLike) -> Array:
        """Unit vectors of shape (..., D): their inner products say how alike two voices are."""
        return _unit((np.asarray(summaries) - self.mean) @ self.turn)


def plain(people: Sequence[ArrayLike]) -> Space:
    """Each number counts by how much it differs among all summaries: the baseline."""
    every = np.vstack(people)
    return Space(every.mean(axis=0), np.diag(1 / every.std(axis=0)))


def learn(people: Sequence[ArrayLike]) -> Space:
    """A space from the summaries of several people, each of shape (R, D) with R of 2 or more.

    It makes the scatter of one person the same in all directions, so that what is left is how
    people differ.
    """
    start = plain(people)
    scaled = [(np.asarray(own) - start.mean) @ start.turn for own in people]
    within = np.mean([np.cov(own.T) for own in scaled], axis=0)
    size = np.trace(within) / len(within)
    within = (1 - SHRINK) * within + SHRINK * size * np.eye(len(within))
    whiten = np.linalg.cholesky(np.linalg.inv(within))
    return Space(start.mean, start.turn @ whiten)


def identify(heard: ArrayLike, enrolled: Mapping[str, ArrayLike], space: Space) -> str:
    """The name of the enrolled voice that a summary, shape (D,), is most like.

    `enrolled` has summaries of each voice, shape (R, D).
    """
    names = list(enrolled)
    centres = np.array([space.place(enrolled[name]).mean(axis=0) for name in names])
    return names[int(np.argmax(_unit(centres) @ space.place(heard)))]
