"""Speech as recognisers of words see it: mel-frequency cepstral coefficients and their slopes.

Shapes: `T` frames of 25 ms every 10 ms, `R` clips.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speechlab.corpora import Clip
from speechlab.speech.spectra import cepstra, slopes

HOP, WINDOW = 0.010, 0.025  # seconds between frames, and seconds that a frame looks at

Array = NDArray[np.floating]


def features(samples: Array, rate: int, coefficients: int = 13) -> Array:
    """MFCCs and their slopes, one row a frame: shape `(T, 2 * coefficients)`.

    The first coefficient is the level of a frame; it is taken relative to the loudest frame, so
    that it does not matter how far away the microphone was.
    """
    size = 2 ** int(np.ceil(np.log2(WINDOW * rate)))
    x = np.asarray(samples, dtype=float)
    mfcc = cepstra(x, rate, coefficients, 26, size, round(HOP * rate), round(WINDOW * rate))
    mfcc[0] -= mfcc[0].max()
    return np.vstack([mfcc, slopes(mfcc)]).T


@dataclass(frozen=True)
class Spoken:
    """Clips as the recognisers see them: features of each (R,), its word and its voice."""

    x: list[Array]
    words: NDArray[np.int_]
    voices: NDArray[np.str_]

    @classmethod
    def of(cls, clips: Sequence[Clip]) -> Spoken:
        """The features, words and voices of clips."""
        return cls(
            [features(clip.samples, clip.rate) for clip in clips],
            np.array([clip.digit for clip in clips]),
            np.array([clip.speaker for clip in clips]),
        )

    def where(self, chosen: NDArray[np.bool_]) -> Spoken:
        """The clips that are chosen, shape (R,)."""
        x = [x for x, one in zip(self.x, chosen) if one]
        return Spoken(x, self.words[chosen], self.voices[chosen])
