"""What the vocoders share: which voices they may learn, and how a network sees log-mel frames.

A vocoder makes sound of the log-mel frames of `_shared.mel`: 40 bands every 80 samples at 8 kHz, of
a clip with a peak of 1. One voice of each corpus is kept out of all training, so that a vocoder can
be tried on a stranger.

Shapes: `N` samples, `T = 1 + N // 80` frames.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from speechlab import corpora
from speechlab.corpora import Clip
from speechlab.systems._shared.mel import BANDS, FLOOR, HOP, RATE, checked, log_mel

STRANGERS = ("theo", "rowan")  # no vocoder has heard them: one of each corpus
MIDDLE, SPREAD = -20.0, 20.0  # dB
SILENCE = (FLOOR - MIDDLE) / SPREAD  # a frame of silence, as networks take it

Array = NDArray[np.floating]


def voices(stranger: bool = False) -> list[str]:
    """The speakers of the corpus in use that vocoders learn from, or the one they never hear."""
    return [who for who in corpora.speakers() if (who in STRANGERS) == stranger]


def at_peak(samples: ArrayLike, rate: int = RATE) -> Array:
    """The samples, shape (N,), scaled to a peak of 1. Raises `ValueError` as `checked` does."""
    samples = checked(samples, rate)
    return samples / np.abs(samples).max()


def conditions(mel_db: ArrayLike) -> Array:
    """Log-mel frames in dB (T, 40) as networks take them: about -2 to 2.

    Raises
    ------
    ValueError
        If these are not frames of 40 finite numbers, one frame or more.
    """
    mel = np.asarray(mel_db, dtype=float)
    if mel.ndim != 2 or mel.shape[1] != BANDS or len(mel) == 0:
        raise ValueError(f"A vocoder takes log-mel frames of 40 bands, not shape {mel.shape}.")
    if not np.all(np.isfinite(mel)):
        raise ValueError("Log-mel frames are finite numbers of dB, without NaN or infinity.")
    return (mel - MIDDLE) / SPREAD


def frames_of(clip: Clip) -> Array:
    """The log-mel frames of a clip as networks take them, shape (T, 40)."""
    return conditions(log_mel(clip.samples, clip.rate))


def between_frames(frames: ArrayLike, length: int) -> Array:
    """Frames (T, D) at every one of `length` samples, shape (N, D): straight lines between them.

    Frame t stands at sample 80 t; behind the last frame its values stay.
    """
    frames = np.asarray(frames, dtype=float)
    at = np.minimum(np.arange(length) / HOP, len(frames) - 1)
    before = np.minimum(at.astype(int), len(frames) - 1)
    after = np.minimum(before + 1, len(frames) - 1)
    part = (at - before)[:, None]
    return (1 - part) * frames[before] + part * frames[after]


def with_neighbours(frames: Array, count: int) -> Array:
    """For the 80 samples behind each frame it, the one before, and `count` - 2 after it.

    From (T, D) to (T, count D); beyond the ends is silence.
    """
    padded = np.pad(frames, ((1, count - 2), (0, 0)), constant_values=SILENCE)
    return np.hstack([padded[k : k + len(frames)] for k in range(count)])


def gated(both: Array) -> Array:
    """A filter's outputs, -1 to 1, each let through by its gate, 0 to 1: (..., 2 D) to (..., D)."""
    half = both.shape[-1] // 2
    return np.tanh(both[..., :half]) * expit(both[..., half:])
