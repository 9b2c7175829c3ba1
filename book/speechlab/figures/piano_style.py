"""How often the style of a piece is named rightly, from its notes and from its sound alone.

Each piece is left out in turn. From the sound, the notes are those that `piano_notes` finds, in
pieces that its spectra were not learned from. Baselines: the commonest style, and means and
deviations of cepstra of the sound.
"""

from __future__ import annotations

import librosa
import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.figures.piano_notes import HEARD, piano
from speechlab.systems.piano_style import features, learn


def style(piece: corpora.Example) -> str:
    """The style of a piece, or of a stand-in its mode."""
    return piece.style or piece.key.split()[1]


def pieces() -> list[corpora.Example]:
    """All pieces for piano."""
    return [corpora.example(name) for name in corpora.examples("piano")]


def named(x: NDArray, styles: NDArray) -> NDArray[np.str_]:
    """What is named for each piece by a rule from all others, shape (P,)."""
    others = ~np.eye(len(x), dtype=bool)
    return np.array([learn(x[o], styles[o]).predict(row[None])[0] for o, row in zip(others, x)])


def commonest(styles: NDArray) -> NDArray[np.str_]:
    """The commonest style among all others, for each piece."""
    names = np.unique(styles)
    counts = np.array([np.sum(styles == name) for name in names])
    return np.array([names[np.argmax(counts - (names == own))] for own in styles])


def cepstra(piece: corpora.Example) -> NDArray:
    """Means and deviations of 20 cepstral coefficients of the sound, shape (40,)."""
    mfcc = librosa.feature.mfcc(y=piece.samples, sr=piece.rate, n_mfcc=20)
    return np.concatenate([mfcc.mean(axis=1), mfcc.std(axis=1)])


def by_sound() -> tuple[NDArray, NDArray]:
    """Which of some pieces are named rightly from the notes that are found, and from cepstra."""
    every = pieces()
    styles = np.array([style(one) for one in every])
    known, timbre = (
        np.array([features(p.notes) for p in every]),
        np.array(list(map(cepstra, every))),
    )
    found = []
    for place in range(len(every))[HEARD]:
        one, others = every[place], np.arange(len(every)) != place
        heard = features(piano().notes(one.samples, one.rate))
        found.append(
            [
                learn(rows[others], styles[others]).predict(row[None])[0] == styles[place]
                for rows, row in ((known, heard), (timbre, timbre[place]))
            ]
        )
    ours, base = np.transpose(found)
    return ours, base


def figures() -> list[Figure]:
    """Styles right, from the notes of the score and from the sound."""
    every = pieces()
    styles = np.array([style(one) for one in every])
    found = named(np.array([features(one.notes) for one in every]), styles) == styles
    where = "modes of synthetic piano" if every[0].standin else "rendered piano, five styles"
    ours, base = by_sound()
    return [
        Figure.of(
            f"piano style, {case}", "right", rows, baseline, base_rows, where, better="higher"
        )
        for case, rows, baseline, base_rows in (
            ("from the score", found, "commonest", commonest(styles) == styles),
            ("from the sound", ours, "cepstra", base),
        )
    ]
