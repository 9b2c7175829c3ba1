"""Who speaks when? Windows of three seconds, put where voices are compared, and gathered.

First the detector of `speech_activity` says where anybody speaks, and a second rule of the same
kind where two do. Windows of what is speech are summarised and gathered by Ward's method into as
many voices as lie far enough apart. Where two speak, the voice that fits next best is added.

Shapes: `T` frames every 10 ms, `W` windows, `S` voices that are found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import fcluster, linkage

from speechlab.corpora import Recording
from speechlab.systems import speech_activity
from speechlab.systems.speakers import Space, cepstra, summary
from speechlab.systems.speech_activity import Detector

WINDOW, STEP, LEAST = 300, 25, 60  # frames: of a window, to the next, and of speech in it
APART = 5.0  # Ward's distance above which two groups are two voices
BOTH = 0.5  # score above which two are taken to speak

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Heard:
    """A recording as the diarizer sees it."""

    speech: NDArray[np.bool_]  # (T,) whether anybody speaks
    two: Array  # (T,) a score for two at once
    middles: NDArray[np.int_]  # (W,) frames
    places: Array  # (W, D) unit vectors


@dataclass(frozen=True)
class Diarizer:
    """What is needed to say who speaks when; see `learn`."""

    anybody: Detector
    two: Detector
    space: Space
    apart: float = APART
    both: float = BOTH

    def __call__(self, samples: ArrayLike, rate: int) -> NDArray[np.bool_]:
        """Which voice speaks in which frame, shape (T, S); S is 1 or more.

        Raises `ValueError` for an empty sound, NaN or another rate than 16 kHz.
        """
        return self.turns(self.listen(samples, rate))

    def listen(self, samples: ArrayLike, rate: int) -> Heard:
        """Where there is speech, and the places of its windows."""
        speech = self.anybody(samples, rate)
        seen = windows(cepstra(samples, rate), speech, self.space)
        return Heard(speech, self.two.scores(samples, rate), *seen)

    def turns(self, heard: Heard) -> NDArray[np.bool_]:
        """Which voice speaks in which frame, shape (T, S)."""
        nearest = _nearest(len(heard.speech), heard.middles)
        likeness = gathered(heard.places, self.apart)[nearest]
        order = np.argsort(-likeness, axis=1)
        found = np.zeros(likeness.shape, dtype=bool)
        every = np.arange(len(found))
        found[every, order[:, 0]] = True
        if found.shape[1] > 1:
            together = heard.two > self.both
            found[every[together], order[together, 1]] = True
        return found & heard.speech[:, None]


def windows(
    frames: Array, speech: NDArray[np.bool_], space: Space
) -> tuple[NDArray[np.int_], Array]:
    """The middles of windows with enough speech, shape (W,), and their places, shape (W, D)."""
    middles, places = [], []
    for middle in range(0, len(frames), STEP):
        near = slice(max(middle - WINDOW // 2, 0), middle + WINDOW // 2)
        spoken = frames[near][speech[near]]
        if len(spoken) >= LEAST:
            middles.append(middle)
            places.append(space.place(summary(spoken)))
    return np.array(middles, dtype=int), np.reshape(places, (-1, len(space.mean)))


def gathered(places: Array, apart: float) -> Array:
    """How like each window is to each voice that is found, shape (W, S)."""
    if len(places) < 2:
        return np.ones((max(len(places), 1), 1))
    groups = fcluster(linkage(places, "ward"), apart, "distance")
    centres = np.array([places[groups == g].mean(axis=0) for g in np.unique(groups)])
    return places @ centres.T


def _nearest(frames: int, middles: NDArray[np.int_]) -> NDArray[np.int_]:
    """Which window's middle is nearest to each frame."""
    if len(middles) < 2:
        return np.zeros(frames, dtype=int)
    return np.searchsorted((middles[1:] + middles[:-1]) / 2, np.arange(frames))


def learn(meetings: Sequence[Recording], space: Space) -> Diarizer:
    """A diarizer from recordings with turns, and a space that other people's voices gave."""
    anybody, two = (speech_activity.learn(meetings, at_least=many) for many in (1, 2))
    return Diarizer(anybody, two, space)
