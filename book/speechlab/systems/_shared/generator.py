"""The generator that HiFi-GAN and resynthesis share: rows at a low rate become samples.

A convolution looks at the rows; then the signal is made longer step by step, and behind each step
three chains of convolutions with kernels of 3, 5 and 7 taps shape what came out.

Shapes: `N` rows or samples, `C` and `D` channels. PyTorch keeps kernels as (outputs, inputs, taps)
and those for upsampling as (inputs, outputs, taps); `turned` makes one matrix a tap of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

WIDTH, REACH = 128, 7  # channels before the first step; taps of the first and last convolution
KERNELS = (3, 5, 7)  # of the chains after each step
LEAK = 0.1  # slope of the rectifier on its left side

Array = NDArray[np.floating]
Weights = Mapping[str, Array]


def turned(arrays: Weights, start: str) -> dict[str, Array]:
    """The arrays whose names begin so, without that, as (taps, inputs, outputs)."""
    found = {}
    for key, array in arrays.items():
        if key.startswith(start):
            axes = (2, 0, 1) if ".up." in f".{key}" else (2, 1, 0)
            matrices = array.transpose(axes) if array.ndim == 3 else array
            found[key.removeprefix(start)] = np.ascontiguousarray(matrices)
    return found


def leaky(x: Array) -> Array:
    """x, and a tenth of it where it is negative."""
    return np.maximum(x, np.float32(LEAK) * x)


def convolve(x: Array, w: Weights, name: str, apart: int = 1) -> Array:
    """A convolution that keeps the length, (N, C) to (N, D); `apart` samples between its taps."""
    matrices = w[f"{name}.weight"]
    middle = len(matrices) // 2
    y = x @ matrices[middle]
    y += w[f"{name}.bias"]
    for tap, matrix in enumerate(matrices):
        shift = (tap - middle) * apart
        if shift < 0:
            y[-shift:] += x[:shift] @ matrix
        elif shift:
            y[:-shift] += x[shift:] @ matrix
    return y


def longer(x: Array, w: Weights, step: int) -> Array:
    """Upsampling by a learned kernel of twice the factor: (N, C) to (factor N, C / 2)."""
    matrices = w[f"up.{step}.weight"]
    factor, width = len(matrices) // 2, matrices.shape[2]
    pieces = np.tensordot(x, matrices, axes=(1, 1))  # (N, 2 factor, C / 2), they overlap by half
    whole = np.zeros((len(x) + 1, factor, width), dtype=x.dtype)
    whole[:-1] = pieces[:, :factor]
    whole[1:] += pieces[:, factor:]
    kept = whole.reshape(-1, width)[factor // 2 : factor // 2 + factor * len(x)]
    return kept + w[f"up.{step}.bias"]


def shaped(x: Array, w: Weights, step: int, dilations: Sequence[int]) -> Array:
    """The mean of what the chains of one step make of a signal; the shape stays."""
    ends = []
    for chain in range(len(KERNELS)):
        y = x
        for layer, apart in enumerate(dilations):
            y = y + convolve(leaky(y), w, f"fusion.{step}.chains.{chain}.{layer}", apart)
        ends.append(y)
    return sum(ends) / np.float32(len(KERNELS))


def generate(x: Array, w: Weights, dilations: Sequence[Sequence[int]]) -> list[Array]:
    """The signals inside, before the first step and after each, and last the sound (N', 1).

    `dilations` is, for each step, how far apart the taps of its chains' layers stand.
    """
    signals = [convolve(x.astype(np.float32), w, "first")]
    for step, apart in enumerate(dilations):
        signals.append(shaped(longer(leaky(signals[-1]), w, step), w, step, apart))
    return [*signals, np.tanh(convolve(leaky(signals[-1]), w, "last"))]
