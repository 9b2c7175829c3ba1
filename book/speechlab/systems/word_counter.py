"""How many words were said? A layer of recurrent units, with or without a cell that counts.

Shapes: `T` frames, `B` utterances, `D` mel bands, `H` units.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speechlab import autodiff
from speechlab.speech.utterances import BANDS, Utterance, stretches

Array = NDArray[np.floating]

# --- by loudness --------------------------------------------------------------------------


def loudness(utterance: Utterance) -> Array:
    """Mean log power of each frame, from 0 at the 10th percentile to 1 at the 95th."""
    level = utterance.features.mean(axis=1)
    low, high = np.quantile(level, [0.1, 0.95])
    return (level - low) / (high - low)


def count_loud_stretches(level: Array, height: float, shortest: int) -> int:
    """How often the loudness stays above a height for so many frames."""
    return int(np.sum(np.diff(stretches(level > height)) >= shortest))


def best_loudness_rule(utterances: Sequence[Utterance]) -> tuple[float, int]:
    """The height and shortest stretch with fewest errors on these utterances."""
    levels = [loudness(u) for u in utterances]
    words = np.array([len(u.words) for u in utterances])

    def errors(rule: tuple[float, int]) -> int:
        return int(np.sum([count_loud_stretches(level, *rule) for level in levels] != words))

    heights, shortest = np.arange(0.1, 0.8, 0.05), (1, 2, 3, 4, 6)
    return min(((float(h), s) for h in heights for s in shortest), key=errors)


# --- by a net -----------------------------------------------------------------------------

Net = dict[str, autodiff.Value]


def lstm_layer(net: Net, x: autodiff.Value) -> autodiff.Value:
    """Outputs of a layer of LSTM units, from features (T, B, D): shape (T, B, H)."""
    drive = x @ net["W"] + net["b"]
    c = h = autodiff.Value(np.zeros((x.data.shape[1], net["U"].data.shape[0]), x.data.dtype))
    outputs = []
    for t in range(len(x.data)):
        gates, value = autodiff.split(drive[t] + h @ net["U"], (3, 1))
        keep, enter, leave = autodiff.split(autodiff.sigmoid(gates), (1, 1, 1))
        c = keep * c + enter * autodiff.tanh(value)
        h = leave * autodiff.tanh(c)
        outputs.append(h)
    return autodiff.stack(outputs)


def plain_layer(net: Net, x: autodiff.Value) -> autodiff.Value:
    """The same with units that have no gates: h[n] = tanh(W x[n] + U h[n-1] + b)."""
    drive = x @ net["W"] + net["b"]
    h = autodiff.Value(np.zeros((x.data.shape[1], net["U"].data.shape[0]), x.data.dtype))
    outputs = []
    for t in range(len(x.data)):
        h = autodiff.tanh(drive[t] + h @ net["U"])
        outputs.append(h)
    return autodiff.stack(outputs)


def as_line(net: Net, outputs: autodiff.Value) -> autodiff.Value:
    """The count as a weighted sum of the units: shape (T, B)."""
    return (outputs @ net["v"] + net["v_0"])[..., 0]


def by_cell(net: Net, outputs: autodiff.Value) -> autodiff.Value:
    """The count in a cell that keeps everything, behind a gate: shape (T, B)."""
    return autodiff.running_sum(autodiff.sigmoid(as_line(net, outputs) - 3.0))


def new_net(units: int, gates: int, seed: int = 1) -> Net:
    """Random weights of a plain layer (one gate) or an LSTM layer (four, the first of which keeps).

    A bias of 2 keeps that one open at first.
    """
    rng = np.random.default_rng(seed)
    b = np.zeros(gates * units)
    if gates == 4:
        b[:units] = 2.0
    arrays = {
        "W": 0.2 * rng.normal(size=(BANDS, gates * units)),
        "U": rng.normal(size=(units, gates * units)) / (2 * np.sqrt(units)),
        "b": b,
        "v": 0.3 * rng.normal(size=(units, 1)),
        "v_0": np.zeros(1),
    }
    return {name: autodiff.Value(array.astype(np.float32)) for name, array in arrays.items()}


@dataclass(frozen=True)
class Counter:
    """A net that counts: its weights, its layer, and how the count is read from it."""

    net: Net
    layer: Callable[[Net, autodiff.Value], autodiff.Value]
    read: Callable[[Net, autodiff.Value], autodiff.Value]

    @property
    def size(self) -> int:
        """How many numbers it has learned."""
        return sum(value.data.size for value in self.net.values())

    def running(self, x: Array) -> autodiff.Value:
        """The count at every frame, from features (T, B, D): shape (T, B)."""
        return self.read(self.net, self.layer(self.net, autodiff.Value(x)))

    def counts(self, utterances: Sequence[Utterance]) -> NDArray[np.int_]:
        """How many words it hears in each utterance."""
        x, _, there = batch_of(utterances)
        last = there.sum(axis=0).astype(int) - 1
        return np.rint(self.running(x).data[last, np.arange(len(last))]).astype(int)


def batch_of(utterances: Sequence[Utterance]) -> tuple[Array, Array, Array]:
    """Features (T, B, D), counts and 1 where there is a frame (T, B), filled up with zeros."""
    longest = max(len(u.times) for u in utterances)
    x = np.zeros((longest, len(utterances), BANDS), np.float32)
    y, there = np.zeros((2, longest, len(utterances)), np.float32)
    for k, u in enumerate(utterances):
        length = len(u.times)
        x[:length, k], y[:length, k], there[:length, k] = u.features, u.count, 1
    return x, y, there


def train(
    counter: Counter, utterances: Sequence[Utterance], steps: int, size: int = 40
) -> list[float]:
    """Make the running count right at every frame, by Adam; the losses on the way."""
    by_length = sorted(utterances, key=lambda u: len(u.samples))
    batches = [batch_of(by_length[k : k + size]) for k in range(0, len(by_length), size)]
    order = np.random.default_rng(2).integers(len(batches), size=steps)
    mean, square = ({k: np.zeros_like(v.data) for k, v in counter.net.items()} for _ in range(2))
    losses = []
    for step, which in enumerate(order, 1):
        x, y, there = batches[which]
        miss = counter.running(x) - y
        loss = autodiff.total(miss * miss * (there / there.sum()))
        autodiff.derivatives(loss)
        length = np.sqrt(sum(np.sum(v.grad**2) for v in counter.net.values()))
        rate = np.float32(0.01 * (1 + np.cos(np.pi * step / steps)))
        for name, value in counter.net.items():
            slope = value.grad / max(1, length)
            mean[name] += 0.1 * (slope - mean[name])
            square[name] += 0.01 * (slope**2 - square[name])
            spread = np.sqrt(square[name] / (1 - 0.99**step)) + 1e-8
            value.data = value.data - rate * mean[name] / (1 - 0.9**step) / spread
        losses.append(float(loss.data))
    return losses
