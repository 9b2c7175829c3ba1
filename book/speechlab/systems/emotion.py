"""With which emotion is something said? Cepstra, melody and level of a whole utterance.

People differ more in these numbers than emotions do. Where several utterances of one person are at
hand, each number can be taken relative to that person's mean and spread: no emotion has to be known
for that.

Shapes: `N` samples, `R` utterances, `D` = 50 features.
"""

from __future__ import annotations

from collections.abc import Sequence

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from speechlab.systems._shared.recording import finite_samples

RATE, HOP = 16000, 160
LOWEST, HIGHEST = 70, 500  # hertz, of the melody
SOFT = 25  # dB below the loudest frame there is no melody

Array = NDArray[np.floating]


def cepstra(samples: Array) -> Array:
    """Means and standard deviations of 20 cepstral coefficients, level included: shape (40,)."""
    how = {"n_mels": 40, "n_fft": 512, "win_length": 400, "hop_length": HOP}
    mfcc = librosa.feature.mfcc(y=samples, sr=RATE, n_mfcc=20, **how)
    return np.concatenate([mfcc.mean(axis=1), mfcc.std(axis=1)])


def prosody(samples: Array) -> Array:
    """Ten numbers: the melody's height and range in semitones, the level's range, the pace."""
    f0 = librosa.yin(samples, fmin=LOWEST, fmax=HIGHEST, sr=RATE, frame_length=1024, hop_length=HOP)
    rms = librosa.feature.rms(y=samples, frame_length=400, hop_length=HOP)[0]
    level = 20 * np.log10(rms + 1e-6)[: len(f0)]
    loud = level > level.max() - SOFT
    melody = 12 * np.log2(f0[: len(level)][loud] / 100)
    low, middle, high = np.percentile(melody, (10, 50, 90))
    return np.array(
        [
            *(middle, low, high, high - low, melody.std()),
            np.mean(np.abs(np.diff(melody))) if len(melody) > 1 else 0.0,
            *(level.std(), np.percentile(level, 90) - np.median(level)),
            *(loud.mean(), np.log(len(samples) / RATE)),
        ]
    )


def features(samples: ArrayLike, rate: int) -> Array:
    """Cepstra and prosody of an utterance, shape (50,).

    Raises `ValueError` for an empty sound, NaN or another rate than 16 kHz.
    """
    x = finite_samples(samples, rate, RATE)
    return np.concatenate([cepstra(x), prosody(x)])


def own_terms(x: ArrayLike, speakers: Sequence[str]) -> Array:
    """Each row relative to the mean and deviation of its speaker's rows, shape (R, D)."""
    x, speakers = np.array(x, dtype=float), np.asarray(speakers)
    for speaker in np.unique(speakers):
        own = x[speakers == speaker]
        x[speakers == speaker] = (own - own.mean(axis=0)) / (own.std(axis=0) + 1e-9)
    return x


def learn(x: ArrayLike, emotions: Sequence[str]) -> Pipeline:
    """A linear classifier of rows of features; its `predict` names an emotion a row."""
    rule = LogisticRegression(C=1.0, max_iter=2000)
    return make_pipeline(StandardScaler(), rule).fit(x, emotions)
