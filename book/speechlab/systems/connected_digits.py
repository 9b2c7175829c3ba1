"""Two networks that hear connected digits: RNN-CTC, and Jasper in small, which is convolutional.

Both take log-mel frames, 10 ms apart, and give every third one probabilities of eleven classes:
0 is the blank, d + 1 the digit d. `greedy` and `beam_search` read digits from the probabilities.
The networks were trained in PyTorch by `training/rnn_ctc.py` and `training/jasper.py`; the arrays
have PyTorch's names and shapes.

Shapes: `F` frames of 10 ms, `B` mel bands, `H` units or channels, `T = F // 3` frames of
posteriors.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.fft import rfft
from scipy.special import expit, softmax

from speechlab.speech.spectra import mel_filters
from speechlab.systems import weights
from speechlab.systems._shared.ctc_decoding import beam_search, greedy
from speechlab.systems._shared.layers import correlate
from speechlab.systems._shared.recording import finite_samples

__all__ = ["Recogniser", "beam_search", "checked", "greedy", "log_mel", "recogniser"]

RATE, HOP, WINDOW, BANDS, EVERY = 8000, 80, 256, 32, 3
SHORTEST = 0.1  # seconds that a recording must have

HANN = np.hanning(WINDOW).astype(np.float32)
MEL = mel_filters(RATE, WINDOW, BANDS).T

Array = NDArray[np.floating]


def log_mel(samples: Array) -> Array:
    """Logarithms of the power in mel bands, each band with mean 0 and variance 1: (F, B)."""
    windows = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float32), WINDOW)[::HOP]
    power = np.abs(rfft(windows * HANN)) ** 2 @ MEL
    log = np.log(power / power.max() + 1e-5)
    return (log - log.mean(axis=0)) / (log.std(axis=0) + 1e-3)


def checked(samples: ArrayLike, rate: int) -> Array:
    """The recording as an array, or a `ValueError` that says why it cannot be heard."""
    heard = finite_samples(samples, rate, RATE)
    if len(heard) < SHORTEST * RATE:
        raise ValueError(f"The recording is shorter than {SHORTEST} s: too short for a digit.")
    if np.ptp(heard) < 1e-9:
        raise ValueError("The recording is silent: there is nothing to recognise.")
    return heard / np.abs(heard).max()


# --- RNN-CTC ------------------------------------------------------------------------------


def gru(drive: Array, U: Array, c: Array) -> Array:
    """Gated recurrent units, step by step: outputs (T, H) from their inputs `drive` (T, 3 H).

    Of the three parts of `drive` and of `U` (3 H, H) the first opens the memory to the candidate,
    the second keeps the state, and the third makes the candidate.
    """
    size = U.shape[1]
    state = np.zeros(size, drive.dtype)
    outputs = np.empty((len(drive), size), drive.dtype)
    for t, x in enumerate(drive):
        fed_back = U @ state + c
        gates = expit(x[: 2 * size] + fed_back[: 2 * size])
        candidate = np.tanh(x[2 * size :] + gates[:size] * fed_back[2 * size :])
        state = candidate + gates[size:] * (state - candidate)
        outputs[t] = state
    return outputs


def rnn_layer(x: Array, net: dict[str, Array], layer: int) -> Array:
    """One layer that reads the utterance forwards, and another backwards: (T, 2 H)."""
    both = []
    for way, ending in ((1, f"l{layer}"), (-1, f"l{layer}_reverse")):
        W, U, b, c = (
            net[f"rnn.{part}_{ending}"] for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        both.append(gru(x[::way] @ W.T + b, U, c)[::way])
    return np.concatenate(both, axis=1)


def rnn_logits(frames: Array, net: dict[str, Array]) -> Array:
    """Three frames at a time, two bidirectional layers, one linear layer: (T, 11)."""
    x = frames[: len(frames) // EVERY * EVERY].reshape(-1, EVERY * frames.shape[1])
    for layer in (0, 1):
        x = rnn_layer(x, net, layer)
    return x @ net["out.weight"].T + net["out.bias"]


# --- Jasper -------------------------------------------------------------------------------


def folded(net: dict[str, Array], name: str) -> tuple[Array, Array]:
    """The kernels (H, C, K) and biases (H,) of a convolution with its batch norm in them.

    At inference batch norm is a fixed scale and shift of each channel, so it can be multiplied
    into the kernels once, and costs nothing.
    """
    mean, variance, gain, shift = (
        net[f"{name}.norm.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
    )
    scale = gain / np.sqrt(variance + 1e-5)
    return net[f"{name}.conv.weight"] * scale[:, None, None], shift - mean * scale


def convolve(x: Array, kernels: Array, bias: Array, stride: int = 1) -> Array:
    """A one-dimensional convolution: frames (F, C) to (F // stride, H), centred."""
    width = kernels.shape[2]
    before = (width - stride) // 2
    padded = np.pad(x[: len(x) // stride * stride], ((before, width - stride - before), (0, 0)))
    return correlate(padded, kernels, bias, stride)


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def jasper_logits(frames: Array, net: dict[str, Array]) -> Array:
    """A convolution that keeps every third frame, blocks with a way round each, two layers."""
    x = relu(convolve(frames, *folded(net, "first"), stride=EVERY))
    for block in range(len({key.split(".")[1] for key in net if key.startswith("blocks.")})):
        name = f"blocks.{block}"
        inner = relu(convolve(x, *folded(net, f"{name}.one")))
        around = convolve(x, *folded(net, f"{name}.around"))
        x = relu(convolve(inner, *folded(net, f"{name}.two")) + around)
    x = relu(convolve(x, *folded(net, "last")))
    return x @ net["out.weight"][:, :, 0].T + net["out.bias"]


# --- as one asks for them -----------------------------------------------------------------

LOGITS = {"rnn_ctc": rnn_logits, "jasper": jasper_logits}


@dataclass(frozen=True, eq=False)
class Recogniser:
    """A network with its weights; `name` is "rnn_ctc" or "jasper"."""

    name: str
    net: dict[str, Array]

    @property
    def size(self) -> int:
        """How many numbers it learned, without the statistics of batch norms."""
        return sum(v.size for k, v in self.net.items() if "running" not in k and "num_" not in k)

    def posteriors(self, samples: ArrayLike, rate: int) -> Array:
        """Probabilities of blank and the ten digits in each frame of 30 ms, shape (T, 11).

        Raises `ValueError` for a recording at another rate than 8 kHz, an empty, silent or very
        short one, and for samples that are no finite numbers.
        """
        frames = log_mel(checked(samples, rate)).astype(np.float32)
        return softmax(LOGITS[self.name](frames, self.net).astype(float), axis=1)

    @staticmethod
    def seconds(frames: int) -> Array:
        """When the middle of each of so many frames of posteriors is, in seconds."""
        return ((EVERY * np.arange(frames) + EVERY // 2) * HOP + WINDOW / 2) / RATE


@cache
def recogniser(name: str) -> Recogniser:
    """The trained recogniser "rnn_ctc" or "jasper"."""
    if name not in LOGITS:
        raise ValueError(f"No recogniser {name!r}; there are: {', '.join(sorted(LOGITS))}.")
    return Recogniser(name, weights(name))
