"""What Whisper in small learns from: real and synthetic digits in a row, noise, and its tokens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.signal
from numpy.typing import NDArray
from tqdm.auto import tqdm

from speechlab.corpora.multilingual import NAMES, WORDS
from speechlab.data.make_multilingual import RATE, TRAIN, needs_espeak, spoken
from speechlab.speech.sounds import QUIET, UNHEARD, no_speech
from speechlab.speech.utterances import spoken_part
from speechlab.systems.whisper import BANDS, NUMBER, TASKS, features
from training.common import CHECKPOINTS, both_corpora

Array = NDArray[np.floating]
Source = dict[str, list[list[Array]]]  # by speaker and digit

SILENT = 0.08  # of all examples are without speech
ENGLISH = 0.42  # of the rest are English; the other languages share what is left
SOURCES = {"fsdd": 0.5, "embedded": 0.3, "en": 0.2}  # of English
COUNTS = (0.3, 0.28, 0.25, 0.17)  # how often one word, two, three, four
PER_VOICE = 3  # times that each voice says each digit


@dataclass(frozen=True)
class Example:
    """Features (T, BANDS), tokens from the first to the last, and which of them are asked."""

    mel: Array
    tokens: list[int]
    asked: list[bool]


def speech(fresh: bool) -> dict[str, Source]:
    """All training speech, by source: "fsdd", "embedded", and a language spoken by espeak-ng."""
    sources: dict[str, Source] = {}
    for corpus, clips in both_corpora("train").items():
        sources[corpus] = {}
        for clip in clips:
            digits = sources[corpus].setdefault(clip.speaker, [[] for _ in range(10)])
            digits[clip.digit].append(clip.samples.astype(np.float32))
    return sources | by_espeak(fresh)


def by_espeak(fresh: bool) -> dict[str, Source]:
    """The digits of all languages by the voices for training; kept, so that a run can go on."""
    path = CHECKPOINTS / "whisper-speech.npz"
    if fresh or not path.is_file():
        needs_espeak()
        rng = np.random.default_rng(5)
        arrays = {}
        voices = [(language, variant) for language in WORDS for variant in TRAIN]
        for language, variant in tqdm(voices, desc="espeak-ng", disable=None):
            for n, (digit, clip) in enumerate(spoken(language, variant, PER_VOICE, False, rng)):
                arrays[f"{language} {variant} {digit} {n}"] = clip.astype(np.float16)
        CHECKPOINTS.mkdir(exist_ok=True)
        part = path.with_suffix(".part.npz")
        np.savez(part, **arrays)
        part.replace(path)
    sources: dict[str, Source] = {language: {} for language in WORDS}
    with np.load(path) as arrays:
        for name in arrays.files:
            language, variant, digit, _ = name.split()
            digits = sources[language].setdefault(variant, [[] for _ in range(10)])
            digits[int(digit)].append(arrays[name].astype(np.float32))
    return sources


class Drawn:
    """Draws examples for ever."""

    def __init__(self, sources: dict[str, Source], rng: np.random.Generator) -> None:
        self.sources, self.rng = sources, rng

    def example(self, most: int = len(COUNTS)) -> Example:
        """A recording of `most` words at most, with its task, answered."""
        rng = self.rng
        if rng.random() < SILENT:
            kind = str(rng.choice([*(k for k in QUIET if k != UNHEARD), "nothing"]))
            seconds = rng.uniform(0.3, 3)
            samples = (
                np.zeros(round(seconds * RATE))
                if kind == "nothing"
                else no_speech(kind, seconds, rng)
            )
            tokens = [NUMBER[f"<|{name}|>"] for name in ("start", "nospeech", "end")]
            return Example(self.heard(samples), tokens, [True, True])
        language = "en" if rng.random() < ENGLISH else str(rng.choice(list(NAMES)[1:]))
        source = language
        if language == "en":
            source = str(rng.choice(list(SOURCES), p=list(SOURCES.values())))
        digits = rng.integers(10, size=min(most, 1 + rng.choice(len(COUNTS), p=COUNTS)))
        task = str(rng.choice(TASKS))
        words = WORDS["en" if task == "translate" else language]
        tokens = [NUMBER[f"<|{name}|>"] for name in ("start", language, task)]
        tokens += [NUMBER[words[d]] for d in digits] + [NUMBER["<|end|>"]]
        asked = [True, False] + [True] * (len(digits) + 1)
        return Example(self.heard(self.said(source, digits)), tokens, asked)

    def said(self, source: str, digits: NDArray[np.int_]) -> Array:
        """The digits in a row by one voice, in a room, through a microphone."""
        rng = self.rng
        voices = self.sources[source]
        voice = voices[str(rng.choice(list(voices)))]
        speed, most = rng.uniform(0.88, 1.14), rng.choice([0.05, 0.25, 0.5])
        parts = [np.zeros(int(rng.uniform(0, 0.3) * RATE))]
        for digit in digits:
            clip = voice[digit][rng.integers(len(voice[digit]))]
            clip = spoken_part(clip) if rng.random() < 0.7 else clip / np.abs(clip).max()
            length = round(len(clip) / speed)
            clip = np.interp(np.arange(length) * speed, np.arange(len(clip)), clip)
            parts += [rng.uniform(0.3, 1) * clip, np.zeros(int(rng.uniform(0, most) * RATE))]
        parts.append(np.zeros(int(rng.uniform(0, 0.3) * RATE)))
        samples = np.concatenate(parts)
        samples = scipy.signal.lfilter([1, rng.uniform(-0.6, 0.6)], [1], samples)
        pole = rng.uniform(-0.5, 0.95)
        noise = scipy.signal.lfilter([1], [1, -pole], rng.standard_normal(len(samples)))
        ratio = np.sqrt(np.mean(samples**2) / np.mean(noise**2))
        return samples + ratio * 10 ** (-rng.uniform(8, 45) / 20) * noise

    def heard(self, samples: Array) -> Array:
        """Features, in three of ten examples with some neighbouring bands hidden."""
        mel = features(samples).astype(np.float32)
        if self.rng.random() < 0.3:
            first = self.rng.integers(BANDS)
            mel[:, first : first + self.rng.integers(1, 8)] = mel.mean()
        return mel

    def batches(self, count: int, size: int, most: int) -> list[list[Example]]:
        """So many batches of examples about as long as each other, in random order."""
        drawn = (self.example(most) for _ in range(count * size))
        examples = sorted(drawn, key=lambda e: len(e.mel))
        batches = [examples[k : k + size] for k in range(0, count * size, size)]
        return [batches[k] for k in self.rng.permutation(count)]
