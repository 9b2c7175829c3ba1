"""The sounds that stand-ins are made of: harmonic tones, drums, glides and coloured noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Timbre:
    """Strengths of the harmonics; seconds to rise and, of what is struck, to fall to 1/e."""

    harmonics: tuple[float, ...]
    attack: float = 0.05
    decay: float = np.inf
    vibrato: float = 0.0  # relative excursion of the pitch, 5.5 times a second


TIMBRES = {
    "flute": Timbre((1, 0.5, 0.15, 0.05, 0.02), 0.08, vibrato=0.004),
    "oboe": Timbre((0.3, 0.6, 1, 0.8, 0.5, 0.3, 0.2, 0.1, 0.05), 0.04),
    "trumpet": Timbre((0.7, 0.9, 1, 0.9, 0.7, 0.5, 0.35, 0.25, 0.15, 0.1), 0.05),
    "violin": Timbre((1, 0.7, 0.6, 0.4, 0.35, 0.25, 0.2, 0.15, 0.1, 0.08), 0.08, vibrato=0.005),
    "organ": Timbre((1, 0.8, 0.4, 0.6, 0.1, 0.2, 0.05, 0.3), 0.02),
    "voice": Timbre((1, 0.8, 0.6, 0.25, 0.1, 0.08, 0.12, 0.15, 0.1), 0.08, vibrato=0.01),
    "vibraphone": Timbre((1, 0, 0, 0.3), 0.003, 0.8),
    "piano": Timbre((1, 0.6, 0.4, 0.25, 0.15, 0.1, 0.06), 0.005, 0.6),
}


def hertz(pitch: float) -> float:
    """The frequency of a MIDI pitch: 69 is the A of 440 Hz."""
    return 440 * 2 ** ((pitch - 69) / 12)


def played(pitch: float, timbre: str, seconds: float, rate: int) -> np.ndarray:
    """One note, shape `(N,)`: a sum of those harmonics that lie below half the rate."""
    how, t = TIMBRES[timbre], np.arange(round(seconds * rate)) / rate
    turns = 2 * np.pi * 5.5
    phase = 2 * np.pi * hertz(pitch) * (t - how.vibrato * np.cos(turns * t) / turns)
    top = rate / 2 / hertz(pitch)
    sound = sum(a * np.sin(n * phase) for n, a in enumerate(how.harmonics, 1) if n < 0.95 * top)
    fall = np.minimum(1, (seconds - t) / 0.03)  # no click at the end
    return sound * np.minimum(1, t / how.attack) * np.exp(-t / how.decay) * fall


def mixed(notes: Sequence[tuple], timbre: str, rate: int) -> np.ndarray:
    """The sound of notes `(onset, offset, pitch)`; each ends with its offset."""
    total = np.zeros(round(max(off for _, off, _ in notes) * rate) + 1)
    for onset, offset, pitch in notes:
        start, note = round(onset * rate), played(pitch, timbre, offset - onset, rate)
        total[start : start + len(note)] += note[: len(total) - start]
    return total


def loud(samples: np.ndarray, peak: float = 0.5) -> np.ndarray:
    return samples * (peak / np.abs(samples).max())


def coloured(seconds: float, rate: int, slope: float, rng: np.random.Generator) -> np.ndarray:
    """Noise whose power falls as frequency to the `-slope`: 0 is white, 1 pink, 2 brown."""
    length = round(seconds * rate)
    spectrum = np.fft.rfft(rng.standard_normal(length))
    bins = np.maximum(np.arange(len(spectrum)), 20 * seconds)  # flat below 20 Hz
    return np.fft.irfft(spectrum * bins ** (-slope / 2), length)


def drums(bpm: float, seconds: float, rate: int, rng: np.random.Generator) -> np.ndarray:
    """Two kinds of strokes: low ones on the beats, bright ones between and on every second."""
    t = np.arange(round(0.25 * rate)) / rate
    low = np.sin(2 * np.pi * (60 * t + 4 * (1 - np.exp(-t / 0.03)))) * np.exp(-t / 0.08)
    bright = np.diff(rng.standard_normal(len(t) + 1)) * np.exp(-t / 0.03)
    total = np.zeros(round(seconds * rate) + len(t))
    for half in range(int(seconds * bpm / 30)):
        start = round(half * 30 / bpm * rate)
        stroke = 0.15 * bright if half % 2 else low + (0.4 * bright if half % 4 == 2 else 0)
        total[start : start + len(t)] += stroke
    return total[: round(seconds * rate)]


def glides(
    lows: float, highs: float, seconds: float, rate: int, rng: np.random.Generator, each: float
) -> np.ndarray:
    """Calls that glide between random pitches, each so many seconds, with pauses between."""
    t, calls = np.arange(round(each * rate)) / each / rate, []
    for _ in range(int(seconds / each / 1.5)):
        pitches = np.exp(rng.uniform(np.log(lows), np.log(highs), 4))
        phase = 2 * np.pi * np.cumsum(np.interp(t, [0, 0.3, 0.7, 1], pitches)) / rate
        call = (np.sin(phase) + 0.4 * np.sin(2 * phase) + 0.2 * np.sin(3 * phase)) * np.sin(
            np.pi * t
        )
        calls += [call, np.zeros(len(call) // 2)]
    return np.concatenate(calls)
