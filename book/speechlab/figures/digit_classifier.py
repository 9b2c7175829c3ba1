"""How often the net of digits is wrong about voices that it has never heard.

Each voice is left out in turn, and a net is trained on the others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.systems.digit_classifier import DIGITS, Examples, Settings, recordings, train

CHOSEN = Settings(penalty=10.0, keep=0.5)
MOST = 20  # training clips of each digit by each voice


def nearest_mean(examples: Examples, heard: Examples) -> NDArray[np.bool_]:
    """Which clips are nearest to the mean picture of another digit, shape (M,): the baseline."""
    means = np.array([examples.x[examples.digits == digit].mean(axis=0) for digit in range(DIGITS)])
    apart = np.sum((heard.x[:, None] - means) ** 2, axis=(2, 3))
    return apart.argmin(axis=1) != heard.digits


def errors(lessons: Examples, heard: Examples) -> list[NDArray[np.bool_]]:
    """Which clips are answered wrongly by a net that learned from the lessons, and by the means."""
    return [train(lessons, CHOSEN).wrong(heard), nearest_mean(lessons, heard)]


def figures() -> list[Figure]:
    """Error on test clips of known and of new voices, beside the nearest mean picture."""
    voices = corpora.speakers()
    lessons = Examples.of(recordings("train", voices, MOST))
    heard = Examples.of(recordings("test", voices, MOST))
    found = {"known": [errors(lessons, heard)], "new": []}
    for voice in voices:
        others = [other for other in voices if other != voice]
        found["new"].append(errors(lessons.by(others), heard.by([voice])))
    return [
        Figure.of(
            f"digit classifier, speaker {group}",
            "word error",
            np.concatenate([net for net, _ in pairs]),
            "nearest mean picture",
            np.concatenate([means for _, means in pairs]),
            corpora.name(),
        )
        for group, pairs in found.items()
    ]
