"""Small synthetic collections, for a cache that lacks the recorded ones; seeded by their names.

What is spoken is digits and sentences of a speech synthesiser, put together so that words, turns
and texts are known exactly; everyday sounds and music are computed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import scipy.signal

from . import multilingual
from .clips import _clip, _labels, sentences
from .tones import coloured, drums, glides, loud, mixed

WORD = [("word", "U24"), ("start", "f8"), ("end", "f8")]
TURN = [("speaker", "U12"), ("start", "f8"), ("end", "f8")]
NOTE = [("onset", "f8"), ("offset", "f8"), ("pitch", "f8")]
PITCH = [("time", "f8"), ("f0", "f8")]
RATE = 16000
PAUSE = 0.08  # seconds between two digits

# An emotion as the stand-ins have it: times as fast and high, times as loud, and a pole that dulls.
MOODS = {
    "anger": (1.14, 1.8, -0.5),
    "happiness": (1.10, 1.2, 0.0),
    "neutral": (1.0, 1.0, 0.0),
    "sadness": (0.88, 0.6, 0.5),
}


@dataclass(frozen=True)
class Made:
    """A stand-in for a recording: its sound, what it is, and what is known because it was made."""

    name: str
    samples: np.ndarray
    about: str
    rate: int = RATE
    split: str = ""
    speaker: str = ""
    text: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    tables: dict[str, np.ndarray] = field(default_factory=dict)
    parts: tuple[Made, ...] = ()


def _drawn(name: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(name.encode()))


@cache
def voices() -> dict[str, list[list[np.ndarray]]]:
    """The clips of each synthetic voice at 16 kHz, digit by digit: English ones first."""
    found: dict[str, list[list[np.ndarray]]] = {}
    embedded = (_clip("embedded", label) for label in _labels("embedded"))
    for clip in [*embedded, *multilingual.clips()]:
        mine = found.setdefault(clip.speaker, [[] for _ in range(10)])
        mine[clip.digit].append(scipy.signal.resample_poly(clip.samples, RATE, clip.rate))
    return found


def english() -> list[str]:
    """The six voices that say each digit several times."""
    return [name for name, clips in voices().items() if len(clips[0]) > 1]


def word_of(voice: str, digit: int) -> str:
    """The digit in the language of the voice."""
    return multilingual.WORDS[multilingual.language_of(voice)][digit]


def said(
    voice: str, digits: Iterable[int], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Digits said one after another: the samples, and the table of the words' times."""
    pieces, words, at = [np.zeros(round(PAUSE * RATE))], [], round(PAUSE * RATE)
    for digit in digits:
        takes = voices()[voice][digit]
        take = takes[rng.integers(len(takes))]
        words.append((word_of(voice, digit), at / RATE, (at + len(take)) / RATE))
        pieces += [take, np.zeros(round(PAUSE * RATE))]
        at += len(take) + round(PAUSE * RATE)
    return np.concatenate(pieces), np.array(words, dtype=WORD)


def _string(name: str, voice: str, digits: Sequence[int], **known) -> Made:
    samples, words = said(voice, digits, _drawn(name))
    text = " ".join(words["word"])
    about = f"digits said by {voice}, a voice of a speech synthesiser"
    return Made(name, samples, about, speaker=voice, text=text, tables={"words": words}, **known)


def _kathleen() -> Iterator[Made]:
    for number, clip in enumerate(sentences()):
        split = "test" if number > 7 else "dev" if number > 5 else "train"
        about = f"a sentence said by {clip.speaker}, a voice of a speech synthesiser"
        name = f"sentence{number}"
        yield Made(name, clip.samples, about, clip.rate, split, clip.speaker, clip.text)
    for number in range(12):
        split = "test" if number > 9 else "dev" if number > 7 else "train"
        name = f"digits{number}"
        digits = _drawn(name).integers(10, size=4)
        yield _string(name, english()[number % 6], digits, split=split)


def _librispeech10() -> Iterator[Made]:
    for voice in english():
        for number in range(10):
            name = f"{voice}{number}"
            yield _string(name, voice, _drawn(name).integers(10, size=6), split="test")


def _librispeech251() -> Iterator[Made]:
    for voice in voices():
        name = voice.replace(" ", "-")
        yield _string(name, voice, _drawn(name).permutation(10), split="train")


def _emodb4() -> Iterator[Made]:
    for voice in english():
        for sentence in range(3):
            digits = _drawn(f"sentence{sentence}").integers(10, size=3)
            for mood, settings in MOODS.items():
                yield _acted(f"{voice}-{sentence}-{mood}", voice, digits, mood, *settings)


def _acted(
    name: str, voice: str, digits: Sequence[int], mood: str, fast: float, gain: float, dull: float
) -> Made:
    """Digits played faster or slower, louder or softer, duller or sharper, each time a bit else."""
    rng = _drawn(name)
    samples, words = said(voice, digits, rng)
    fast *= rng.uniform(0.95, 1.05)
    samples = scipy.signal.resample_poly(samples, 100, round(100 * fast))
    samples = scipy.signal.lfilter([1 - abs(dull)], [1, -dull], samples)
    samples *= 0.3 * gain * rng.uniform(0.7, 1.4) / np.abs(samples).max()
    about = f"digits said by {voice}, a voice of a speech synthesiser, changed to pass for {mood}"
    text = " ".join(words["word"])
    labels = {"emotion": mood, "sentence": str(name.split("-")[1])}
    return Made(name, samples, about, RATE, voice, voice, text, labels)


def _meetings() -> Iterator[Made]:
    who, meetings = english(), {"train": 3, "dev": 2, "test": 2}
    for split, many in meetings.items():
        for number in range(many):
            name = f"{split}{number}"
            rng = _drawn(name)
            yield _meeting(name, split, rng.permutation(who)[: rng.integers(2, 5)], rng)


def _meeting(name: str, split: str, people: Sequence[str], rng: np.random.Generator) -> Made:
    """Turns of 20 s: another speaker begins up to 0.6 s before the last one ends, or after."""
    total, turns, at, last = np.zeros(24 * RATE), [], 0.5, ""
    while at < 19:
        speaker = str(rng.choice([one for one in people if one != last]))
        samples, _ = said(speaker, rng.integers(10, size=rng.integers(2, 7)), rng)
        samples = samples[: round((23 - at) * RATE)]
        start = round(at * RATE)
        total[start : start + len(samples)] += 0.3 * samples
        turns.append((speaker, at, at + len(samples) / RATE))
        at, last = at + len(samples) / RATE + rng.uniform(-0.6, 0.8), speaker
    total += 0.002 * rng.standard_normal(len(total))
    about = "turns of voices of a speech synthesiser, some at once"
    tables = {"turns": np.array(turns, dtype=TURN)}
    return Made(name, total, about, split=split, tables=tables)


def _everyday() -> Iterator[Made]:
    for label, make in SOUNDS.items():
        for fold in range(1, 6):
            for number in range(2):
                name = f"{fold}-{label}-{number}"
                samples = loud(make(_drawn(name)), 0.5)
                about = f"a computed sound that passes for {label.replace('_', ' ')}"
                yield Made(name, samples, about, split=str(fold), labels={"label": label})


def _clicks(every: float, regular: bool) -> Callable[[np.random.Generator], np.ndarray]:
    def make(rng: np.random.Generator) -> np.ndarray:
        blows = np.zeros(2 * RATE)
        gap = every * rng.uniform(0.8, 1.2)
        times = np.arange(0.1, 1.9, gap) if regular else rng.uniform(0, 2, int(2 / gap))
        blows[(times * RATE).astype(int)] = 1 if regular else rng.uniform(0.2, 1, len(times))
        ring = np.exp(-np.arange(800) / 80) * rng.standard_normal(800)
        return scipy.signal.fftconvolve(blows, ring)[: 2 * RATE] + 0.01 * rng.standard_normal(
            2 * RATE
        )

    return make


def _calls(low: float, high: float, each: float) -> Callable[[np.random.Generator], np.ndarray]:
    return lambda rng: glides(low, high, 2.0, RATE, rng, each)


def _noise(slope: float, beat: float) -> Callable[[np.random.Generator], np.ndarray]:
    def make(rng: np.random.Generator) -> np.ndarray:
        t = np.arange(2 * RATE) / RATE
        swell = 0.55 + 0.45 * np.sin(2 * np.pi * (beat * rng.uniform(0.8, 1.2) * t + rng.random()))
        return coloured(2.0, RATE, slope, rng) * swell

    return make


def _buzz(rng: np.random.Generator) -> np.ndarray:
    t = np.arange(2 * RATE) / RATE
    pitch = rng.uniform(80, 130) * (1 + 0.1 * np.sin(2 * np.pi * rng.uniform(0.5, 2) * t))
    return scipy.signal.sawtooth(2 * np.pi * np.cumsum(pitch) / RATE) + coloured(2.0, RATE, 1, rng)


SOUNDS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "chainsaw": _buzz,
    "clock_tick": _clicks(0.5, regular=True),
    "crackling_fire": _clicks(0.02, regular=False),
    "crying_baby": _calls(350, 600, 0.9),
    "dog": _calls(200, 700, 0.2),
    "helicopter": _noise(2.0, 12.0),
    "rain": _noise(0.0, 0.1),
    "rooster": _calls(700, 1600, 0.6),
    "sea_waves": _noise(1.2, 0.5),
    "sneezing": _clicks(1.0, regular=False),
}


def _bands() -> Iterator[Made]:
    for number, timbre in enumerate(("flute", "trumpet")):
        yield _band(f"band{number}", timbre, 100 + 20 * number, 48 + 5 * number)


def _band(name: str, timbre: str, bpm: int, tonic: int) -> Made:
    """Four bars of four beats, twice: drums, bass, chords and a lead that walks on the chords."""
    rng, beat, notes = _drawn(name), 60 / bpm, {"bass": [], "chords": [], "lead": []}
    for bar, step in enumerate((0, 9, 5, 7) * 2):
        start = 4 * beat * bar
        third = 3 if step == 9 else 4
        tones = [tonic + step + up for up in (0, third, 7)]
        for half in (0, 2):
            notes["bass"].append((start + half * beat, start + (half + 1.9) * beat, tones[0] - 12))
        notes["chords"] += [(start, start + 3.9 * beat, tone + 12) for tone in tones]
        for place in range(4):
            tone = int(rng.choice(tones)) + 24
            notes["lead"].append((start + place * beat, start + (place + 0.9) * beat, tone))
    length = round(32 * beat * RATE)
    sounds = {
        "bass": mixed(notes["bass"], "piano", RATE),
        "chords": mixed(notes["chords"], "organ", RATE),
        "drums": drums(bpm, 32 * beat, RATE, rng),
        "lead": mixed(notes["lead"], timbre, RATE),
    }
    peaks = {"bass": 0.25, "chords": 0.2, "drums": 0.25, "lead": 0.2}
    parts = tuple(
        Made(
            f"{name}_{stem}",
            loud(np.pad(sound, (0, length))[:length], peaks[stem]),
            f"{stem} of a band of computed sounds",
            labels={"stem": stem},
            tables={"notes": np.array(notes.get(stem, []), dtype=NOTE)},
        )
        for stem, sound in sounds.items()
    )
    labels = {"key": "C" if tonic == 48 else "F", "mode": "major", "bpm": str(bpm), "lead": timbre}
    mixture = np.sum([part.samples for part in parts], axis=0)
    return Made(name, mixture, "a band of computed sounds", labels=labels, parts=parts)


def _songs() -> Iterator[Made]:
    steps = (0, 2, 4, 5, 7, 7, 5, 4, 2, 0)
    notes = [(0.2 + 0.5 * n, 0.65 + 0.5 * n, 60.0 + step) for n, step in enumerate(steps)]
    samples = loud(mixed(notes, "voice", 22050))
    time = np.arange(round(len(samples) / 22050 / 0.01)) * 0.01
    f0 = np.zeros(len(time))
    for onset, offset, pitch in notes:
        f0[(time >= onset) & (time < offset)] = 440 * 2 ** ((pitch - 69) / 12)
    words = [("la", onset, offset) for onset, offset, _ in notes]
    yield Made(
        "scale",
        samples,
        "a melody of harmonic tones with vibrato",
        22050,
        text=" ".join(word for word, _, _ in words),
        tables={
            "notes": np.array(notes, dtype=NOTE),
            "f0": np.array(list(zip(time, f0)), dtype=PITCH),
            "words": np.array(words, dtype=WORD),
        },
    )


MAKERS: dict[str, Callable[[], Iterator[Made]]] = {
    "kathleen": _kathleen,
    "librispeech10": _librispeech10,
    "librispeech251": _librispeech251,
    "esc10": _everyday,
    "emodb4": _emodb4,
    "ami_meetings": _meetings,
    "stems": _bands,
    "singing": _songs,
}
