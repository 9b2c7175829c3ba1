"""WaveGlow in small: speech to white noise by steps that can be undone, and noise to speech.

Eight samples at a time stand in a row. A step multiplies each row by a matrix, and then scales and
shifts the second half of the row by what a small net makes of the first half of the rows around it
and of the log-mel frames. After three steps and again after six, two numbers of each row are noise
already and take no further part. The net was trained in PyTorch by `training/waveglow.py`.

Shapes: `N` samples, a multiple of 80 (sounds are filled up with silence), `N / 8` rows of `G`
numbers, `T` frames of log-mel in dB, as many blocks of 80 samples, `D` channels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speechlab.systems import weights
from speechlab.systems._shared.layers import Weights, affine, gelu
from speechlab.systems._shared.mel import HOP, RATE
from speechlab.systems._shared.mel import log_mel as mel_of
from speechlab.systems._shared.vocoding import at_peak, conditions, gated, with_neighbours

__all__ = ["RATE", "decode", "encode", "generate", "mel_of", "nats", "stages"]

GROUP = 8  # samples in a row
CHANNELS = (8, 8, 8, 6, 6, 6, 4, 4)  # numbers of a row that take part in each step
WIDTH, TAPS, DILATIONS = 64, 3, (1, 3, 9)  # of the nets inside the steps
KERNEL = 4  # frames that a block of 80 samples is told of
DITHER = 1e-3  # deviation of the noise on what it was trained on, which has silence in it

Array = NDArray[np.floating]


def instructions(mel: ArrayLike, blocks: int, w: Weights) -> Array:
    """What the nets are told in each block, (blocks, 8 steps, 3 layers, 2 D).

    Raises `ValueError` if these are no log-mel frames, or fewer than blocks.
    """
    frames = conditions(mel)
    if len(frames) < blocks:
        raise ValueError(
            f"{blocks * HOP} samples need {blocks} frames of log-mel, not {len(frames)}."
        )
    hidden = gelu(affine(with_neighbours(frames, KERNEL)[:blocks], w, "frames"))
    return (hidden @ w["told_all"]).reshape(blocks, len(CHANNELS), len(DILATIONS), 2 * WIDTH)


def scale_and_shift(half: Array, step: int, told: Array, w: Weights) -> tuple[Array, Array]:
    """ln s and t for one half of the rows, (N / 8, G / 2) each, from the other half."""
    x, heard = affine(half, w, f"start_{step}"), []
    for n, dilation in enumerate(DILATIONS):
        padded = np.pad(x, ((dilation, dilation), (0, 0)))
        near = [padded[k * dilation : k * dilation + len(x)] for k in range(TAPS)]
        both = affine(np.hstack(near), w, f"in_{step}_{n}").reshape(len(told), -1, 2 * WIDTH)
        heard.append(gated(both + told[:, None, step, n]).reshape(x.shape))
        if n + 1 < len(DILATIONS):
            x = x + affine(heard[-1], w, f"on_{step}_{n}")
    log_s, t = np.split(affine(np.hstack(heard), w, f"out_{step}"), 2, axis=1)
    return log_s, t


def encode(samples: ArrayLike, mel: ArrayLike) -> tuple[Array, Array]:
    """The noise that a sound is, and how much each step stretched it.

    Parameters
    ----------
    samples : array_like, shape (N,)
        At 8 kHz. Scaled to a peak of 1, and filled up with zeros to a multiple of 80.
    mel : array_like, shape (T, 40)
        Its log-mel frames in dB.

    Returns
    -------
    z : ndarray, shape (N / 8, 8)
        Nearly independent, Gaussian, of variance 1, if the net finds the sound probable.
    log_dets : ndarray, shape (8,)
        ln |det| of the Jacobian of each step, over all rows.

    Raises
    ------
    ValueError
        If the samples are empty, silent or not finite, or there are fewer frames than blocks.
    """
    steps, log_dets = _steps(_whole(samples), mel)
    return steps[-1], log_dets


def stages(samples: ArrayLike, mel: ArrayLike) -> list[Array]:
    """The sound before the first step and after each of the eight, each of shape (N / 8, 8)."""
    return _steps(_whole(samples), mel)[0]


def decode(z: ArrayLike, mel: ArrayLike) -> Array:
    """The sound (N,) that noise z (N / 8, 8) is: the steps undone, the last one first.

    Raises
    ------
    ValueError
        If z is no table of eight columns and whole blocks, is not finite, or has too few frames.
    """
    z = np.asarray(z, dtype=float)
    if z.ndim != 2 or z.shape[1] != GROUP or len(z) == 0 or len(z) % (HOP // GROUP):
        raise ValueError(f"Noise is a table of 8 columns, ten rows a block, not {z.shape}.")
    if not np.all(np.isfinite(z)):
        raise ValueError("Noise is finite numbers, without NaN or infinity.")
    w = _in_double()
    told = instructions(mel, len(z) * GROUP // HOP, w)
    x = z.copy()
    for step, channels in reversed(list(enumerate(CHANNELS))):
        a, b = np.split(x[:, -channels:], 2, axis=1)
        log_s, t = scale_and_shift(a, step, told, w)
        mixed = np.hstack([a, (b - t) * np.exp(-log_s)])
        x[:, -channels:] = mixed @ np.linalg.inv(w[f"mix_{step}"])
    return x.ravel()


def generate(
    mel: ArrayLike, temperature: float = 0.6, seed: int = 0, length: int | None = None
) -> Array:
    """A sound whose log-mel frames in dB (T, 40) are about these, from noise drawn for it.

    Parameters
    ----------
    temperature : float
        Deviation of the noise; in training it was 1.
    length : int, optional
        How many samples; by default 80 (T - 1), as many as whole hops between the frames.

    Returns
    -------
    samples : ndarray, shape (N,)
        With a peak of 1 at most, so that nothing is clipped.

    Raises
    ------
    ValueError
        If the temperature is negative, the length is below 1 or more than the frames tell of.
    """
    if not temperature >= 0:
        raise ValueError("A temperature is a deviation: zero or more.")
    length = HOP * max(len(conditions(mel)) - 1, 1) if length is None else length
    if length < 1:
        raise ValueError("A signal has one sample or more.")
    rows = -(-length // HOP) * HOP // GROUP
    noise = np.random.default_rng(seed).normal(size=(rows, GROUP))
    sound = decode(temperature * noise, mel)[:length]
    return sound / max(1.0, np.abs(sound).max())


def nats(samples: ArrayLike, mel: ArrayLike) -> float:
    """-ln of the density of a sound scaled to a peak of 1, a sample (of whole blocks only).

    Noise of deviation 0.001 is added, without which silence would be infinitely probable.
    """
    x = whole_blocks(at_peak(samples))
    steps, log_dets = _steps(x, mel)
    energy = np.sum(steps[-1] ** 2) / 2 - log_dets.sum()
    return float(energy / len(x) + np.log(2 * np.pi) / 2)


def whole_blocks(samples: Array) -> Array:
    """The first multiple of 80 samples, with the same noise of deviation 0.001 each time."""
    if len(samples) < HOP:
        raise ValueError("A density needs a whole block: 80 samples.")
    x = samples[: len(samples) // HOP * HOP]
    return x + DITHER * np.random.default_rng(0).normal(size=len(x))


def _whole(samples: ArrayLike) -> Array:
    """The sound at a peak of 1, filled up to a multiple of 80 samples."""
    x = at_peak(samples)
    return np.pad(x, (0, -len(x) % HOP))


def _in_double() -> Weights:
    """The weights in double precision, in which the steps can be undone to many digits."""
    return {name: array.astype(float) for name, array in weights("waveglow").items()}


def _steps(samples: Array, mel: ArrayLike) -> tuple[list[Array], Array]:
    """The rows before the first step and after each, and the logarithms of the determinants."""
    w, x = _in_double(), samples.reshape(-1, GROUP)
    told = instructions(mel, len(samples) // HOP, w)
    found, log_dets = [x], np.zeros(len(CHANNELS))
    for step, channels in enumerate(CHANNELS):
        mix = w[f"mix_{step}"]
        a, b = np.split(x[:, -channels:] @ mix, 2, axis=1)
        log_s, t = scale_and_shift(a, step, told, w)
        x = np.hstack([x[:, :-channels], a, b * np.exp(log_s) + t])
        found.append(x)
        log_dets[step] = log_s.sum() + len(x) * np.linalg.slogdet(mix)[1]
    return found, log_dets
