"""HuBERT in small: a network that learns speech by guessing the hidden units of masked frames.

Iteration 1 guesses clusters of MFCC. Iteration 2 starts from nothing again and guesses clusters
of what a layer of iteration 1 has made of the sound.

Shapes: `T` frames of 20 ms, `D` features, `K` units.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.vq import vq

from speechlab.systems import part, weights
from speechlab.systems._shared.layers import (
    affine,
    convolve,
    encoder_layer,
    gelu,
    initial_layer,
    layer_norm,
    placed,
)
from speechlab.systems._shared.mel import BANDS, log_mel, mfcc

LAYERS, WIDTH, HEADS = 3, 96, 4
KERNEL, STRIDE = 5, 2  # of the convolution at the bottom, in frames of 10 ms
REACH = 15  # frames of 20 ms that tell a frame where it stands
UNITS, UNIT_LAYER = {1: 50, 2: 100}, 2  # clusters guessed in each iteration; the layer clustered
CODE = 32  # dimensions in which a guess is compared with the codewords
TEMPERATURE = 0.1

Array = NDArray[np.floating]


def initial(iteration: int = 2, seed: int = 0) -> dict[str, Array]:
    """The weights before training, drawn at random."""
    rng = np.random.default_rng([seed, iteration])
    w = {
        "conv": rng.normal(size=(KERNEL * BANDS, WIDTH)) / np.sqrt(KERNEL * BANDS),
        "conv_bias": np.zeros(WIDTH),
        "mask": 0.3 * rng.normal(size=WIDTH),
        "place": rng.normal(size=(REACH, WIDTH)) / np.sqrt(REACH),
        "place_bias": np.zeros(WIDTH),
        "guess": rng.normal(size=(WIDTH, CODE)) / np.sqrt(WIDTH),
        "guess_bias": np.zeros(CODE),
        "codewords": rng.normal(size=(UNITS[iteration], CODE)),
    }
    for norm in ("norm_in", "norm_out"):
        w |= {norm: np.ones(WIDTH), f"{norm}_bias": np.zeros(WIDTH)}
    for layer in range(1, LAYERS + 1):
        w |= initial_layer(rng, layer, WIDTH)
    return {name: a.astype(np.float32) for name, a in w.items()}


@dataclass(frozen=True, eq=False)
class Encoder:
    """The network of one iteration: its weights, and the centres of the clusters in its layer."""

    w: dict[str, Array]
    mean: Array  # of the log-mel bands in training
    spread: Array
    centres: Array  # (K, D)

    def hidden(
        self, samples: ArrayLike, rate: int, masked: ArrayLike | None = None
    ) -> tuple[list[Array], list[Array]]:
        """The features after each of the layers 0 to 3, and where layers 1 to 3 attended.

        `masked` (T,) says which frames are hidden from the network; by default none.
        """
        x = (log_mel(samples, rate) - self.mean) / self.spread
        x = gelu(convolve(x, self.w, "conv", KERNEL, STRIDE))
        x = layer_norm(x, self.w, "norm_in")
        if masked is not None:
            x = np.where(np.asarray(masked, dtype=bool)[:, None], self.w["mask"], x)
        x = placed(x, self.w)
        outputs, attention = [x], []
        for layer in range(1, LAYERS + 1):
            x, share = encoder_layer(x, self.w, layer, HEADS)
            attention.append(share)
            outputs.append(x)
        return outputs, attention

    def features(self, samples: ArrayLike, rate: int, layer: int = -1) -> Array:
        """The features of a layer (0 to 3; -1 is the last) for each 20 ms; shape (T, 96).

        Raises `ValueError` for an empty or silent sound, NaN, or a rate other than 8000.
        """
        return self.hidden(samples, rate)[0][layer]

    def units(self, samples: ArrayLike, rate: int) -> NDArray[np.int_]:
        """The nearest cluster of layer 2 for each 20 ms; shape (T,)."""
        return vq(self.features(samples, rate, UNIT_LAYER), self.centres)[0]

    def guesses(self, samples: ArrayLike, rate: int, masked: ArrayLike | None = None) -> Array:
        """Probabilities of the units that it learned to guess; shape (T, K)."""
        x = self.hidden(samples, rate, masked)[0][-1]
        x = affine(layer_norm(x, self.w, "norm_out"), self.w, "guess")
        x = x / np.linalg.norm(x, axis=1, keepdims=True)
        c = self.w["codewords"] / np.linalg.norm(self.w["codewords"], axis=1, keepdims=True)
        odds = np.exp((x @ c.T - 1) / TEMPERATURE)
        return odds / odds.sum(axis=1, keepdims=True)


@cache
def encoder(which: str = "trained", iteration: int = 2) -> Encoder:
    """The network after iteration 1 or 2, or `which="random"`: as it was before training."""
    if which not in ("trained", "random") or iteration not in UNITS:
        raise ValueError('There are encoders "trained" and "random", of iteration 1 or 2.')
    shipped = weights("hubert")
    if which == "random":
        w, centres = initial(iteration), shipped["random.centres"]
    else:
        w = part(shipped, f"{iteration}")
        centres = w.pop("centres")
    return Encoder(w, shipped["mean"], shipped["spread"], centres)


def mfcc_features(samples: ArrayLike, rate: int) -> Array:
    """MFCC with slopes for each 20 ms; shape (T, 39)."""
    return mfcc(samples, rate)[::STRIDE]


def mfcc_units(samples: ArrayLike, rate: int) -> NDArray[np.int_]:
    """The nearest cluster of MFCC for each 20 ms, which iteration 1 learns to guess; shape (T,)."""
    shipped = weights("hubert")
    return vq(mfcc_features(samples, rate) / shipped["mfcc.spread"], shipped["mfcc.centres"])[0]
