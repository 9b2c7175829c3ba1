"""In which style is a piano piece? By statistics of its notes: how many, how high, how together.

All pieces sound on one piano at one loudness, so only the notes can tell.

Shapes: `M` notes, `P` pieces, `D` = 38 features.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

TOGETHER = 0.035  # seconds within which notes are struck at once
RATIOS = np.log2([0.3, 0.42, 0.59, 0.84, 1.19, 1.68, 2.4, 3.4])  # edges, of times between strokes

Array = NDArray[np.floating]


def strokes(notes: NDArray) -> list[NDArray]:
    """The pitches that are struck at once, from low to high, stroke after stroke."""
    notes = np.sort(notes, order="onset")
    gaps = np.flatnonzero(np.diff(notes["onset"]) > TOGETHER) + 1
    return [np.sort(group["pitch"]) for group in np.split(notes, gaps)]


def shares(values: ArrayLike, edges: ArrayLike) -> Array:
    """A histogram as shares of all values; without values, zeros."""
    count, _ = np.histogram(values, edges)
    return count / max(1, count.sum())


def entropy(share: Array) -> float:
    """Bits of a distribution."""
    some = share[share > 0]
    return float(-np.sum(some * np.log2(some)))


def features(notes: NDArray) -> Array:
    """What the notes of a piece have in common, shape (38,).

    `notes` is a structured array with `onset` (s) and `pitch` (MIDI number), at least two.

    Raises
    ------
    ValueError
        For fewer than two strokes.
    """
    chords = strokes(notes) if len(notes) else []
    if len(chords) < 2:
        raise ValueError("The style of a piece needs two strokes or more.")
    onsets = np.sort(notes["onset"])
    starts = onsets[np.r_[True, np.diff(onsets) > TOGETHER]]
    between = np.diff(starts)
    pitches, sizes = notes["pitch"], np.array([len(chord) for chord in chords])
    tops = np.array([chord[-1] for chord in chords])
    inside = np.concatenate([np.diff(chord) for chord in chords]).astype(int)
    seconds = onsets[-1] - onsets[0] + 1e-3
    return np.concatenate(
        [
            [len(notes) / seconds, len(chords) / seconds, np.log(np.median(between))],
            [pitches.mean(), pitches.std(), *np.percentile(pitches, (5, 95))],
            [entropy(shares(pitches % 12, np.arange(13))), sizes.mean()],
            shares(np.minimum(sizes, 5), np.arange(1, 7)),
            shares(np.minimum(np.abs(np.diff(tops)), 9), np.arange(11)),
            shares(np.minimum(inside, 13), (1, 3, 5, 8, 10, 12, 13, 14)),
            shares(np.log2(between[1:] / between[:-1]), RATIOS),
        ]
    )


def learn(x: ArrayLike, styles: Sequence[str]) -> Pipeline:
    """A linear classifier of rows of features (P, 38); its `predict` names a style a row."""
    rule = LogisticRegression(C=0.3, max_iter=2000)
    return make_pipeline(StandardScaler(), rule).fit(x, styles)
