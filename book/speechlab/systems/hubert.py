"""HuBERT in small: a network that learns speech by guessing the hidden units of masked frames.

Iteration 1 guesses clusters of MFCC. Iteration 2 starts from nothing again and guesses clusters
of what a layer of iteration 1 has made of the sound. A linear probe then asks what a layer knows:
which digit, which speaker, from the mean and the spread of its features over a clip.

Shapes: `T` frames of 20 ms, `D` features, `K` units, `R` clips.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.vq import vq
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from speechlab import corpora
from speechlab.corpora import Clip
from speechlab.systems import Figure, bootstrap, weights
from speechlab.systems._shared.layers import (
    affine,
    around,
    convolve,
    encoder_layer,
    gelu,
    initial_layer,
    layer_norm,
)
from speechlab.systems._shared.mel import BANDS, log_mel, mfcc

LAYERS, WIDTH, HEADS = 3, 96, 4
KERNEL, STRIDE = 5, 2  # of the convolution at the bottom, in frames of 10 ms
REACH = 15  # frames of 20 ms that tell a frame where it stands
UNITS, UNIT_LAYER = {1: 50, 2: 100}, 2  # clusters guessed in each iteration; the layer clustered
CODE = 32  # dimensions in which a guess is compared with the codewords
TEMPERATURE = 0.1
FEW = 1  # clips of each digit by each speaker that a probe learns from

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
        near = np.einsum("tkd,kd->td", around(x, REACH), self.w["place"])
        x = x + gelu(near + self.w["place_bias"])
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
        start = f"{iteration}."
        w = {k.removeprefix(start): a for k, a in shipped.items() if k.startswith(start)}
        centres = w.pop("centres")
    return Encoder(w, shipped["mean"], shipped["spread"], centres)


def mfcc_features(samples: ArrayLike, rate: int) -> Array:
    """MFCC with slopes for each 20 ms; shape (T, 39)."""
    return mfcc(samples, rate)[::STRIDE]


def mfcc_units(samples: ArrayLike, rate: int) -> NDArray[np.int_]:
    """The nearest cluster of MFCC for each 20 ms, which iteration 1 learns to guess; shape (T,)."""
    shipped = weights("hubert")
    return vq(mfcc_features(samples, rate) / shipped["mfcc.spread"], shipped["mfcc.centres"])[0]


# --- what does a layer know? --------------------------------------------------------------


def pooled(frames: Array) -> Array:
    """Mean and standard deviation of each feature over the clip, shape (T, D) to (2 D,)."""
    return np.concatenate([frames.mean(axis=0), frames.std(axis=0)])


def few_labels(clips: Sequence[Clip], each: int = FEW) -> list[Clip]:
    """The first `each` clips of each digit by each speaker."""
    first = min(clip.index for clip in clips)
    return [clip for clip in clips if clip.index < first + each]


def views(clip: Clip) -> dict[str, Array]:
    """One clip, pooled, as MFCC and as each layer of each network sees it, by name."""
    seen = {"MFCC": mfcc_features(clip.samples, clip.rate)}
    networks = {
        "untrained": encoder("random"),
        "iteration 1": encoder("trained", 1),
        "iteration 2": encoder("trained", 2),
    }
    for name, network in networks.items():
        layers = network.hidden(clip.samples, clip.rate)[0]
        seen |= {f"{name}, layer {n}": x for n, x in enumerate(layers)}
    return {name: pooled(x) for name, x in seen.items()}


@cache
def _views(corpus: str, split: str, each: int | None) -> tuple[dict[str, Array], list[Clip]]:
    """The views of all clips of a split (or of few) by name, shape (R, 2 D), and the clips."""
    clips = corpora.digits(split)
    if each is not None:
        clips = few_labels(clips, each)
    every = [views(clip) for clip in clips]
    return {name: np.array([v[name] for v in every]) for name in every[0]}, clips


def probe(what: str = "digit", each: int = FEW) -> dict[str, NDArray[np.bool_]]:
    """Which test clips a linear classifier gets right, from each of the frozen views.

    It is a multinomial logistic regression on standardised features, which learns from `each`
    training clips of each digit by each speaker. `what` is "digit" or "speaker".
    """
    (x, train), (y, test) = (
        _views(corpora.name(), *part) for part in (("train", each), ("test", None))
    )
    labels, wanted = ([getattr(clip, what) for clip in part] for part in (train, test))
    right = {}
    for name in x:
        classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
        right[name] = classifier.fit(x[name], labels).predict(y[name]) == np.array(wanted)
    return right


def figures() -> list[Figure]:
    """Accuracy of probes for digit and speaker, against MFCC and the untrained network.

    All networks are asked at layer 2, and the probes learn from one clip of each digit by each
    speaker.
    """
    found = []
    for what in ("digit", "speaker"):
        right = probe(what)
        mine = right[f"iteration 2, layer {UNIT_LAYER}"]
        low, high = bootstrap(mine)
        for name in ("MFCC", f"untrained, layer {UNIT_LAYER}"):
            found.append(
                Figure(
                    system=f"HuBERT, linear probe for the {what}",
                    metric=f"accuracy, {FEW} labelled clip a digit and speaker",
                    value=float(mine.mean()),
                    low=low,
                    high=high,
                    baseline=name,
                    baseline_value=float(right[name].mean()),
                    count=len(mine),
                    corpus=corpora.name(),
                    better="higher",
                )
            )
    return found
