"""Words said one after another by one speaker, with pauses and in noise.

Shapes: `N` samples at 8 kHz, `T` frames of 32 ms every 25 ms, `D` mel bands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from speechlab.corpora import Clip
from speechlab.speech.mel_power import mel_power
from speechlab.speech.spectra import mel_filters

RATE, HOP, WINDOW, BANDS = 8000, 200, 256, 8  # a frame of 32 ms every 25 ms

MEL = mel_filters(RATE, WINDOW, BANDS).T

Array = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Utterance:
    """Words of one speaker, one after another, in noise.

    `samples` (N,) at 8 kHz; `ends` holds the sample at which each word is over.
    """

    samples: Array
    ends: NDArray[np.int_]
    speaker: str
    words: tuple[str, ...]

    @cached_property
    def features(self) -> Array:
        """Logarithms of the power in mel bands, relative to their means; shape (T, D)."""
        log = np.log10(mel_power(self.samples, WINDOW, HOP, MEL) + 1e-6)
        return log - log.mean(axis=0)

    @property
    def times(self) -> Array:
        """The middle of each frame, in samples."""
        return np.arange((len(self.samples) - WINDOW) // HOP + 1) * HOP + WINDOW / 2

    @property
    def count(self) -> Array:
        """How many words are over at each frame; shape (T,)."""
        return np.sum(self.times[:, None] > self.ends, axis=1).astype(float)


def spoken_part(samples: Array) -> Array:
    """The clip without silence at its ends, at full scale."""
    power = uniform_filter1d(samples**2, 160)
    loud = np.flatnonzero(power > 0.01 * power.max())
    return samples[max(loud[0] - 80, 0) : loud[-1] + 80] / np.abs(samples).max()


def stretches(loud: NDArray[np.bool_]) -> NDArray[np.int_]:
    """Where a row (T,) is true: the first of each stretch and the first behind it, shape (R, 2)."""
    return np.flatnonzero(np.diff(loud, prepend=False, append=False)).reshape(-1, 2)


def in_noise(samples: Array, snr: float, rng: np.random.Generator) -> Array:
    """The recording with white noise, `snr` dB below its mean power."""
    level = np.sqrt(np.mean(samples**2)) * 10 ** (-snr / 20)
    return samples + level * rng.standard_normal(len(samples))


class Speakers:
    """Draws utterances of given clips, each by one speaker.

    `clips` are the words that may be said, at 8 kHz; `seed` is that of all that is drawn by lot.
    Raises `ValueError` if there are none.
    """

    def __init__(self, clips: Iterable[Clip], seed: int) -> None:
        self.clips: dict[str, list[Clip]] = {}
        for clip in clips:
            self.clips.setdefault(clip.speaker, []).append(clip)
        if not self.clips:
            raise ValueError("Without clips nothing can be said.")
        self.rng = np.random.default_rng(seed)

    def say(self, words: int, snr: float | None = None) -> Utterance:
        """So many words by a speaker drawn by lot, with pauses of 0 to 250 ms between them.

        The noise is white, `snr` dB below the speech; by default 5 to 25 dB.
        """
        rng = self.rng
        speaker = str(rng.choice(sorted(self.clips)))
        clips = self.clips[speaker]
        chosen = [clips[k] for k in rng.integers(len(clips), size=words)]
        parts, ends = [np.zeros(int(rng.uniform(0.1, 0.3) * RATE))], []
        for clip in chosen:
            parts.append(spoken_part(clip.samples) * rng.uniform(0.3, 1))
            ends.append(sum(map(len, parts)))
            parts.append(np.zeros(int(rng.uniform(0, 0.25) * RATE)))
        parts.append(np.zeros(int(0.15 * RATE)))
        speech = np.concatenate(parts)
        below = rng.uniform(5, 25) if snr is None else snr
        noisy = in_noise(speech, below, rng)
        return Utterance(noisy, np.array(ends), speaker, tuple(clip.text for clip in chosen))

    def say_many(self, how_many: int, fewest: int, most: int) -> list[Utterance]:
        """Utterances of `fewest` to `most` words."""
        return [self.say(int(self.rng.integers(fewest, most + 1))) for _ in range(how_many)]
