"""VQ-VAE in small: a network that writes speech as 50 numbers a second, each from 0 to 63.

An encoder of convolutions makes a short vector of each 20 ms; the nearest codeword takes its
place; a decoder of convolutions makes two frames of log-mel spectrogram of each codeword and its
neighbours. 6 bits every 20 ms are 300 bit/s, and one number for the level of the clip.

Shapes: `N` samples, `T` frames of 20 ms, `2 T` frames of log-mel.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.vq import vq

from speechlab.systems import weights
from speechlab.systems._shared.layers import affine, convolve, gelu
from speechlab.systems._shared.mel import BANDS, FLOOR, HOP, RATE, checked, log_mel, waveform

CODEWORDS, CODE = 64, 16  # how many, and of how many dimensions
WIDTH, KERNEL, BLOCK = 128, 5, 2  # channels; frames a convolution sees; frames of 10 ms in a code
BITS = np.log2(CODEWORDS) * RATE / HOP / BLOCK  # a second
SCALE = 15.0  # dB

Array = NDArray[np.floating]
Codes = NDArray[np.int_]


def blocks(samples: ArrayLike, rate: int) -> Array:
    """Log-mel in dB with an even number of frames (the last may stand twice), shape (2 T, 40)."""
    mel = log_mel(samples, rate)
    return np.pad(mel, ((0, len(mel) % BLOCK), (0, 0)), mode="edge")


def encode(mel: Array) -> Array:
    """What the encoder makes of log-mel (2 T, 40), before it is rounded: shape (T, 16)."""
    w = weights("vqvae")
    x = (mel - w["mean"]) / SCALE
    x = gelu(convolve(x, w, "enc_1", KERNEL, BLOCK))
    x = x + gelu(convolve(x, w, "enc_2", KERNEL))
    return affine(x, w, "enc_3")


def decode(codes: ArrayLike) -> Array:
    """The log-mel spectrogram in dB that the decoder makes of codes (T,): shape (2 T, 40)."""
    w = weights("vqvae")
    x = gelu(convolve(codebook()[np.asarray(codes)], w, "dec_1", KERNEL))
    x = x + gelu(convolve(x, w, "dec_2", KERNEL))
    x = affine(x, w, "dec_3").reshape(-1, BANDS)
    return np.maximum(x * SCALE + w["mean"], FLOOR)


def codebook() -> Array:
    """The codewords, shape (64, 16)."""
    return weights("vqvae")["codebook"]


def codes(samples: ArrayLike, rate: int) -> Codes:
    """The number of the codeword nearest to each 20 ms, shape (T,).

    Raises `ValueError` for an empty or silent sound, NaN, or a rate other than 8000.
    """
    return vq(encode(blocks(samples, rate)), codebook())[0]


def reconstruct(samples: ArrayLike, rate: int) -> Array:
    """The sound after it has been codes, shape (N,), at the level it had.

    Codes say nothing of pitch and phase; those are Griffin and Lim's.
    """
    peak = np.abs(checked(samples, rate)).max()
    return peak * waveform(decode(codes(samples, rate)), len(samples))
