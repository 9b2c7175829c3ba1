"""Layers of networks in NumPy, for one clip at a time.

Weights are a dictionary in which each matrix `name` has a `name_bias`. Matrices stand right of the
frames: y = x @ w + bias. Layer n of a Transformer encoder, counted from 1, has `norm_n`, `qkv_n`,
`out_n`, `norm2_n`, `up_n` and `down_n`.

Shapes: `T` frames, `D` features, `H` heads.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.special import erf, softmax

Array = NDArray[np.floating]
Weights = Mapping[str, Array]


def gelu(x: Array) -> Array:
    """x times the probability that a normal variable is below x."""
    return x * (0.5 + 0.5 * erf(x / np.sqrt(2)))


def affine(x: Array, w: Weights, name: str) -> Array:
    """x @ w + bias."""
    return x @ w[name] + w[f"{name}_bias"]


def around(x: Array, kernel: int, stride: int = 1) -> Array:
    """Each frame (or every second ...) with its neighbours, `kernel` in all: (T, kernel, D).

    There is silence of zeros before the first frame and after the last.
    """
    padded = np.pad(x, ((kernel // 2, kernel // 2), (0, 0)))
    return sliding_window_view(padded, kernel, axis=0)[::stride].swapaxes(1, 2)


def convolve(x: Array, w: Weights, name: str, kernel: int, stride: int = 1) -> Array:
    """A convolution over time: an affine map of each frame with its neighbours."""
    windows = around(x, kernel, stride)
    return affine(windows.reshape(len(windows), -1), w, name)


def correlate(padded: Array, kernels: Array, bias: Array, stride: int = 1) -> Array:
    """A convolution as PyTorch keeps it: kernels (H, D, K) along frames (F, D), none added.

    The shape is ((F - K) // stride + 1, H).
    """
    windows = sliding_window_view(padded, kernels.shape[2], axis=0)[::stride]
    return np.tensordot(windows, kernels, axes=((1, 2), (1, 2))) + bias


def normalise(x: Array, gain: Array, bias: Array) -> Array:
    """Each frame with mean 0 and variance 1 over its features, then a gain and a bias."""
    x = x - x.mean(axis=-1, keepdims=True)
    return x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + 1e-5) * gain + bias


def layer_norm(x: Array, w: Weights, name: str) -> Array:
    """`normalise` with the gain and the bias of that name."""
    return normalise(x, w[name], w[f"{name}_bias"])


def attend(x: Array, w: Weights, layer: int, heads: int) -> tuple[Array, Array]:
    """Self-attention: what each frame gathers (T, D), and from where (H, T, T)."""
    q, k, v = affine(x, w, f"qkv_{layer}").reshape(len(x), 3, heads, -1).transpose(1, 2, 0, 3)
    share = softmax(q @ k.swapaxes(1, 2) / np.sqrt(q.shape[-1]), axis=-1)
    gathered = (share @ v).transpose(1, 0, 2).reshape(x.shape)
    return affine(gathered, w, f"out_{layer}"), share


def encoder_layer(x: Array, w: Weights, layer: int, heads: int) -> tuple[Array, Array]:
    """x plus what attention gathers, plus what a net of two layers makes of it; shape (T, D).

    Also from where each frame gathered, shape (H, T, T).
    """
    gathered, share = attend(layer_norm(x, w, f"norm_{layer}"), w, layer, heads)
    x = x + gathered
    inner = gelu(affine(layer_norm(x, w, f"norm2_{layer}"), w, f"up_{layer}"))
    return x + affine(inner, w, f"down_{layer}"), share


def placed(x: Array, w: Weights) -> Array:
    """x plus what a convolution `place` (K, D) makes of each feature by itself, K frames around.

    It tells a frame where it stands among its neighbours.
    """
    near = np.einsum("tkd,kd->td", around(x, len(w["place"])), w["place"])
    return x + gelu(near + w["place_bias"])


def initial_layer(rng: np.random.Generator, layer: int, width: int) -> dict[str, Array]:
    """Weights of a layer before training; the matrices keep the variance of what they are given."""

    def matrix(rows: int, columns: int) -> Array:
        return rng.normal(size=(rows, columns)) / np.sqrt(rows)

    w = {
        f"qkv_{layer}": matrix(width, 3 * width),
        f"out_{layer}": matrix(width, width),
        f"up_{layer}": matrix(width, 4 * width),
        f"down_{layer}": matrix(4 * width, width),
    }
    w |= {f"{name}_bias": np.zeros(a.shape[1]) for name, a in w.items()}
    for norm in (f"norm_{layer}", f"norm2_{layer}"):
        w |= {norm: np.ones(width), f"{norm}_bias": np.zeros(width)}
    return w
