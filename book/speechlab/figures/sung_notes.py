"""How far the pitch of sung notes is from what is written, of the system and of a person.

The pitch of both is measured in the same way (YIN), in the inner part of each note. The person's
notes are what an annotator heard in the recording, so the person is hardly ever a semitone off.
"""

from __future__ import annotations

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.systems.sung_notes import RATE, cents_off, sing, vowels_of

LOWEST, HIGHEST, HOP = 80.0, 700.0, 256


def songs() -> list[corpora.Recording]:
    """The songs whose notes are known."""
    return [one for one in corpora.collection("singing") if "notes" in one.tables]


def sung(song: corpora.Recording) -> NDArray:
    """The notes of a song, sung by the system on the vowels of its text, shape (N,)."""
    notes = song.tables["notes"]
    return sing(notes, vowels_of(song.text, len(notes)))


def errors(samples: ArrayLike, rate: int, notes: NDArray) -> NDArray:
    """The distance in cents of each note's pitch, its median over the note, shape (M,)."""
    how = {"fmin": LOWEST, "fmax": HIGHEST, "sr": rate, "hop_length": HOP, "frame_length": 2048}
    pitch = librosa.yin(np.asarray(samples, dtype=float), **how)
    times = np.arange(len(pitch)) * HOP / rate
    each = [cents_off(pitch, times, notes[n : n + 1]) for n in range(len(notes))]
    return np.array([np.median(off) for off in each if len(off)])


def figures() -> list[Figure]:
    """The median error of notes, beside the person who sang them."""
    ours, theirs = [], []
    for song in songs():
        notes = song.tables["notes"]
        ours.append(errors(sung(song), RATE, notes))
        theirs.append(errors(song.samples, song.rate, notes))
    where = "a synthetic scale" if songs()[0].standin else "notes of vocadito 1"
    baseline = "the stand-in" if songs()[0].standin else "the singer"
    ours, theirs = np.concatenate(ours), np.concatenate(theirs)
    return [
        Figure.of(
            "sung notes",
            "median pitch error",
            ours,
            baseline,
            theirs,
            where,
            np.median,
            unit="cents",
        )
    ]
