"""Multi-format contrastive learning in small: a sound as samples and as log-mel, brought together.

Two nets look at the same piece of 0.96 s, one at its samples and one at its mel bands, and each
must find what the other says of the piece among what it says of others. There are no labels.

Source: Wang and van den Oord, "Multi-format contrastive learning of audio representations", 2021.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speechlab.systems import part, weights
from speechlab.systems._shared.everyday import (
    Pieces,
    Weights,
    heard_in_mel,
    heard_in_wave,
    initial,
    pieces,
)
from speechlab.systems._shared.layers import affine

FORMATS = ("mel", "wave")

Array = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Net:
    """The two nets with their heads, and the mean and spread of the levels they learned from."""

    w: Weights
    mean: float
    spread: float

    def of_pieces(self, seen: Pieces, format: str) -> Array:
        """Features of pieces in one format, "mel" or "wave"; shape (C, 256)."""
        if format not in FORMATS:
            raise ValueError(f'A format is "mel" or "wave", not {format!r}.')
        w = part(self.w, format)
        if format == "mel":
            return heard_in_mel((seen.mel - self.mean) / self.spread, w)
        return heard_in_wave(seen.wave, w)

    def features(self, samples: ArrayLike, rate: int, formats: Sequence[str] = FORMATS) -> Array:
        """Features of a recording, 256 from each format, averaged over its pieces of 0.96 s.

        Raises `ValueError` for an empty or silent recording, NaN, a rate other than 16000, or
        another format than "mel" and "wave".
        """
        seen = pieces(samples, rate)
        return np.concatenate([self.of_pieces(seen, f).mean(axis=0) for f in formats])

    def projected_pieces(self, seen: Pieces, format: str) -> Array:
        """What is compared between the formats, of all pieces together, of length 1; (128,)."""
        hidden = np.maximum(affine(self.of_pieces(seen, format), self.w, f"{format}.head_1"), 0)
        x = affine(hidden, self.w, f"{format}.head_2")
        x = (x / np.linalg.norm(x, axis=1, keepdims=True)).mean(axis=0)
        return x / np.linalg.norm(x)

    def projected(self, samples: ArrayLike, rate: int, format: str) -> Array:
        """What is compared between the formats of a recording, of length 1; shape (128,)."""
        return self.projected_pieces(pieces(samples, rate), format)


@cache
def net(which: str = "trained") -> Net:
    """The nets after training, or `which="random"`: as they were drawn, with trained heads."""
    if which not in ("trained", "random"):
        raise ValueError(f'There are nets "trained" and "random", not {which!r}.')
    w = dict(weights("multi_format"))
    mean, spread = (float(w.pop(name)) for name in ("mean", "spread"))
    if which == "random":
        w |= {f"{format}.{k}": a for format in FORMATS for k, a in initial(format).items()}
    return Net(w, mean, spread)
