"""From posteriors of eleven classes a frame to digits: greedily, and by a beam of prefixes.

All beams of a frame are extended at once, in the log domain.

Shapes: `T` frames, `K` prefixes of the beam; class 0 is the blank, d + 1 the digit d.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speechlab.speech.connected_digits import Digits, Language

Array = NDArray[np.floating]


def _checked(posteriors: ArrayLike) -> Array:
    y = np.asarray(posteriors, dtype=float)
    if y.ndim != 2 or y.shape[1] != 11 or len(y) == 0:
        raise ValueError("Posteriors have the shape (T, 11), with at least one frame.")
    if not np.all(np.isfinite(y)) or np.any(y < 0):
        raise ValueError("Posteriors are finite and not negative.")
    return y


def greedy(posteriors: ArrayLike) -> Digits:
    """The likeliest class of each frame, repetitions and blanks left out."""
    best = _checked(posteriors).argmax(axis=1)
    return tuple(int(k) - 1 for k, _ in groupby(best) if k)


def beam_search(
    posteriors: ArrayLike,
    language: Language | None = None,
    weight: float = 1.0,
    width: int = 12,
) -> Digits:
    """The best digits by the sum over all their alignments, and by a language model.

    The score of a sequence is ln p(digits | sound) + `weight` (ln p_LM(digits) + L ln 10). The
    last term gives back the tenth that a net without a language pays for each of L digits;
    without it a language model would favour saying less. A uniform language changes nothing.

    Parameters
    ----------
    posteriors : shape (T, 11)
    language : which digit follows which (default: none)
    weight : how much the language counts, 0 or more
    width : how many prefixes are kept from frame to frame
    """
    if width < 1 or weight < 0:
        raise ValueError("A beam keeps one prefix or more, and a weight is not negative.")
    with np.errstate(divide="ignore"):
        log_y = np.log(_checked(posteriors))
    table = np.full((11, 10), 0.1) if language is None else language.table
    follows = weight * np.log(np.maximum(10 * table, 1e-300))
    prefixes: list[Digits] = [()]
    # Of the paths to each prefix: those that end in a blank, those that end in its last digit.
    blank, digit, said = np.zeros(1), np.full(1, -np.inf), np.zeros(1)
    for frame in log_y:
        last = np.array([p[-1] + 1 if p else 0 for p in prefixes])
        both = np.logaddexp(blank, digit)
        longer = both[:, None] + frame[1:]
        has = np.flatnonzero(last)
        # A digit right after itself is the same digit, unless a blank stood between.
        longer[has, last[has] - 1] = blank[has] + frame[last[has]]
        stay_digit = np.where(last > 0, digit + frame[last], -np.inf)
        _merge(prefixes, longer, stay_digit)
        spoken = np.concatenate([said, (said[:, None] + follows[last]).ravel()])
        blank = np.concatenate([both + frame[0], np.full(longer.size, -np.inf)])
        digit = np.concatenate([stay_digit, longer.ravel()])
        score = np.logaddexp(blank, digit) + spoken
        kept = np.argsort(-score, kind="stable")[:width]
        kept = kept[score[kept] > -np.inf]
        if len(kept) == 0:
            raise ValueError("Nothing can have been said: each way has a probability of zero.")
        prefixes = [_prefix(prefixes, int(k)) for k in kept]
        blank, digit, said = blank[kept], digit[kept], spoken[kept]
    return prefixes[0]


def _prefix(prefixes: Sequence[Digits], k: int) -> Digits:
    """Candidate k: first the prefixes as they are, then each with each digit behind it."""
    if k < len(prefixes):
        return prefixes[k]
    parent, digit = divmod(k - len(prefixes), 10)
    return (*prefixes[parent], digit)


def _merge(prefixes: Sequence[Digits], longer: Array, stay_digit: Array) -> None:
    """Count the ways to a prefix of the beam together, whether it was there or is reached anew."""
    where = {p: k for k, p in enumerate(prefixes)}
    met = [(k, where[p[:-1]], p[-1]) for k, p in enumerate(prefixes) if p and p[:-1] in where]
    if met:
        k, parent, digit = np.array(met).T
        stay_digit[k] = np.logaddexp(stay_digit[k], longer[parent, digit])
        longer[parent, digit] = -np.inf
