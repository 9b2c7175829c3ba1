"""A voice that sings notes: glottal pulses on a melody with glides and vibrato, through vowels.

Shapes: `M` notes, `N` samples.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import sosfilt

from speechlab.speech import synthesis

RATE = 22050
GLIDE = 0.06  # seconds from one pitch to the next
VIBRATO, EXTENT, SETTLED = 5.5, 0.25, 0.25  # hertz, semitones, seconds until it is full
FADE = 0.03  # seconds in which a note rises, and falls
# Formants in hertz of five vowels, as the letters sound in Italian (rounded averages of men).
VOWELS = {
    "a": (750, 1200, 2500, 3400),
    "e": (450, 1900, 2550, 3400),
    "i": (290, 2250, 3000, 3500),
    "o": (460, 800, 2500, 3300),
    "u": (320, 800, 2300, 3300),
}

Array = NDArray[np.floating]


def vowels_of(text: str, count: int) -> list[str]:
    """One vowel for each of so many notes, from the letters of a text, over and over; or "a"."""
    found = [letter for letter in text.lower() if letter in VOWELS] or ["a"]
    return [found[n % len(found)] for n in range(count)]


def melody(notes: NDArray, length: int, vibrato: float = EXTENT) -> Array:
    """The pitch at each sample as a MIDI number, shape (length,).

    `notes` is a structured array of `onset`, `offset` (s) and `pitch` in order of time. Pauses go
    on at the pitch before; pitches glide into each other; vibrato, in semitones, grows in a note.
    """
    time = np.arange(length) / RATE
    number = np.maximum(np.searchsorted(notes["onset"], time, side="right") - 1, 0)
    pitch = uniform_filter1d(notes["pitch"][number], round(GLIDE * RATE), mode="nearest")
    since = np.maximum(time - notes["onset"][number], 0)
    grown = np.clip(since / SETTLED - 0.5, 0, 1)
    return pitch + vibrato * grown * np.sin(2 * np.pi * VIBRATO * since)


def loudness(notes: NDArray, length: int) -> Array:
    """1 in a note, 0 in a pause, with short rises and falls: shape (length,)."""
    on = np.zeros(length)
    for note in notes:
        on[round(note["onset"] * RATE) : round(note["offset"] * RATE)] = 1
    return uniform_filter1d(on, round(FADE * RATE))


def sing(notes: NDArray, vowels: Sequence[str] | None = None, vibrato: float = EXTENT) -> Array:
    """A voice that sings the notes, shape (N,) at 22.05 kHz, peak 0.5.

    Parameters
    ----------
    notes : structured array of onset and offset in seconds and pitch as a MIDI number, shape (M,)
        One after another; none twice at once.
    vowels : a letter of `VOWELS` for each note; "a" for all without
    vibrato : its extent in semitones

    Raises
    ------
    ValueError
        Without notes, if one ends before it begins, or for an unknown vowel.
    """
    if len(notes) == 0 or np.any(notes["offset"] <= notes["onset"]):
        raise ValueError("A song needs a note, and a note ends after it begins.")
    vowels = ["a"] * len(notes) if vowels is None else list(vowels)
    if len(vowels) != len(notes) or not set(vowels) <= set(VOWELS):
        raise ValueError(f"Each note needs one of the vowels {', '.join(VOWELS)}.")
    notes = np.sort(notes, order="onset")
    length = round((notes["offset"].max() + 0.1) * RATE)
    hertz = 440 * 2 ** ((melody(notes, length, vibrato) - 69) / 12)
    source = np.diff(synthesis.glottal_flow(hertz, length / RATE, RATE), prepend=0)
    number = np.maximum(np.searchsorted(notes["onset"], np.arange(length) / RATE, "right") - 1, 0)
    sound = np.zeros(length)
    for vowel in set(vowels):
        here = np.array([one == vowel for one in vowels], dtype=float)[number]
        tract = synthesis.vocal_tract(VOWELS[vowel], rate=RATE)
        sound += uniform_filter1d(here, round(FADE * RATE)) * sosfilt(tract, source)
    sound *= loudness(notes, length)
    return 0.5 * sound / np.abs(sound).max()


def cents_off(pitch: ArrayLike, times: ArrayLike, notes: NDArray, edge: float = 0.06) -> Array:
    """Hundredths of a semitone between pitches in hertz and the notes that sound then, shape (F,).

    Times closer than `edge` seconds to the ends of a note do not count, nor pitches of 0.
    """
    pitch, times, off = np.asarray(pitch, dtype=float), np.asarray(times), []
    for note in notes:
        inside = (times > note["onset"] + edge) & (times < note["offset"] - edge) & (pitch > 0)
        off.append(100 * np.abs(69 + 12 * np.log2(pitch[inside] / 440) - note["pitch"]))
    return np.concatenate(off)
