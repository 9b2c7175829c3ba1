"""The digits' templates and hidden Markov models that ship, by ten rounds of Baum-Welch."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from speechlab.figures.digit_words import figures
from speechlab.speech.cepstra import Spoken
from speechlab.speech.utterances import spoken_part
from speechlab.systems.digit_hmm import train_words
from speechlab.systems.digit_words import STATES, STRANGERS
from training.common import Card, both_corpora, publish

EACH = 2  # templates of a digit by a voice
ROUNDS = 10


def main(fresh: bool) -> bool:
    """Train, ship, measure. There is nothing to go on with: it takes a minute."""
    begun = time.perf_counter()
    clips = [
        clip
        for part in both_corpora("train").values()
        for clip in part
        if clip.speaker not in STRANGERS
    ]
    spoken = Spoken.of([replace(clip, samples=spoken_part(clip.samples)) for clip in clips])
    models = train_words(spoken.x, spoken.words, STATES, ROUNDS)
    kept, counts = [], {}
    for place, clip in enumerate(clips):
        counts[clip.speaker, clip.digit] = counts.get((clip.speaker, clip.digit), 0) + 1
        if counts[clip.speaker, clip.digit] <= EACH:
            kept.append(place)
    arrays = {
        "frames": np.concatenate([spoken.x[k] for k in kept]),
        "lengths": np.array([len(spoken.x[k]) for k in kept], dtype=np.int16),
        "words": spoken.words[kept].astype(np.int8),
        "stay": np.array([models[word].stay for word in range(10)]),
        "means": np.array([models[word].means for word in range(10)]),
        "variances": np.array([models[word].variances for word in range(10)]),
    }
    learned = sum(arrays[name].size for name in ("stay", "means", "variances"))

    def measure() -> Card:
        return Card.of(
            figures()[0],
            data="Free Spoken Digit Dataset (Zohar Jackson et al.), clips 5-49 of each digit and"
            " speaker, and the embedded synthetic speech, training half; without the voices"
            f" {' and '.join(STRANGERS)}",
            command="python -m training digit_words",
            tolerance=0.02,
            parameters=learned,
            minutes=round((time.perf_counter() - begun) / 60, 2),
        )

    return publish("digit_words", arrays, measure)
