"""Synthetic stand-ins for sounds and music that are not in the cache, seeded by their names."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.signal

from .clips import sentences
from .tones import coloured, drums, glides, loud, mixed

PITCHES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
TRIADS = {"maj": (0, 4, 7), "min": (0, 3, 7), "7": (0, 4, 7, 10)}
# Four chords each, as steps above the tonic and qualities.
PROGRESSIONS = {
    "major": (
        ((0, "maj"), (7, "maj"), (9, "min"), (5, "maj")),
        ((0, "maj"), (9, "min"), (2, "min"), (7, "maj")),
        ((0, "maj"), (5, "maj"), (0, "maj"), (7, "maj")),
    ),
    "minor": (
        ((0, "min"), (5, "min"), (7, "maj"), (0, "min")),
        ((0, "min"), (8, "maj"), (3, "maj"), (10, "maj")),
    ),
}


@dataclass(frozen=True)
class Made:
    """A stand-in: its sound, how it was made, and what is known of it because it was made so."""

    samples: np.ndarray
    rate: int
    how: str
    text: str | None = None
    key: str | None = None
    bpm: float | None = None
    notes: Sequence[tuple] | None = None
    chords: Sequence[tuple] | None = None


def make(name: str, kind: str) -> Made:
    """The stand-in of that name; every call gives the same."""
    return RECIPES[kind](name, np.random.default_rng(zlib.crc32(name.encode())))


def _note(name: str, rng: np.random.Generator) -> Made:
    timbres = {"soprano-E4": "voice", "cello-double": "violin"}
    timbre = timbres.get(name, name.partition("-")[0])
    pitches = {"A4": 69, "B3": 59, "C3": 48, "E4": 64, "C6": 84}
    chord = {"piano": (60,), "cello-double": (48, 55)}.get(name)
    chord = chord or (pitches[name.partition("-")[2]],)
    notes = [(0.0, 2.0, pitch) for pitch in chord]
    return Made(loud(mixed(notes, timbre, 44100)), 44100, "a sum of harmonics", notes=notes)


def _phrase(name: str, rng: np.random.Generator) -> Made:
    timbres = {"trumpet": "trumpet", "cello-phrase": "violin", "sax-phrase-short": "oboe"}
    rate = 22050 if name == "trumpet" else 44100
    beat, pitch, notes = 60 / 90, 65 - 12 * (name == "cello-phrase"), []
    for number in range(8):
        notes.append((number * beat, (number + 0.9) * beat, pitch))
        pitch += int(rng.choice([-3, -2, -1, 1, 2, 4]))
    sound = mixed(notes, timbres.get(name, "voice"), rate)
    return Made(loud(sound), rate, "a melody of harmonic tones", bpm=90.0, notes=notes)


def _rhythm(name: str, rng: np.random.Generator) -> Made:
    bpm = float(rng.integers(80, 140))
    how = f"strokes of made drums, {bpm:.0f} beats a minute"
    return Made(loud(drums(bpm, 4.0, 44100, rng)), 44100, how, bpm=bpm)


def _progression(
    name: str, rng: np.random.Generator, bpm: float, broken: bool
) -> tuple[str, list, list]:
    """Key, chords of four beats, and their notes with a bass; twice through four chords.

    The tones of a broken chord begin one after another, a beat apart.
    """
    number = zlib.crc32(name.encode())
    mode = ("major", "minor")[number // 12 % 2]
    tonic, four = number % 12, PROGRESSIONS[mode][rng.integers(len(PROGRESSIONS[mode]))]
    beat, chords, notes = 60 / bpm, [], []
    for place, (step, quality) in enumerate(four * 2):
        root, start = (tonic + step) % 12, 4 * place * beat
        chords.append((start, start + 4 * beat, PITCHES[root], quality))
        tones = [48 + root, *(60 + (root + up) % 12 for up in TRIADS[quality])]
        onsets = [start + broken * n * beat for n in range(len(tones))]
        notes += [(on, start + 4 * beat, tone) for on, tone in zip(onsets, tones)]
    return f"{PITCHES[tonic]} {mode}", chords, notes


def _piano(name: str, rng: np.random.Generator) -> Made:
    key, _, notes = _progression(name, rng, 120.0, broken=True)
    how = "broken chords of decaying harmonic tones"
    return Made(loud(mixed(notes, "piano", 22050)), 22050, how, None, key, 120.0, notes)


def _chords(name: str, rng: np.random.Generator) -> Made:
    timbre = ("piano", "organ", "violin")[int(name[-2:]) % 3]
    key, chords, notes = _progression(name, rng, 120.0, broken=False)
    sound = loud(mixed(notes, timbre, 22050))
    how = "chords of harmonic tones"
    return Made(sound, 22050, how, None, key, 120.0, notes, chords)


def _piece(name: str, rng: np.random.Generator) -> Made:
    bpm = {"brahms": 132.0, "fishin": 116.0, "nutcracker": 100.0, "vibeace": 126.0}[name]
    key, chords, notes = _progression(name, rng, bpm, broken=True)
    sound = loud(mixed(notes, "piano", 22050))[: 12 * 22050]
    sound = loud(sound + 0.5 * loud(drums(bpm, len(sound) / 22050, 22050, rng)))
    notes = [(on, min(off, 12.0), pitch) for on, off, pitch in notes if on < 12]
    chords = [(on, min(off, 12.0), *rest) for on, off, *rest in chords if on < 12]
    how = f"made drums and chords, {bpm:.0f} beats a minute"
    return Made(sound, 22050, how, None, key, bpm, notes, chords)


def _nature(name: str, rng: np.random.Generator) -> Made:
    if name == "robin":
        return Made(loud(glides(2500, 3500, 2.7, 22050, rng, 0.2)), 22050, "gliding tones")
    if name == "humpback":
        return Made(loud(glides(120, 700, 10.0, 22050, rng, 1.5)), 22050, "gliding tones")
    if name == "rain":
        return Made(loud(coloured(5.0, 44100, 0.3, rng)), 44100, "nearly white noise")
    noise = coloured(6.0, 44100, 1.2, rng)
    swell = 0.55 + 0.45 * np.sin(2 * np.pi * np.arange(len(noise)) / len(noise) * 2)
    return Made(loud(noise * swell), 44100, "pink noise that swells")


def _speech(name: str, rng: np.random.Generator) -> Made:
    clip = sentences()[5 if name == "speech-female" else 2]
    samples = scipy.signal.resample_poly(clip.samples, 441, 160)
    how = f"{clip.speaker}, a voice of a speech synthesiser, brought from 16 kHz to 44.1 kHz"
    return Made(loud(samples), 44100, how, clip.text)


def _noise(name: str, rng: np.random.Generator) -> Made:
    rate, seconds = 16000, 10.0
    t = np.arange(round(seconds * rate)) / rate
    if name == "dude_miaowing":
        return Made(loud(glides(300, 900, seconds, rate, rng, 0.8)), rate, "gliding tones")
    if name == "running_tap":
        return Made(loud(coloured(seconds, rate, 0.0, rng), 0.3), rate, "white noise")
    if name == "exercise_bike":
        turning = 0.6 + 0.4 * np.sin(2 * np.pi * 1.5 * t)
        noise = coloured(seconds, rate, 2.0, rng) * turning
        return Made(loud(noise), rate, "brown noise that pulses")
    blows = np.zeros(len(t))
    blows[rng.integers(len(t), size=40)] = rng.uniform(0.2, 1, 40)
    ring = np.exp(-np.arange(3200) / 600) * np.sin(2 * np.pi * 2400 / rate * np.arange(3200))
    clatter = scipy.signal.fftconvolve(blows, ring)[: len(t)]
    noise = loud(clatter) + 0.5 * loud(coloured(seconds, rate, 1.0, rng))
    return Made(loud(noise), rate, "pink noise and ringing knocks")


def _room(name: str, rng: np.random.Generator) -> Made:
    seconds, reverberation = (1.0, 0.5) if name == "seminar_clap" else (0.093, 0.06)
    t = np.arange(round(seconds * 16000)) / 16000
    tail = rng.standard_normal(len(t)) * 10 ** (-3 * t / reverberation)  # -60 dB at that time
    tail[t < 0.002] = 0
    tail[0] = 4.0  # the direct sound
    how = f"noise that decays by 60 dB in {reverberation:g} s"
    return Made(loud(tail, 0.95), 16000, how)


def _wideband(name: str, rng: np.random.Generator) -> Made:
    """Syllables of a hiss, strong up to 20 kHz, and a vowel: harmonics shaped by formants."""
    rate, pieces = 48000, []
    for formants in rng.permutation([(300, 2300, 3000), (700, 1100, 2600), (320, 800, 2300)]):
        hiss = scipy.signal.sosfilt(
            scipy.signal.butter(4, (4000, 20000), "bandpass", fs=rate, output="sos"),
            rng.standard_normal(round(0.15 * rate)),
        )
        t = np.arange(round(0.4 * rate)) / rate
        phase = 2 * np.pi * np.cumsum(200 - 40 * t) / rate
        vowel = np.zeros(len(t))
        for n in range(1, 60):
            gaps = [(200 * n - f) / 120 for f in (*formants, 3800)]
            vowel += np.sin(n * phase) * sum(1 / (1 + g * g) for g in gaps) / np.sqrt(n)
        for part, peak in ((hiss, 0.15), (vowel, 0.5)):
            pieces += [loud(part * np.hanning(len(part)) ** 0.25, peak), np.zeros(rate // 50)]
    how = "hisses up to 20 kHz and vowels from three formants"
    return Made(np.concatenate(pieces), rate, how)


RECIPES: dict[str, Callable[[str, np.random.Generator], Made]] = {
    "note": _note,
    "phrase": _phrase,
    "rhythm": _rhythm,
    "nature": _nature,
    "speech": _speech,
    "piece": _piece,
    "noise": _noise,
    "room": _room,
    "wideband": _wideband,
    "piano": _piano,
    "chords": _chords,
}
