"""Which digit was said? A net with one hidden layer, trained on the page in a few seconds.

It looks at a recording as a picture of `SLICES` by `BANDS` levels, whatever its length. What keeps
it from learning by heart can be switched on and off: an L2 penalty, dropout, augmentation.

No weights ship with it: `train` below is its training, on whatever speech the page was built from.
So there is no script in `training/` and no card. `tests/speechlab/test_digit_classifier.py` holds
its steps to PyTorch's, and `speechlab.figures.digit_classifier` measures it.

Shapes: `M` recordings, `H` hidden units.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import map_coordinates
from scipy.special import softmax

from speechlab import corpora
from speechlab.corpora import Clip
from speechlab.systems._shared.mel import log_mel

BANDS, SLICES, DIGITS = 20, 12, 10
BATCH, ROUNDS, RATE = 32, 40, 0.003  # examples a step, passes over the data, size of a step

Array = NDArray[np.floating]


# --- examples -----------------------------------------------------------------------------


def features(samples: ArrayLike, rate: int) -> Array:
    """Levels in mel bands in dB, from the beginning of the word to its end: shape (12, 20).

    Raises `ValueError` for an empty or silent sound, NaN, or a rate other than 8 kHz.
    """
    mel = log_mel(samples, rate)
    mel = mel.reshape(len(mel), BANDS, -1).mean(axis=2)
    loud = np.flatnonzero(mel.max(axis=1) > mel.max() - 35)
    mel = mel[loud[0] : loud[-1] + 1]
    edges = np.linspace(0, len(mel), SLICES + 1)
    return np.array([_mean_between(mel, *edges[k : k + 2]) for k in range(SLICES)])


def _mean_between(frames: Array, start: float, stop: float) -> Array:
    """The mean of a piece of the frames whose ends may lie within a frame."""
    at = np.arange(len(frames))
    weights = np.clip(np.minimum(at + 1, stop) - np.maximum(at, start), 0, None)
    return weights @ frames / weights.sum()


@dataclass(frozen=True)
class Examples:
    """Recordings as the net sees them: features (M, 12, 20), digits (M,) and voices (M,)."""

    x: Array
    digits: NDArray[np.int_]
    voices: NDArray[np.str_]

    @classmethod
    def of(cls, clips: Sequence[Clip]) -> Examples:
        """The features, digits and voices of clips."""
        return cls(
            np.array([features(clip.samples, clip.rate) for clip in clips]),
            np.array([clip.digit for clip in clips]),
            np.array([clip.speaker for clip in clips]),
        )

    def where(self, chosen: NDArray) -> Examples:
        """The examples that are chosen, by a mask (M,) or by their places."""
        return Examples(self.x[chosen], self.digits[chosen], self.voices[chosen])

    def by(self, voices: Sequence[str]) -> Examples:
        """The examples of some voices."""
        return self.where(np.isin(self.voices, list(voices)))

    def few(self, count: int) -> Examples:
        """The first `count` recordings of each digit by each voice."""
        said = list(zip(self.voices.tolist(), self.digits.tolist()))
        return self.where(np.array(first_of_each(said, count), dtype=int))


def first_of_each(kinds: Sequence[Hashable], count: int) -> list[int]:
    """The places of the first `count` of each kind."""
    seen: Counter[Hashable] = Counter()
    places = []
    for place, kind in enumerate(kinds):
        seen[kind] += 1
        if seen[kind] <= count:
            places.append(place)
    return places


def recordings(split: str, voices: Sequence[str], count: int) -> list[Clip]:
    """So many clips of each digit by each of the voices, or as many as there are."""
    clips = corpora.digits(split, voices)
    kept = first_of_each([(clip.speaker, clip.digit) for clip in clips], count)
    return [clips[place] for place in kept]


def moved(x: Array, rng: np.random.Generator) -> Array:
    """Each picture as if it had been said by another voice, elsewhere, a little earlier or later.

    A shorter vocal tract has all its resonances higher, which moves a picture up by some bands;
    another microphone tilts the spectrum.
    """
    m, k, band = np.indices(x.shape)
    higher = rng.uniform(-1.5, 1.5, (len(x), 1, 1))
    later = rng.uniform(-0.8, 0.8, (len(x), 1, 1))
    heard = map_coordinates(x, [m, k - later, band - higher], order=1, mode="nearest")
    return heard + rng.uniform(-4, 4, (len(x), 1, 1)) * np.linspace(-1, 1, BANDS)


# --- the net ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """The hyperparameters. `penalty` is lambda of L2, `keep` the share of units not dropped."""

    penalty: float = 0.0
    keep: float = 1.0
    augment: bool = False
    units: int = 64
    rounds: int = ROUNDS
    seed: int = 0


@dataclass(frozen=True)
class Net:
    """Weights of both layers, and the numbers that normalise the input."""

    weights: dict[str, Array]
    centre: Array
    spread: Array

    def scaled(self, x: Array) -> Array:
        """Features (M, 12, 20) as rows in the units of the training set, shape (M, 240)."""
        return (x.reshape(len(x), -1) - self.centre) / self.spread

    def probabilities(self, x: Array) -> Array:
        """Of each digit, for features (M, 12, 20): shape (M, 10)."""
        w = self.weights
        hidden = np.maximum(self.scaled(x) @ w["W1"] + w["b1"], 0)
        return softmax(hidden @ w["W2"] + w["b2"], axis=1)

    def wrong(self, examples: Examples) -> NDArray[np.bool_]:
        """Which examples it takes for another digit, shape (M,)."""
        return self.probabilities(examples.x).argmax(axis=1) != examples.digits


def new_net(examples: Examples, settings: Settings) -> Net:
    """Random weights, and the statistics of the training set."""
    rng = np.random.default_rng(settings.seed)
    rows = examples.x.reshape(len(examples.x), -1)
    sizes = rows.shape[1], settings.units, DIGITS
    weights = {}
    for layer, (inputs, outputs) in enumerate(pairwise(sizes), 1):
        weights[f"W{layer}"] = rng.normal(size=(inputs, outputs)) * np.sqrt(2 / inputs)
        weights[f"b{layer}"] = np.zeros(outputs)
    return Net(weights, rows.mean(axis=0), np.maximum(rows.std(axis=0), 1e-6))


def slopes(w: dict[str, Array], x: Array, digits: Array, mask: Array | float) -> dict[str, Array]:
    """Derivatives of the mean cross-entropy of a mini-batch with respect to all weights.

    `mask` multiplies the hidden units: 0 for one that is dropped.
    """
    hidden = np.maximum(x @ w["W1"] + w["b1"], 0) * mask
    delta = softmax(hidden @ w["W2"] + w["b2"], axis=1)
    delta[np.arange(len(x)), digits] -= 1
    delta /= len(x)
    below = delta @ w["W2"].T * mask * (hidden > 0)
    return {
        "W1": x.T @ below,
        "b1": below.sum(axis=0),
        "W2": hidden.T @ delta,
        "b2": delta.sum(axis=0),
    }


def train(
    examples: Examples,
    settings: Settings = Settings(),
    watch: Callable[[int, Net], None] | None = None,
) -> Net:
    """A net that has learned from the examples, by mini-batches and Adam.

    `watch` is called with the number of each round and the net as it is then.
    """
    net, rng = new_net(examples, settings), np.random.default_rng([settings.seed, 1])
    w, M, step = net.weights, len(examples.digits), 0
    mean, square = ({name: np.zeros_like(a) for name, a in w.items()} for _ in range(2))
    for number in range(1, settings.rounds + 1):
        order = rng.permutation(M)
        x = moved(examples.x, rng) if settings.augment else examples.x
        rows = net.scaled(x)
        for batch in np.split(order, range(BATCH, M, BATCH)):
            step += 1
            drawn = rng.uniform(size=(len(batch), settings.units)) < settings.keep
            found = slopes(w, rows[batch], examples.digits[batch], drawn / settings.keep)
            for name, slope in found.items():
                if name.startswith("W"):
                    slope = slope + settings.penalty / M * w[name]
                mean[name] += 0.1 * (slope - mean[name])
                square[name] += 0.001 * (slope**2 - square[name])
                size = np.sqrt(square[name] / (1 - 0.999**step)) + 1e-8
                w[name] -= RATE / (1 - 0.9**step) * mean[name] / size
        if watch:
            watch(number, net)
    return net
