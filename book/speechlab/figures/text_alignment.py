"""How far the beginnings and ends of words are from those of another aligner.

The reference is a machine's too (pocketsphinx, with phones and a dictionary), which nobody checked;
of stand-ins, the times are known. The baseline cuts the sound evenly among the letters.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.speech.cepstra import features
from speechlab.systems.text_alignment import Aligner, Script, even, learn, spans

LESSONS = 150  # sentences


def sentences(split: str) -> list[corpora.Recording]:
    """The sentences of a split whose words have times."""
    found = corpora.collection("kathleen")
    return [one for one in found if one.split == split and "words" in one.tables]


@lru_cache
def _learned(held: bool) -> Aligner:
    lessons = sentences("train")
    step = max(1, len(lessons) // LESSONS)
    return learn([(one.samples, one.rate, one.text) for one in lessons[::step][:LESSONS]])


def learned() -> Aligner:
    """An aligner from sentences for training."""
    return _learned(corpora.held_collection("kathleen"))


def evenly(sentence: corpora.Recording) -> list[tuple[str, float, float]]:
    """The words, with the sound cut evenly among their letters."""
    x, script = features(sentence.samples, sentence.rate), Script.of(sentence.text)
    return spans(even(script, x), script, sentence.text)


def apart(found: list[tuple[str, float, float]], sentence: corpora.Recording) -> NDArray:
    """Seconds between the edges of words and those of the reference, shape (2 W,).

    Raises `ValueError` if the words differ.
    """
    table = sentence.tables["words"]
    if [word for word, *_ in found] != [str(word).replace("'", "") for word in table["word"]]:
        raise ValueError(f"The words of {sentence.name} differ from those of the reference.")
    edges = np.array([(start, end) for _, start, end in found])
    return np.abs(edges - np.c_[table["start"], table["end"]]).ravel()


def figures(most: int | None = None) -> list[Figure]:
    """The median distance, and the share within 50 ms; `most` keeps the first so many sentences."""
    aligner, heard = learned(), sentences("test")[:most]
    ours = [apart(aligner.align(one.samples, one.rate, one.text), one) for one in heard]
    base = [apart(evenly(one), one) for one in heard]
    where = "synthetic digits" if heard[0].standin else "Kathleen, against pocketsphinx"
    ours, base = np.concatenate(ours), np.concatenate(base)
    return [
        Figure.of(
            "alignment",
            "median error",
            1000 * ours,
            "even cuts",
            1000 * base,
            where,
            np.median,
            unit="ms",
        ),
        Figure.of(
            "alignment",
            "edges within 50 ms",
            ours <= 0.05,
            "even cuts",
            base <= 0.05,
            where,
            better="higher",
        ),
    ]
