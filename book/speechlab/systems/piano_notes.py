"""The notes that a piano plays: two spectra for each key, its stroke and its sound after that.

The spectra are learned from music whose notes are known: factorisation as in `separation`, where a
key may only be active when its note is played. Music that is heard is then explained by all of
them, and a note begins where the strength of a key jumps.

Shapes: `N` samples, `B` = 940 bins, `T` frames every 23 ms, 88 keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import maximum_filter1d

from speechlab.corpora import Example
from speechlab.systems._shared.recording import finite_samples

RATE, HOP, WINDOW, BINS = 22050, 512, 2048, 940  # bins of 5.4 Hz
LOWEST, KEYS = 21, 88  # MIDI numbers from the A0 on
LEARNING, EXPLAINING = 12, 30  # rounds
APART = 7  # frames within which a key is struck once

Array = NDArray[np.floating]
NOTE = [("onset", "f8"), ("pitch", "i4")]


def magnitudes(samples: ArrayLike, rate: int) -> Array:
    """Square roots of the magnitudes of a spectrogram, shape (B, T); weak partials count more.

    Raises `ValueError` for an empty sound, NaN or another rate than 22.05 kHz.
    """
    x = finite_samples(samples, rate, RATE)
    spectra = librosa.stft(x, n_fft=2 * WINDOW, win_length=WINDOW, hop_length=HOP)[:BINS]
    return np.sqrt(np.abs(spectra)).astype(np.float32) + np.float32(1e-6)


def played(notes: NDArray, frames: int) -> Array:
    """Where strokes and sounds of each key may be, as zeros and ones: shape (2 * 88, T)."""
    allowed = np.zeros((2, KEYS, frames), dtype=np.float32)
    for note in notes:
        start, end = (round(note[edge] * RATE / HOP) for edge in ("onset", "offset"))
        allowed[0, note["pitch"] - LOWEST, max(start - 1, 0) : start + 4] = 1
        allowed[1, note["pitch"] - LOWEST, start + 1 : end + 6] = 1
    return allowed.reshape(2 * KEYS, frames)


def explained(v: Array, w: Array, h: Array) -> Array:
    """The activities after one step towards v = w h."""
    return h * (w.T @ (v / (w @ h + 1e-6))) / (w.sum(axis=0)[:, None] + 1e-6)


@dataclass(frozen=True)
class Piano:
    """The spectra of the keys, shape (B, 2 * 88), and how large a jump is a note."""

    spectra: Array
    threshold: float

    def strengths(self, samples: ArrayLike, rate: int) -> Array:
        """How much of each key begins in each frame, shape (88, T)."""
        v = magnitudes(samples, rate)
        h = np.full((2 * KEYS, v.shape[1]), v.mean(), dtype=np.float32)
        h[self.spectra.sum(axis=0) < 0.5] = 0  # keys that nobody played to learn from
        for _ in range(EXPLAINING):
            h = explained(v, self.spectra, h)
        return h[:KEYS] + np.maximum(np.diff(h[KEYS:], axis=1, prepend=0), 0)

    def notes(self, samples: ArrayLike, rate: int) -> NDArray:
        """The notes: a structured array of onset (s) and pitch (MIDI number), in order of time."""
        return struck(self.strengths(samples, rate), self.threshold)


def struck(strengths: Array, threshold: float) -> NDArray:
    """The notes where a key's strength has its largest value nearby, above a threshold."""
    top = (strengths == maximum_filter1d(strengths, APART, axis=1)) & (strengths > threshold)
    found = [(frame * HOP / RATE, key + LOWEST) for frame, key in np.argwhere(top.T)]
    return np.array(found, dtype=NOTE)


def learn_spectra(pieces: Sequence[Example], seed: int = 0) -> tuple[Array, float]:
    """The spectra of strokes and sounds, each of sum 1, and the median strength of a stroke."""
    each = [magnitudes(one.samples, one.rate) for one in pieces]
    h = np.hstack([played(one.notes, v.shape[1]) for one, v in zip(pieces, each)])
    v = np.hstack(each)
    start = np.random.default_rng(seed).uniform(0.5, 1.5, (BINS, 2 * KEYS))
    w, h = (start * v.mean(axis=1, keepdims=True)).astype(np.float32), h * v.mean()
    for _ in range(LEARNING):
        h = explained(v, w, h)
        w *= ((v / (w @ h + 1e-6)) @ h.T) / (h.sum(axis=1) + 1e-6)
        total = w.sum(axis=0) + 1e-9
        w, h = w / total, h * total[:, None]
    strokes = h[:KEYS]
    return w, float(np.median(strokes[strokes > 0]))


def by_loud_bins(samples: ArrayLike, rate: int, below: float = 20.0) -> NDArray:
    """The baseline: at each onset, the keys whose bins of a constant-Q transform stand out.

    A bin stands out if it is above its neighbours and at most `below` decibels under the loudest.
    """
    x = finite_samples(samples, rate, RATE)
    bins = np.abs(librosa.cqt(x, sr=rate, fmin=27.5, n_bins=KEYS, hop_length=HOP))
    level = librosa.amplitude_to_db(bins, ref=np.max)
    found = []
    for frame in librosa.onset.onset_detect(y=x, sr=rate, hop_length=HOP):
        heard = level[:, frame : frame + 4].mean(axis=1)
        around = np.maximum(np.r_[-np.inf, heard[:-1]], np.r_[heard[1:], -np.inf])
        keys = np.flatnonzero((heard > around) & (heard > heard.max() - below))
        found += [(frame * HOP / RATE, key + LOWEST) for key in keys]
    return np.array(found, dtype=NOTE)
