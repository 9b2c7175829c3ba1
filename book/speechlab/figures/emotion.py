"""How often acted emotions of a person who was not learned from are named rightly.

Each speaker is left out in turn. The baseline knows means and deviations of cepstra only, and
nothing of the person.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.systems.emotion import features, learn, own_terms

CEPSTRA = 40  # how many of the features are not prosody


@lru_cache
def _utterances(held: bool) -> tuple[NDArray, NDArray, NDArray]:
    found = corpora.collection("emodb4")
    x = np.array([features(one.samples, one.rate) for one in found])
    emotions = np.array([one.labels["emotion"] for one in found])
    return x, emotions, np.array([one.speaker for one in found])


def utterances() -> tuple[NDArray, NDArray, NDArray]:
    """Features (R, 50), emotions (R,) and speakers (R,)."""
    return _utterances(corpora.held_collection("emodb4"))


def named(x: NDArray, emotions: NDArray, speakers: NDArray) -> NDArray[np.str_]:
    """The emotion that is named for each utterance by a rule from the other speakers, (R,)."""
    found = np.empty_like(emotions)
    for speaker in np.unique(speakers):
        own = speakers == speaker
        found[own] = learn(x[~own], emotions[~own]).predict(x[own])
    return found


def right(how: Callable[[NDArray, NDArray], NDArray]) -> NDArray[np.bool_]:
    """Which utterances are named rightly, by features that `how` makes of those and speakers."""
    x, emotions, speakers = utterances()
    return named(how(x, speakers), emotions, speakers) == emotions


def figures() -> list[Figure]:
    """Emotions right, of a voice never heard and of one whose other utterances are at hand."""
    base = right(lambda x, _: x[:, :CEPSTRA])
    where = "Emo-DB, acted" if corpora.held_collection("emodb4") else "synthetic emotions"
    return [
        Figure.of(f"emotion, {case}", "right", rows, "cepstra alone", base, where, better="higher")
        for case, rows in (
            ("new speaker", right(lambda x, _: x)),
            ("new speaker, in their own terms", right(own_terms)),
        )
    ]
