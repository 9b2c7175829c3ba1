"""How far from the spectrogram VQ-VAE's is, beside pairs of frames from a codebook.

Shapes: `T` frames of 20 ms, `2 T` frames of log-mel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import vq

from speechlab import corpora
from speechlab.corpora import Clip
from speechlab.figures import Figure
from speechlab.systems import weights
from speechlab.systems.vqvae import BITS, blocks, codebook, decode, encode

Array = NDArray[np.floating]


def plain_codebook(trained: bool = True) -> Array:
    """64 pairs of log-mel frames, shape (64, 80): clusters by k-means, or drawn by lot."""
    return weights("vqvae")["kmeans" if trained else "drawn"]


def plain(mel: Array, trained: bool = True) -> Array:
    """The baseline: each pair of frames (2 T, 40) replaced by the nearest of the codebook."""
    book = plain_codebook(trained)
    return book[vq(mel.reshape(-1, book.shape[1]), book)[0]].reshape(mel.shape)


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
    baselines = {
        "k-means on pairs of frames": plain,
        "pairs of frames drawn by lot": lambda mel: plain(mel, False),
    }
    return [
        Figure.of(
            "VQ-VAE",
            f"log-spectral distance at {BITS:.0f} bit/s",
            mine,
            name,
            errors(coder, clips),
            corpora.name(),
            unit="dB",
        )
        for name, coder in baselines.items()
    ]
