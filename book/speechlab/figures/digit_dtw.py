"""How often the nearest template, by dynamic time warping, is one of another word."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.speech.cepstra import Spoken
from speechlab.systems.digit_dtw import Templates, nearest


def one_each(spoken: Spoken) -> NDArray[np.int_]:
    """The first clip of each word by each voice."""
    labels = np.char.add(spoken.voices, spoken.words.astype(str))
    return np.unique(labels, return_index=True)[1]


def errors(
    train: Spoken, test: Spoken, measure: str = "cosine", similar: bool = True
) -> dict[str, NDArray[np.bool_]]:
    """Which test clips are nearest to a template of another word, shape (R,).

    One template a word and voice, from the training clips. "known": all templates are asked;
    "new": those of the clip's own voice are not.
    """
    first = one_each(train)
    templates = Templates([train.x[i] for i in first], train.words[first])
    scores = np.array([templates.scores(x, measure, similar) for x in test.x])
    same = train.voices[first] == test.voices[:, None]
    asked = {"known": scores, "new": np.where(same, -np.inf, scores)}
    return {voice: nearest(templates, kept) != test.words for voice, kept in asked.items()}


def figures() -> list[Figure]:
    """Word error rate by the exam's recursion and by cost, beside Euclidean costs as usual."""
    train, test = (Spoken.of(corpora.digits(split)) for split in ("train", "test"))
    usual = errors(train, test, "euclidean", similar=False)
    return [
        Figure.of(
            f"DTW recogniser, {name}, speaker {voice}",
            "word error",
            wrong,
            "cost, Euclidean",
            usual[voice],
            corpora.name(),
        )
        for name, similar in (("the exam's recursion", True), ("cost, one minus cosine", False))
        for voice, wrong in errors(train, test, "cosine", similar).items()
    ]
