"""How often the hidden Markov models of words are wrong, beside the nearest template."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.figures import Figure, digit_dtw
from speechlab.speech.cepstra import Spoken
from speechlab.systems.digit_hmm import recognise, train_words


def errors(train: Spoken, test: Spoken, n_states: int = 8) -> NDArray[np.bool_]:
    """Which test clips are not recognised by models of the training clips, shape (R,)."""
    return recognise(train_words(train.x, train.words, n_states), test.x) != test.words


def errors_of_strangers(train: Spoken, test: Spoken, n_states: int = 8) -> NDArray[np.bool_]:
    """The same, with each voice's clips given to models that were trained on all other voices."""
    wrong = np.zeros(len(test.words), dtype=bool)
    for voice in np.unique(train.voices):
        theirs = test.voices == voice
        wrong[theirs] = errors(train.where(train.voices != voice), test.where(theirs), n_states)
    return wrong


def figures() -> list[Figure]:
    """Word error rate on the test clips, speakers known and new, beside the nearest template's."""
    train, test = (Spoken.of(corpora.digits(split)) for split in ("train", "test"))
    templates = digit_dtw.errors(train, test, "euclidean", similar=False)
    return [
        Figure.of(
            f"HMM recogniser, speaker {voice}",
            "word error",
            measure(train, test),
            "nearest template",
            templates[voice],
            corpora.name(),
        )
        for voice, measure in (("known", errors), ("new", errors_of_strangers))
    ]
