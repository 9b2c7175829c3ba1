"""VQ-VAE in small: a network that writes speech as 50 numbers a second, each from 0 to 63.

An encoder of convolutions makes a short vector of each 20 ms; the nearest codeword takes its
place; a decoder of convolutions makes two frames of log-mel spectrogram of each codeword and its
neighbours. 6 bits every 20 ms are 300 bit/s, and one number for the level of the clip.

Shapes: `N` samples, `T` frames of 20 ms, `2 T` frames of log-mel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.vq import vq

from speechlab import corpora
from speechlab.corpora import Clip
from speechlab.systems import Figure, bootstrap, weights
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


# --- how good is it? ----------------------------------------------------------------------


def plain_codebook(trained: bool = True) -> Array:
    """64 pairs of log-mel frames, shape (64, 80): clusters by k-means, or drawn by lot."""
    return weights("vqvae")["kmeans" if trained else "drawn"]


def plain(mel: Array, trained: bool = True) -> Array:
    """The baseline: each pair of frames (2 T, 40) replaced by the nearest of the codebook."""
    book = plain_codebook(trained)
    return book[vq(mel.reshape(-1, BLOCK * BANDS), book)[0]].reshape(mel.shape)


def through(mel: Array) -> Array:
    """Log-mel (2 T, 40) by way of the encoder, the codewords and the decoder."""
    return decode(vq(encode(mel), codebook())[0])


def distance(mel: Array, other: Array) -> float:
    """Log-spectral distance in dB: the rms difference over the bands, averaged over the frames."""
    return float(np.mean(np.sqrt(np.mean((mel - other) ** 2, axis=1))))


def errors(coder: Callable[[Array], Array], clips: Sequence[Clip]) -> Array:
    """The distance between each clip and what a coder makes of it, in dB."""
    mels = [blocks(clip.samples, clip.rate) for clip in clips]
    return np.array([distance(mel, coder(mel)) for mel in mels])


def figures() -> list[Figure]:
    """Log-spectral distance at 300 bit/s, against k-means and against codewords drawn by lot."""
    clips = corpora.digits("test")
    mine = errors(through, clips)
    low, high = bootstrap(mine)
    baselines = {
        "k-means on pairs of frames": errors(plain, clips),
        "pairs of frames drawn by lot": errors(lambda mel: plain(mel, False), clips),
    }
    return [
        Figure(
            system="VQ-VAE",
            metric=f"log-spectral distance at {BITS:.0f} bit/s",
            value=float(mine.mean()),
            low=low,
            high=high,
            baseline=name,
            baseline_value=float(theirs.mean()),
            count=len(clips),
            corpus=corpora.name(),
            unit="dB",
        )
        for name, theirs in baselines.items()
    ]
