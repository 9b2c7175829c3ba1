"""BYOL-A in small: a net that learns everyday sounds by agreeing with itself about two views.

One net looks at a piece of 0.96 s with another sound in the background and stretched at random, and
predicts what a slower copy of it says of another such view. There are no labels and no negatives.
The net that is kept makes 256 numbers of a piece, and their mean over the pieces of a recording is
what a recording sounds like.

Source: Niizumi et al., "BYOL for Audio", 2021.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import map_coordinates

from speechlab.systems import weights
from speechlab.systems._shared.everyday import Weights, heard_in_mel, initial, pieces

LOUDEST = 0.4  # the largest share of the power that a background has
SIZES = (0.6, 1.5)  # of the box that is cut, in heights and widths of the picture
ROOM = 1.5  # lengths of the picture between which a box lies in time

Array = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Encoder:
    """The net, and the mean and spread of the log-mel levels that it learned from."""

    w: Weights
    mean: float
    spread: float

    def of_pieces(self, mel: Array) -> Array:
        """Features of log-mel pieces (C, 48, 64), as `pieces` cuts them; shape (C, 256)."""
        return heard_in_mel((mel - self.mean) / self.spread, self.w)

    def features(self, samples: ArrayLike, rate: int) -> Array:
        """Features of a recording, the mean over its pieces of 0.96 s; shape (256,).

        Raises `ValueError` for an empty or silent recording, NaN, or a rate other than 16000.
        """
        return self.of_pieces(pieces(samples, rate).mel).mean(axis=0)


@cache
def encoder(which: str = "trained") -> Encoder:
    """The net after training, or `which="random"`: as it was drawn, before training."""
    if which not in ("trained", "random"):
        raise ValueError(f'There are encoders "trained" and "random", not {which!r}.')
    shipped = dict(weights("byol_a"))
    mean, spread = (float(shipped.pop(name)) for name in ("mean", "spread"))
    return Encoder(shipped if which == "trained" else initial("mel"), mean, spread)


def boxes(rng: np.random.Generator, count: int) -> Array:
    """Boxes for `resized`, drawn by lot: heights, widths, middles in time and frequency, (B, 4)."""
    height, width = rng.uniform(*SIZES, size=(2, count))
    width = np.minimum(width, 1)
    middle = rng.uniform(-0.5, 0.5, count) * (ROOM - height)
    return np.stack([height, width, middle, rng.uniform(-0.5, 0.5, count) * (1 - width)], axis=1)


def resized(mel: ArrayLike, box: ArrayLike, beyond: float = 0.0) -> Array:
    """A box of a picture of T frames and 64 bands, stretched to the picture's size; shape (T, 64).

    `box` is the height (in time) and the width (in frequency), where 1 is all of the picture, and
    how far the middle of the box lies off that of the picture in both. Outside, levels are
    `beyond`.
    """
    mel = np.asarray(mel, dtype=float)
    height, width, *middle = np.asarray(box, dtype=float)
    rows, columns = (
        (n - 1) * (0.5 + off + size * np.linspace(-0.5, 0.5, n))
        for n, size, off in zip(mel.shape, (height, width), middle)
    )
    where = np.meshgrid(rows, columns, indexing="ij")
    return map_coordinates(mel, where, order=1, mode="grid-constant", cval=beyond)
