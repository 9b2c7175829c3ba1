"""Make the digits in five languages: `python book/speechlab/data/make_multilingual.py`.

It needs espeak-ng on the path. It writes `multilingual/` beside this file: one FLAC file with a
table of what stands where. Every choice comes from one seeded generator. The training script
draws its own speech by `spoken` as well, from other voices, pitches and rates.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import librosa
import numpy as np

from speechlab.corpora.multilingual import WORDS
from speechlab.data.make_embedded import played, say, write_packed

HERE = Path(__file__).parent / "multilingual"
RATE = 8000
STEP = 128 / 32768  # of quantisation: 9 bits, so that 80 seconds stay under 400 KB
TALKERS = {  # espeak-ng's talkers of each language
    "en": ("en-gb", "en-us", "en-gb-x-rp"),
    "de": ("de",),
    "fr": ("fr-fr", "fr-be", "fr-ch"),
    "es": ("es", "es-419"),
    "it": ("it",),
}
# Variants of the voice. The pitches and rates of the test set are odd, those of training even.
TEST = ("m5", "f5", "edward", "Annie")
TRAIN = (
    *("m1", "m2", "m3", "m4", "m6", "m7", "m8", "f1", "f2", "f3", "f4"),
    *("linda", "steph", "belinda", "adam", "klatt2"),
)


def spoken(
    language: str, variant: str, times: int, odd: bool, rng: np.random.Generator
) -> Iterator[tuple[int, np.ndarray]]:
    """Each digit as often as asked, with the silence around it cut off; samples at 8 kHz."""
    for digit, word in enumerate(WORDS[language]):
        for _ in range(times):
            samples, rate = say(
                word + rng.choice([".", "?", "!", ","]),
                f"{rng.choice(TALKERS[language])}+{variant}",
                pitch=2 * int(rng.integers(10, 40)) + odd,
                spread=int(rng.integers(40, 180)),
                rate=2 * int(rng.integers(55, 105)) + odd,
            )
            faster = 100 * rng.integers(204, 247) / rate  # a round ratio, which resamples soon
            clip = played(samples, rate, RATE, faster)
            _, (a, b) = librosa.effects.trim(clip, top_db=38, frame_length=256, hop_length=64)
            yield digit, rng.uniform(0.4, 0.7) * clip[a:b] / np.abs(clip).max()


def needs_espeak() -> None:
    """Stop with what to do if espeak-ng is not there."""
    if shutil.which("espeak-ng") is None:
        sys.exit("espeak-ng is not installed: install it, then run this again.")


def main() -> None:
    needs_espeak()
    HERE.mkdir(exist_ok=True)
    rng = np.random.default_rng(20241102)
    clips, labels = [], []
    for language in WORDS:
        for variant in TEST:
            for digit, samples in spoken(language, variant, 1, True, rng):
                clips.append(samples)
                labels.append((language, variant, digit))
    head = ("language", "voice", "digit")
    write_packed("clips", clips, labels, RATE, head, folder=HERE, step=STEP)
    for file in sorted(HERE.iterdir()):
        print(f"{file.stat().st_size:9,d} bytes  {file.name}")


if __name__ == "__main__":
    main()
