"""A mixture of instruments taken apart by the spectra that each kind of part is made of.

From parts heard alone, non-negative matrix factorisation learns a few dozen spectra a kind (drums,
bass, chords, lead). A mixture is then explained by all of these together, and each bin is shared
out by how much of it each kind explains.

Shapes: `N` samples, `K` = 1025 bins, `T` frames of 128 ms every 32 ms, `C` components.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import librosa
import numpy as np
from numpy.typing import ArrayLike, NDArray

WINDOW, HOP = 2048, 512
COMPONENTS, LESSONS, ROUNDS = 30, 30, 50  # a kind; rounds of learning and of explaining
SMALL = 1e-8

Array = NDArray[np.floating]


def spectrum(samples: ArrayLike) -> NDArray[np.complexfloating]:
    """The short-time Fourier transform, shape (K, T)."""
    x = np.asarray(samples, dtype=np.float32)
    return librosa.stft(x, n_fft=WINDOW, hop_length=HOP)


def factorise(
    v: ArrayLike, spectra: Array, rounds: int, learn: bool, seed: int = 0
) -> tuple[Array, Array]:
    """Spectra (K, C) and activities (C, T) whose product is near to magnitudes v (K, T).

    The distance is the generalised Kullback-Leibler divergence, which these steps never increase
    (Lee and Seung, 1999). With `learn` false the spectra stay as they are.
    """
    v = np.asarray(v, dtype=np.float32) + np.float32(SMALL)
    w = np.array(spectra, dtype=np.float32)
    rng = np.random.default_rng(seed)
    h = rng.uniform(0.5, 1.5, (w.shape[1], v.shape[1])).astype(np.float32) * v.mean()
    for _ in range(rounds):
        h *= (w.T @ (v / (w @ h + SMALL))) / (w.sum(axis=0)[:, None] + SMALL)
        if learn:
            w *= ((v / (w @ h + SMALL)) @ h.T) / (h.sum(axis=1) + SMALL)
            w /= w.sum(axis=0) + SMALL
    return w, h


def learn(sounds: Sequence[ArrayLike], components: int = COMPONENTS, seed: int = 0) -> Array:
    """The spectra that one kind of part is made of, shape (K, C), each of sum 1."""
    heard = np.hstack([np.abs(spectrum(x)) for x in sounds])[:, ::2]
    start = np.random.default_rng(seed).uniform(0.1, 1.1, (len(heard), components))
    return factorise(heard, start / start.sum(axis=0), LESSONS, learn=True)[0]


def separate(samples: ArrayLike, kinds: Mapping[str, Array]) -> dict[str, Array]:
    """The part of each kind, shape (N,); together they are the mixture.

    `kinds` has the spectra of each, shape (K, C), as `learn` gives them.

    Raises
    ------
    ValueError
        For an empty or silent mixture, or without a kind.
    """
    if not np.any(samples) or not kinds:
        raise ValueError("A mixture that is not silent and one kind or more are needed.")
    mixture = spectrum(samples)
    _, h = factorise(np.abs(mixture), np.hstack(list(kinds.values())), ROUNDS, learn=False)
    ends = np.cumsum([w.shape[1] for w in kinds.values()])[:-1]
    pairs = zip(kinds.values(), np.split(h, ends))
    power = np.array([(w @ part) ** 2 + SMALL**2 for w, part in pairs])
    masks = power / power.sum(axis=0)
    length = len(samples)
    return {
        kind: librosa.istft(mixture * mask, hop_length=HOP, length=length)
        for kind, mask in zip(kinds, masks)
    }


def by_knowing(parts: Mapping[str, ArrayLike]) -> dict[str, Array]:
    """What masks reach that know each part's power in each bin: the oracle."""
    spectra = {kind: spectrum(x) for kind, x in parts.items()}
    mixture = sum(spectra.values())
    power = sum(np.abs(one) ** 2 for one in spectra.values()) + SMALL
    length = len(next(iter(parts.values())))
    return {
        kind: librosa.istft(mixture * np.abs(one) ** 2 / power, hop_length=HOP, length=length)
        for kind, one in spectra.items()
    }
