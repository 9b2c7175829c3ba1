"""Make the speech that ships with the book: `python book/speechlab/data/make_embedded.py`.

It needs espeak-ng on the path. It writes `embedded/` beside this file: spoken digits and sentences
in two FLAC files with a table of what stands where, and a table of vowel formants. The result does
not depend on when or how often it is run: every choice comes from one seeded generator. (Another
release of espeak-ng or of the FLAC encoder may give other bytes and other speech.)
"""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np
import scipy.signal
import soundfile

HERE = Path(__file__).parent / "embedded"
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TOKENS = 8  # of each digit by each speaker; the first TEST of them are the test set
TEST = 2
STEP = 16 / 32768  # of quantisation: 12 bits, below the noise, and FLAC need not store the rest


@dataclass(frozen=True)
class Voice:
    """One synthetic speaker: an espeak-ng voice and the middle of its habits."""

    speaker: str
    voice: str
    pitch: int  # espeak-ng's scale, 0 to 99
    rate: int  # words a minute
    size: float  # playback factor: above one is a shorter vocal tract and a higher voice
    room: float  # decibels from the clip's loudest sample down to the noise
    microphone: float  # above zero dull, below zero thin


VOICES = (
    Voice("alder", "en-gb-x-rp", 38, 150, 1.00, 50, 0.0),
    Voice("birch", "en-us+f2", 55, 160, 1.04, 42, 0.3),
    Voice("cedar", "en-gb-scotland+m3", 30, 140, 0.92, 45, -0.3),
    Voice("hazel", "en+f4", 60, 170, 1.14, 28, 0.1),
    Voice("maple", "en-us+m7", 45, 185, 0.97, 36, 0.5),
    Voice("rowan", "en-gb-x-gbclan+f3", 50, 145, 1.18, 32, -0.5),
)

# Written for this book; between them they use most sounds of English.
SENTENCES = (
    "The yellow kite flew over the quiet harbour.",
    "She measured the echo with a small brass bell.",
    "Five grey geese were swimming under the bridge.",
    "A voice is a buzz that the mouth has shaped.",
    "Please put the thin blue book beside the jar.",
    "Why should the whisper carry no melody at all?",
    "Our engine hummed through the narrow valley.",
    "He heard a hidden tone behind the hiss of rain.",
    "Choose the sharpest chisel from the third shelf.",
    "You always know a friend by the first word.",
)

# Peterson and Barney, JASA 24 (1952) 175-184, table II: mean f0, F1, F2, F3 in hertz.
VOWELS = ("i", "ɪ", "ɛ", "æ", "ɑ", "ɔ", "ʊ", "u", "ʌ", "ɝ")
MEANS = {
    "man": (
        (136, 135, 130, 127, 124, 129, 137, 141, 130, 133),
        (270, 390, 530, 660, 730, 570, 440, 300, 640, 490),
        (2290, 1990, 1840, 1720, 1090, 840, 1020, 870, 1190, 1350),
        (3010, 2550, 2480, 2410, 2440, 2410, 2240, 2240, 2390, 1690),
    ),
    "woman": (
        (235, 232, 223, 210, 212, 216, 232, 231, 221, 218),
        (310, 430, 610, 860, 850, 590, 470, 370, 760, 500),
        (2790, 2480, 2330, 2050, 1220, 920, 1160, 950, 1400, 1640),
        (3310, 3070, 2990, 2850, 2810, 2710, 2680, 2670, 2780, 1960),
    ),
    "child": (
        (272, 269, 260, 251, 256, 263, 276, 274, 261, 261),
        (370, 530, 690, 1010, 1030, 680, 560, 430, 850, 560),
        (3200, 2730, 2610, 2320, 1370, 1060, 1410, 1170, 1590, 1820),
        (3730, 3600, 3570, 3320, 3170, 3180, 3310, 3260, 3360, 2160),
    ),
}
SPEAKERS = {"man": 14, "woman": 14, "child": 8}
REPETITIONS = 2


def say(text: str, voice: str, pitch: int, spread: int, rate: int) -> tuple[np.ndarray, int]:
    """What espeak-ng says, as samples and rate; `spread` is the range of its intonation."""
    ssml = f'<speak><prosody range="{spread}%">{text}</prosody></speak>'
    command = ["espeak-ng", "-m", "-v", voice, "-p", str(pitch), "-s", str(rate), "--stdout", ssml]
    wav = subprocess.run(command, check=True, capture_output=True).stdout
    return soundfile.read(io.BytesIO(wav))


def played(samples: np.ndarray, rate: int, new_rate: int, factor: float) -> np.ndarray:
    """The samples at another rate, played `factor` times as fast (so also as high)."""
    return scipy.signal.resample_poly(samples, new_rate, round(rate * factor))


def recorded(samples: np.ndarray, who: Voice, peak: float, rng: np.random.Generator) -> np.ndarray:
    """Trimmed, brought to a level, in this speaker's room and through this speaker's microphone."""
    _, (start, stop) = librosa.effects.trim(samples, top_db=38, frame_length=256, hop_length=64)
    speech = np.pad(samples[start:stop], 100)
    speech = scipy.signal.lfilter([1], [1, -who.microphone], speech)
    speech *= peak / np.abs(speech).max()
    colour = rng.uniform(0.3, 0.9)
    hiss = scipy.signal.lfilter([1], [1, -colour], rng.standard_normal(len(speech)))
    hiss *= peak * 10 ** (-(who.room + rng.uniform(-6, 6)) / 20) / np.std(hiss)
    return speech + hiss


def spoken_digits(rng: np.random.Generator) -> tuple[list[np.ndarray], list[tuple]]:
    """Clips at 8 kHz and, for each, its speaker, digit and index."""
    clips, labels = [], []
    for who in VOICES:
        for digit, word in enumerate(WORDS):
            for index in range(TOKENS):
                samples, rate = say(
                    word + rng.choice([".", "?", "!", ","]),
                    who.voice,
                    pitch=int(np.clip(rng.normal(who.pitch, 8), 0, 99)),
                    spread=int(rng.integers(40, 180)),
                    rate=int(np.clip(rng.normal(who.rate, 32), 90, 270)),
                )
                factor = who.size * rng.uniform(0.9, 1.1)
                clip = played(samples, rate, 8000, factor)
                clips.append(recorded(clip, who, rng.uniform(0.25, 0.8), rng))
                labels.append((who.speaker, digit, index))
    return clips, labels


def spoken_sentences(rng: np.random.Generator) -> tuple[list[np.ndarray], list[tuple]]:
    """Clips at 16 kHz and, for each, its speaker and text."""
    clips, labels = [], []
    for number, text in enumerate(SENTENCES):
        who = VOICES[number % len(VOICES)]
        samples, rate = say(text, who.voice, who.pitch, 100, who.rate)
        clip = played(samples, rate, 16000, who.size)
        clips.append(recorded(clip, who, 0.6, rng))
        labels.append((who.speaker, text))
    return clips, labels


def vowel_tokens(rng: np.random.Generator) -> list[tuple]:
    """Speakers scattered around the published means, each saying each vowel twice.

    A speaker has one vocal tract length (all formants scale together) and one voice pitch; each
    token adds its own small error, larger for the higher formants.
    """
    rows = []
    for group, count in SPEAKERS.items():
        means = np.array(MEANS[group], dtype=float)  # (4, 10)
        for speaker in range(count):
            tract, pitch = np.exp(rng.normal(0, 0.055)), np.exp(rng.normal(0, 0.13))
            for number, vowel in enumerate(VOWELS):
                habit = np.exp(rng.normal(0, (0.09, 0.07, 0.04)))  # this speaker's own vowel
                for _ in range(REPETITIONS):
                    token = np.exp(rng.normal(0, 0.025, size=3))
                    f0 = means[0, number] * pitch * np.exp(rng.normal(0, 0.03))
                    formants = means[1:, number] * tract * habit * token
                    hertz = [round(float(f)) for f in (f0, *np.sort(formants))]
                    rows.append((group, f"{group[0]}{speaker + 1}", vowel, *hertz))
    return rows


def write_packed(
    name: str,
    clips: list[np.ndarray],
    labels: list[tuple],
    rate: int,
    head: tuple,
    folder: Path = HERE,
    step: float = STEP,
) -> None:
    """All clips in one FLAC file, and a table that says where each starts and stops."""
    edges = np.cumsum([0, *map(len, clips)])
    packed = np.round(np.concatenate(clips) / step) * step
    soundfile.write(folder / f"{name}.flac", packed, rate, subtype="PCM_16", compression_level=1.0)
    rows = [(*label, a, b) for label, a, b in zip(labels, edges, edges[1:], strict=False)]
    write_table(name, (*head, "start", "stop"), rows, folder)


def write_table(name: str, head: tuple, rows: list[tuple], folder: Path = HERE) -> None:
    with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])


def main() -> None:
    if shutil.which("espeak-ng") is None:
        sys.exit("espeak-ng is not installed: install it, then run this again.")
    HERE.mkdir(exist_ok=True)
    rng = np.random.default_rng(20240229)
    write_packed("digits", *spoken_digits(rng), 8000, ("speaker", "digit", "index"))
    write_packed("sentences", *spoken_sentences(rng), 16000, ("speaker", "text"))
    write_table("vowels", ("group", "speaker", "vowel", "f0", "f1", "f2", "f3"), vowel_tokens(rng))
    for file in sorted(HERE.iterdir()):
        print(f"{file.stat().st_size:9,d} bytes  {file.name}")


if __name__ == "__main__":
    main()
