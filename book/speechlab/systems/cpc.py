"""CPC in small: a net that learns speech by telling the true future from other moments.

Filters read the waveform, two layers make a vector `z` of each 10 ms, and a GRU gathers all of them
up to now in a context `c`. A matrix for each distance scores what may come. Trained in PyTorch by
`training/cpc.py`. Where the paper (van den Oord et al., 2018) has five convolutions with strides of
5, 4, 2, 2 and 2 and 512 channels, here is one of the same stride, 160, whose filters begin as mel
bands and whose outputs are squared and put on a logarithmic scale.

Shapes: `N` samples, `T = 1 + (N - 400) // 160` frames, `D` = 64 numbers in z, `H` = 128 in c, `K` =
12 distances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from speechlab.systems import part, weights
from speechlab.systems._shared.bands import FILTERS, HOP, RATE, WINDOW, first_filters, levels
from speechlab.systems._shared.layers import affine, gelu, layer_norm

__all__ = ["HOP", "RATE", "WINDOW", "encode", "encoder", "scores"]

INNER, CODE, CONTEXT, STEPS = 128, 64, 128, 12
KINDS = ("trained", "random", "phones", "speakers")

Array = NDArray[np.floating]


def initial(seed: int = 0, steps: int = STEPS) -> dict[str, Array]:
    """The weights before training, drawn at random; the filters are mel bands."""
    rng = np.random.default_rng(seed)
    shapes = {
        "up": (FILTERS, INNER),
        "down": (INNER, CODE),
        "gru_in": (CODE, 3 * CONTEXT),
        "gru_back": (CONTEXT, 3 * CONTEXT),
    }
    w = {name: rng.normal(size=shape) / np.sqrt(shape[0]) for name, shape in shapes.items()}
    w |= {f"{name}_bias": np.zeros(shape[1]) for name, shape in shapes.items()}
    w |= {"norm": np.ones(INNER), "norm_bias": np.zeros(INNER), "filters": first_filters()}
    w["future"] = rng.normal(size=(steps, CODE, CONTEXT)) / CONTEXT
    return {name: a.astype(np.float32) for name, a in w.items()}


def gru(z: Array, w: dict[str, Array]) -> Array:
    """The contexts (..., T, H) of vectors (..., T, D), from a context of zeros."""
    given = affine(z, w, "gru_in")
    state, states = np.zeros((*z.shape[:-2], CONTEXT), dtype=z.dtype), []
    for t in range(z.shape[-2]):
        new = given[..., t, :]
        old = affine(state, w, "gru_back")
        reset, keep = np.split(expit(new[..., : 2 * CONTEXT] + old[..., : 2 * CONTEXT]), 2, axis=-1)
        wanted = np.tanh(new[..., 2 * CONTEXT :] + reset * old[..., 2 * CONTEXT :])
        state = keep * state + (1 - keep) * wanted
        states.append(state)
    return np.stack(states, axis=-2)


@dataclass(frozen=True, eq=False)
class Encoder:
    """A net with its weights."""

    w: dict[str, Array]

    def vectors(self, samples: ArrayLike, rate: int) -> Array:
        """z of each 10 ms, shape (T, 64), which has heard 25 ms."""
        x = affine(levels(samples, rate, self.w), self.w, "up")
        x = gelu(layer_norm(x, self.w, "norm")).astype(np.float32)
        return affine(x, self.w, "down")

    def encode(self, samples: ArrayLike, rate: int) -> tuple[Array, Array]:
        """z (T, 64) and c (T, 128) of each 10 ms.

        Row t of c has heard the first 160 t + 400 samples. Raises `ValueError` for an empty or
        silent sound, one below 25 ms, NaN, or a rate other than 16000.
        """
        z = self.vectors(samples, rate)
        return z, gru(z, self.w)

    def contexts(self, sounds: Sequence[ArrayLike], rate: int) -> list[Array]:
        """c of each of several sounds, which go through the GRU side by side."""
        z = [self.vectors(samples, rate) for samples in sounds]
        padded = np.zeros((len(z), max(map(len, z)), CODE), dtype=np.float32)
        for row, own in zip(padded, z):
            row[: len(own)] = own
        return [c[: len(own)] for c, own in zip(gru(padded, self.w), z)]

    def scores(self, context: ArrayLike, candidates: ArrayLike, k: int) -> Array:
        """ln f_k = z^T W_k c of candidates z (..., 64), k frames of 10 ms after a context (128,).

        The softmax over the candidates is the probability that each of them is the future. Raises
        `ValueError` if k is not from 1 to 12.
        """
        count = len(self.w["future"])
        if not 1 <= k <= count:
            raise ValueError(f"The net looks 1 to {count} frames ahead, not {k}.")
        return np.asarray(candidates) @ (self.w["future"][k - 1] @ np.asarray(context))


@cache
def encoder(which: str = "trained") -> Encoder:
    """The trained net; or the one before training ("random"); or two that were given labels.

    "phones" has learned from halves of words, "speakers" from names of voices; they have the same
    layers and no matrices for the future.
    """
    if which not in KINDS:
        raise ValueError(f"There are encoders {', '.join(KINDS)}; not {which!r}.")
    shipped = weights("cpc")
    common = {k: shipped[k] for k in ("mean", "spread")}
    if which == "random":
        return Encoder(common | initial())
    return Encoder(common | part(shipped, which))


def encode(samples: ArrayLike, rate: int) -> tuple[Array, Array]:
    """z (T, 64) and c (T, 128) of each 10 ms, by the trained net; see `Encoder.encode`."""
    return encoder().encode(samples, rate)


def scores(context: ArrayLike, candidates: ArrayLike, k: int) -> Array:
    """How well candidates go on a context, by the trained net; see `Encoder.scores`."""
    return encoder().scores(context, candidates, k)
