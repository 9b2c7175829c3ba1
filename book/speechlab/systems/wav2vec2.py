"""wav2vec 2.0 in small: a net that tells the quantised frame behind a mask from others.

Filters read the waveform, as in `cpc`, and a convolution makes a vector `x` of each 20 ms. A
quantiser gives each vector a codeword from each of two books, side by side. A Transformer, from
which some frames are hidden, has to say which of several quantised frames is behind the mask.
Trained in PyTorch by `training/wav2vec2.py`, after Baevski et al., 2020.

Shapes: `T` frames of 20 ms, `D` = 96 features, `G` = 2 books of `V` = 32 codewords, and 64 numbers
in which a guess is compared with a quantised frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speechlab.systems import part, weights
from speechlab.systems._shared.bands import FILTERS, HOP, RATE, first_filters, levels
from speechlab.systems._shared.layers import (
    affine,
    convolve,
    encoder_layer,
    gelu,
    initial_layer,
    layer_norm,
    placed,
)

__all__ = ["FRAME", "RATE", "codes", "context", "encode", "net", "predict", "quantised"]

LAYERS, WIDTH, HEADS = 2, 96, 4
KERNEL, STRIDE = 3, 2  # of the convolution over frames of 10 ms
FRAME = STRIDE * HOP  # samples from one frame to the next
REACH = 15  # frames of 20 ms that tell a frame where it stands
BOOKS, WORDS, PART = 2, 32, 32  # books, codewords in each, numbers of a codeword
CODE = 64
TEMPERATURE = 0.1
KINDS = ("trained", "undiverse", "random")

Array = NDArray[np.floating]


def initial(seed: int = 0) -> dict[str, Array]:
    """The weights before training, drawn at random; the filters are mel bands."""
    rng = np.random.default_rng(seed)
    shapes = {
        "conv": (KERNEL * FILTERS, WIDTH),
        "logits": (WIDTH, BOOKS * WORDS),
        "joined": (BOOKS * PART, CODE),
        "guess": (WIDTH, CODE),
    }
    w = {name: rng.normal(size=shape) / np.sqrt(shape[0]) for name, shape in shapes.items()}
    w |= {f"{name}_bias": np.zeros(shape[1]) for name, shape in shapes.items()}
    for norm in ("norm_in", "norm_out"):
        w |= {norm: np.ones(WIDTH), f"{norm}_bias": np.zeros(WIDTH)}
    for layer in range(1, LAYERS + 1):
        w |= initial_layer(rng, layer, WIDTH)
    w |= {
        "filters": first_filters(),
        "books": rng.normal(size=(BOOKS, WORDS, PART)),
        "mask": 0.3 * rng.normal(size=WIDTH),
        "place": rng.normal(size=(REACH, WIDTH)) / np.sqrt(REACH),
        "place_bias": np.zeros(WIDTH),
    }
    return {name: a.astype(np.float32) for name, a in w.items()}


def unit(rows: Array) -> Array:
    """The rows at length 1."""
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


@dataclass(frozen=True, eq=False)
class Net:
    """A net with its weights. `samples` are (N,) at 16 kHz; bad ones raise `ValueError`."""

    w: Mapping[str, Array]

    def encode(self, samples: ArrayLike, rate: int) -> Array:
        """The vector x of each 20 ms, which has heard 45 ms; shape (T, 96)."""
        x = convolve(levels(samples, rate, self.w), self.w, "conv", KERNEL, STRIDE)
        return layer_norm(gelu(x), self.w, "norm_in")

    def logits(self, samples: ArrayLike, rate: int) -> Array:
        """How well each codeword of each book suits each 20 ms; shape (T, 2, 32)."""
        return affine(self.encode(samples, rate), self.w, "logits").reshape(-1, BOOKS, WORDS)

    def codes(self, samples: ArrayLike, rate: int) -> NDArray[np.int_]:
        """The codeword that suits best, in each of the two books; shape (T, 2)."""
        return self.logits(samples, rate).argmax(axis=2)

    def quantised(self, samples: ArrayLike, rate: int) -> Array:
        """q: the codewords of both books side by side, and a matrix; shape (T, 64)."""
        words = self.w["books"][np.arange(BOOKS), self.codes(samples, rate)]
        return affine(words.reshape(len(words), -1), self.w, "joined")

    def layers(self, samples: ArrayLike, rate: int, masked: ArrayLike | None = None) -> list[Array]:
        """The features (T, 96) before and after each layer of the Transformer.

        `masked` (T,) says which frames are hidden; by default none.
        """
        x = self.encode(samples, rate)
        if masked is not None:
            hidden = np.asarray(masked, dtype=bool)
            if hidden.shape != (len(x),):
                raise ValueError(f"The mask needs one value a frame, {len(x)}: {hidden.shape}.")
            x = np.where(hidden[:, None], self.w["mask"], x)
        outputs = [placed(x, self.w)]
        for layer in range(1, LAYERS + 1):
            outputs.append(encoder_layer(outputs[-1], self.w, layer, HEADS)[0])
        return outputs

    def context(self, samples: ArrayLike, rate: int, masked: ArrayLike | None = None) -> Array:
        """The features after the last layer; shape (T, 96). See `layers`."""
        return self.layers(samples, rate, masked)[-1]

    def predict(self, samples: ArrayLike, rate: int, masked: ArrayLike) -> Array:
        """Cosines of what the net expects at each frame (rows) with each q (columns); (T, T).

        Divided by `TEMPERATURE` they are the exponents of the loss; row t has its true answer in
        column t, and only masked frames are a test.
        """
        x = layer_norm(self.context(samples, rate, masked), self.w, "norm_out")
        return unit(affine(x, self.w, "guess")) @ unit(self.quantised(samples, rate)).T


@cache
def net(which: str = "trained") -> Net:
    """The trained net; or one trained without the diversity loss ("undiverse"); or "random"."""
    if which not in KINDS:
        raise ValueError(f"There are nets {', '.join(KINDS)}; not {which!r}.")
    shipped = weights("wav2vec2")
    common = {k: shipped[k] for k in ("mean", "spread")}
    if which == "random":
        return Net(common | initial())
    return Net(common | part(shipped, which))


def encode(samples: ArrayLike, rate: int) -> Array:
    """x of each 20 ms by the trained net, shape (T, 96)."""
    return net().encode(samples, rate)


def codes(samples: ArrayLike, rate: int) -> NDArray[np.int_]:
    """The codeword of each of the two books for each 20 ms, by the trained net; shape (T, 2)."""
    return net().codes(samples, rate)


def quantised(samples: ArrayLike, rate: int) -> Array:
    """q of each 20 ms by the trained net, shape (T, 64)."""
    return net().quantised(samples, rate)


def context(samples: ArrayLike, rate: int, masked: ArrayLike | None = None) -> Array:
    """The trained net's features after the last layer; shape (T, 96). See `Net.layers`."""
    return net().context(samples, rate, masked)


def predict(samples: ArrayLike, rate: int, masked: ArrayLike) -> Array:
    """The trained net's cosines of expected and quantised frames, (T, T). See `Net.predict`."""
    return net().predict(samples, rate, masked)
