"""HiFi-GAN in small: a network that makes samples of log-mel frames, all of them at once.

A convolution looks at the frames; then the signal is made longer by 5, by 4 and by 4, and behind
each of these steps three chains of convolutions with kernels of 3, 5 and 7 taps shape what came
out. There are two generators of the same form: one that only learned to have the right spectra,
and one that went on learning against discriminators. The discriminators are here as well.

Shapes: `T` log-mel frames every 80 samples at 8 kHz, `N` samples, `C` channels.

Source: J. Kong, J. Kim and J. Bae, "HiFi-GAN: Generative adversarial networks for efficient and
high fidelity speech synthesis", NeurIPS (2020).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from speechlab.systems import weights
from speechlab.systems._shared.generator import generate, leaky, turned
from speechlab.systems._shared.mel import RATE, log_mel
from speechlab.systems._shared.vocoding import conditions

FACTORS = (5, 4, 4)  # how much longer the signal gets, step by step: 80 in all
DILATIONS = ((1, 3, 9), (1, 3), (1, 3))  # of the layers behind each step
PERIODS, HALVINGS = (2, 3, 5, 7), (0, 1, 2)  # of the discriminators
RIVAL_WIDTHS = (16, 32, 64, 64)
PERIOD_KERNELS, PERIOD_STRIDES = (5, 5, 5, 3), (3, 3, 3, 1)
SCALE_KERNELS, SCALE_STRIDES = (15, 21, 21, 5), (1, 4, 4, 1)
STAGES = ("gan", "reconstruction")  # with discriminators, and before them

Array = NDArray[np.floating]


# --- the generator ------------------------------------------------------------------------


def mel_of(samples: ArrayLike, rate: int) -> Array:
    """What a vocoder is given: log-mel frames in dB (T, 40), of the sound at a peak of 1.

    T = 1 + N // 80. Raises `ValueError` for an empty or silent sound, NaN, or a rate other than
    8000.
    """
    return log_mel(samples, rate)


@cache
def _generator(which: str) -> dict[str, Array]:
    """The weights of a generator, its kernels as one matrix a tap."""
    if which not in STAGES:
        raise ValueError(f"There are generators {' and '.join(STAGES)}, none is called {which!r}.")
    return turned(weights("hifigan"), f"{which}.")


def steps(mel_db: ArrayLike, which: str = "gan") -> list[Array]:
    """The signals inside: (T, 128), (5 T, 64), (20 T, 32), (80 T, 16), and the sound (80 T, 1).

    Parameters
    ----------
    mel_db : array_like, shape (T, 40)
        Log-mel frames in dB, of `log_mel` or of a network.
    which : "gan" or "reconstruction"
        The generator that learned against discriminators, or as it was before: only spectra had
        taught it.

    Raises
    ------
    ValueError
        If these are not frames of 40 finite numbers, one frame or more, or there is no such
        generator.
    """
    return generate(conditions(mel_db), _generator(which), DILATIONS)


def vocode(mel_db: ArrayLike, which: str = "gan", length: int | None = None) -> Array:
    """The sound of log-mel frames (T, 40) in dB: `length` samples, or 80 T; shape (N,), 8 kHz.

    The peak is about 1, as in the clips that the frames were taken from. With
    `which="reconstruction"` it is the generator that never met a discriminator. Raises `ValueError`
    as `steps` does, or if there are not enough frames for that length.
    """
    sound = steps(mel_db, which)[-1][:, 0].astype(float)
    if length is None:
        return sound
    if not 0 < length <= len(sound):
        raise ValueError(f"These frames are enough for 1 to {len(sound)} samples, not {length}.")
    return sound[:length]


def reconstruct(samples: ArrayLike, rate: int, which: str = "gan") -> Array:
    """The sound (N,) that the generator makes of a sound's log-mel frames, at the level it had.

    Raises `ValueError` for an empty or silent sound, NaN, or a rate other than 8000.
    """
    mel, peak = mel_of(samples, rate), np.abs(samples).max()
    return peak * vocode(mel, which, len(np.asarray(samples)))


# --- the discriminators -------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Heard:
    """What one discriminator makes of a sound.

    `scores` has the shape (H, p): one column a phase of the period p, or a single column; near 1 is
    speech, near 0 made by a generator. Row h is about the time `seconds[h]`. `features` are the
    outputs of the layers before, (H', p, C).
    """

    name: str
    scores: Array
    seconds: Array
    features: list[Array]


def _judge(picture: Array, name: str, strides: tuple[int, ...], at: Array, called: str) -> Heard:
    """A discriminator's layers over the columns of a picture (H, p); `at` (H,) in seconds."""
    w, x, features = weights("hifigan_rivals"), picture[..., None], []
    for layer, stride in enumerate((*strides, 1)):
        inner = f"{name}.layers.{layer}" if layer < len(strides) else f"{name}.score"
        kernels = w[f"{inner}.weight"]
        reach = kernels.shape[2] // 2
        padded = np.pad(x, ((reach, reach), (0, 0), (0, 0)))
        windows = sliding_window_view(padded, kernels.shape[2], axis=0)[::stride]
        x = np.tensordot(windows, kernels, axes=((2, 3), (1, 2))) + w[f"{inner}.bias"]
        at = at[::stride]
        if layer < len(strides):
            x = leaky(x)
            features.append(x)
    return Heard(called, x[..., 0], at, features)


def discriminate(samples: ArrayLike) -> list[Heard]:
    """What each discriminator makes of a sound (N,) at 8 kHz with a peak of about 1.

    Four look at every 2nd, 3rd, 5th, 7th sample by itself; three at the sound, at its average over
    four samples every second one, and at the same of that. The first four fill the last row with
    zeros.

    Raises
    ------
    ValueError
        If the sound is not one channel of finite samples, at least 25 ms.
    """
    y = np.asarray(samples, dtype=np.float32)
    if y.ndim != 1 or len(y) < 200 or not np.all(np.isfinite(y)):
        raise ValueError("A discriminator hears one channel of finite samples, 25 ms or more.")
    found = []
    for number, period in enumerate(PERIODS):
        picture = np.pad(y, (0, -len(y) % period)).reshape(-1, period)
        at = np.arange(len(picture)) * period / RATE
        called = f"period {period}"
        found.append(_judge(picture, f"periods.{number}", PERIOD_STRIDES, at, called))
    for number in HALVINGS:
        at = np.arange(len(y)) * 2**number / RATE
        called = f"rate {RATE / 2**number / 1000:g} kHz"
        found.append(_judge(y[:, None], f"scales.{number}", SCALE_STRIDES, at, called))
        padded = np.pad(y, 2)
        y = sliding_window_view(padded, 4)[::2].mean(axis=1)
    return found
