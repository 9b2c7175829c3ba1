"""Which key a piece is in, and which chords it plays, by templates of pitch classes.

Nothing is trained: the profiles of the keys are three that were published, rated by listeners or
counted in other music, and a chord is its notes.

Shapes: `T` frames, 12 pitch classes from C, 24 keys or chords: major C ... B, then minor.
"""

from __future__ import annotations

from dataclasses import dataclass

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.floating]

PITCHES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
HOP = 2048  # samples: 93 ms at 22.05 kHz
LOWEST, OCTAVES = 110.0, 4  # hertz (an A), and how far up
POWER = 1.5  # of the magnitudes: weak overtones count less, and strong notes more
OVERTONES = 0.3  # strength of each harmonic, relative to the one below
STAY, SHARPNESS = 0.9, 10.0  # of chords; the sharpness is what a cosine is worth

# How often each pitch class occurs in C major and C minor (Albrecht and Shanahan, 2013).
COUNTED = np.array(
    [
        [0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081],
        [0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052],
    ]
)
# How well a tone fits after a cadence, as listeners rated it (Krumhansl and Kessler, 1982).
RATED = np.array(
    [
        [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
        [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
    ]
)
# In which share of the segments each pitch class occurs (Temperley, 2007).
PRESENT = np.array(
    [
        [0.748, 0.060, 0.488, 0.082, 0.670, 0.460, 0.096, 0.715, 0.104, 0.366, 0.057, 0.400],
        [0.712, 0.084, 0.474, 0.618, 0.049, 0.460, 0.105, 0.747, 0.404, 0.067, 0.133, 0.330],
    ]
)
PROFILES = COUNTED, RATED, PRESENT
TRIADS = np.isin(np.arange(12), (0, 4, 7)), np.isin(np.arange(12), (0, 3, 7))


def pitch_classes(x: ArrayLike, rate: float, power: float = POWER) -> Array:
    """Shares of the pitch classes in each frame, shape (T, 12); a soft frame has small ones."""
    size = {"fmin": LOWEST, "n_bins": 12 * OCTAVES, "bins_per_octave": 12, "hop_length": HOP}
    bins = np.abs(librosa.cqt(np.asarray(x, dtype=float), sr=rate, **size)).T ** power
    from_a = bins.reshape(len(bins), OCTAVES, 12).sum(axis=1)
    from_c = np.roll(from_a, PITCHES.index("A"), axis=1)
    loudness = from_c.sum(axis=1, keepdims=True)
    return from_c / (loudness + 1e-3 * loudness.max() + 1e-12)


def with_overtones(profile: ArrayLike, strength: float = OVERTONES, count: int = 6) -> Array:
    """The profile as an instrument plays it: each tone brings its harmonics along."""
    steps = np.round(12 * np.log2(np.arange(1, count + 1))).astype(int)
    return sum(strength**n * np.roll(profile, step) for n, step in enumerate(steps))


def turned(pair: ArrayLike) -> Array:
    """Major and minor on C, put on each of the twelve pitches: shape (24, 12)."""
    return np.array([np.roll(one, n) for one in pair for n in range(12)], dtype=float)


def fit(heard: ArrayLike, profiles: ArrayLike = PROFILES, strength: float = OVERTONES) -> Array:
    """How well pitch classes (12,) or (T, 12) fit each key, shape (24,) or (T, 24).

    The mean of the correlations with the profiles: pairs, of C major and C minor, shape (P, 2, 12).
    """
    heard, pairs = np.atleast_2d(heard), np.reshape(profiles, (-1, 2, 12))
    played = [[with_overtones(profile, strength) for profile in pair] for pair in pairs]
    each = [np.corrcoef(heard, turned(pair))[: len(heard), len(heard) :] for pair in played]
    found = np.mean(each, axis=0)
    return found[0] if len(found) == 1 else found


def key_name(number: int) -> str:
    """Of one of the 24 keys, as in "F# minor"."""
    return f"{PITCHES[number % 12]} {'major' if number < 12 else 'minor'}"


def key(x: ArrayLike, rate: float) -> str:
    """The key that the pitch classes of the whole sound fit best.

    Raises
    ------
    ValueError
        For silence.
    """
    return key_name(int(fit(_heard(x, rate).sum(axis=0)).argmax()))


def _heard(x: ArrayLike, rate: float) -> Array:
    if not np.any(x):
        raise ValueError("Silence has no key and no chords.")
    return pitch_classes(x, rate)


def relation(found: str, true: str) -> str:
    """How a key lies to the true one: "right", "fifth", "relative", "parallel" or "other"."""
    (tonic, mode), (true_tonic, true_mode) = (
        (PITCHES.index(name), mode) for name, mode in map(str.split, (found, true))
    )
    up = (tonic - true_tonic) % 12
    if mode == true_mode:
        return {0: "right", 7: "fifth", 5: "fifth"}.get(up, "other")
    relative = 3 if true_mode == "minor" else 9  # semitones up to the relative key
    return {0: "parallel", relative: "relative"}.get(up, "other")


@dataclass(frozen=True)
class Chords:
    """A sequence of chords: the middle of each frame in seconds, and its number of 24."""

    times: Array
    numbers: NDArray[np.int_]
    alone: NDArray[np.int_]  # the best chord of each frame by itself

    def names(self) -> list[str]:
        return [f"{PITCHES[n % 12]}{'' if n < 12 else 'm'}" for n in self.numbers]


def chords(x: ArrayLike, rate: float) -> Chords:
    """The most probable sequence of major and minor triads.

    Raises
    ------
    ValueError
        For silence.
    """
    heard = _heard(x, rate) + 1e-9
    templates = turned([with_overtones(triad) for triad in TRIADS])
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (heard, templates)]
    cosine = unit[0] @ unit[1].T
    move = librosa.sequence.transition_loop(24, STAY)
    path = librosa.sequence.viterbi(np.exp(SHARPNESS * (cosine.T - 1)), move)
    return Chords(np.arange(len(heard)) * HOP / rate, path, cosine.argmax(axis=1))
