"""How often the shipped models of the digits are wrong about a voice that they have never heard."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.speech.cepstra import features
from speechlab.speech.utterances import spoken_part
from speechlab.systems import digit_words


def strange_clips() -> list[corpora.Clip]:
    """All clips of the voice that was kept out."""
    known = set(corpora.speakers())
    return corpora.digits("all", [who for who in digit_words.STRANGERS if who in known])


def errors(clips: list[corpora.Clip]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which clips the models and which the templates do not recognise, each of shape (R,)."""
    x = [features(spoken_part(clip.samples), clip.rate) for clip in clips]
    said = np.array([clip.digit for clip in clips])
    ways = (digit_words.model_scores, digit_words.template_scores)
    by_models, by_templates = (np.array([np.argmax(way(one)[0]) for one in x]) for way in ways)
    return by_models != said, by_templates != said


def figures() -> list[Figure]:
    """Word error rate of the models, beside that of the nearest template."""
    by_models, by_templates = errors(strange_clips())
    name = "HMM recogniser that ships with the book"
    return [
        Figure.of(
            name,
            "word error, a voice that was kept out",
            by_models,
            "nearest of the shipped templates",
            by_templates,
            corpora.name(),
        )
    ]
