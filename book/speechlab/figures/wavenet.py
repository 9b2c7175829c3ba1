"""How many bits a sample WaveNet needs, beside what linear prediction needs for the same classes.

The baselines of `linear_prediction` guess the next of the samples that the classes stand for: its
distribution is a Laplace density around the guess, and a class has the part of it that lies between
the borders of the class.

Shapes: `N` samples, `R` clips. Each function gives rows (bits, samples), one a clip: (R, 2).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.corpora import Clip
from speechlab.figures import Figure, linear_prediction, listening
from speechlab.figures.linear_prediction import mean_size
from speechlab.systems import wavenet
from speechlab.systems._shared.mel import log_mel
from speechlab.systems._shared.vocoding import voices
from speechlab.systems.wavenet import CLASSES, SPEAKERS, classes_of, samples_of

TEMPERATURE = 0.5  # as `figures.temperatures` chose it on training clips
DOUBT = 1e-3  # of the probability is spread over all classes, so that no surprise is infinite
BORDERS = samples_of(np.arange(CLASSES - 1) + 0.5)

Array = NDArray[np.floating]


def bits_per_sample(rows: Array) -> float:
    """Of rows (bits, samples)."""
    return float(rows[:, 0].sum() / rows[:, 1].sum())


# --- baselines ----------------------------------------------------------------------------


def laplace_bits(classes: NDArray, guess: Array, scale: Array | float) -> Array:
    """-log2 of the probability of each class under Laplace densities, shape (N,)."""
    edges = np.concatenate([[-np.inf], BORDERS, [np.inf]])
    low, high = ((edges[classes + k] - guess) / np.maximum(scale, 1e-6) for k in (0, 1))
    below = [
        np.where(x < 0, np.exp(np.minimum(x, 0)) / 2, 1 - np.exp(-np.maximum(x, 0)) / 2)
        for x in (low, high)
    ]
    return -np.log2((1 - DOUBT) * (below[1] - below[0]) + DOUBT / CLASSES)


def histogram(train: Sequence[Clip], test: Sequence[Clip]) -> Array:
    """Bits by how often each class occurs in training."""
    seen = np.concatenate([classes_of(c.samples, c.rate) for c in train])
    odds = np.bincount(seen, minlength=CLASSES) + 1
    bits = -np.log2(odds / odds.sum())
    return np.array([[bits[classes_of(c.samples, c.rate)].sum(), len(c.samples)] for c in test])


def heard(clips: Sequence[Clip]) -> list[Array]:
    """The samples that the classes of clips stand for."""
    return [samples_of(classes_of(clip.samples, clip.rate)) for clip in clips]


def laplace(guess: linear_prediction.Guesser, clips: Sequence[Clip]) -> Array:
    """Bits by Laplace densities around the guesses."""
    rows = []
    for clip in clips:
        classes = classes_of(clip.samples, clip.rate)
        bits = laplace_bits(classes, *guess(samples_of(classes)))
        rows.append([bits.sum(), len(bits)])
    return np.array(rows)


def global_lpc(train: Sequence[Clip], test: Sequence[Clip]) -> Array:
    """Bits by one predictor and one scale for all speech."""
    return laplace(linear_prediction.by_training(heard(train), mean_size), test)


def backward_lpc(train: Sequence[Clip], test: Sequence[Clip]) -> Array:
    """Bits by predictor and scale of what came before; nothing is trained."""
    return laplace(linear_prediction.by_the_past(mean_size), test)


def frame_lpc(train: Sequence[Clip], test: Sequence[Clip]) -> Array:
    """Bits by predictor and scale of the very frame that is guessed; nothing is trained."""
    return laplace(linear_prediction.by_the_frame(mean_size), test)


BASELINES = {
    "histogram": histogram,
    "global LPC, Laplace residual": global_lpc,
    "backward-adaptive LPC": backward_lpc,
    "LPC that knows the frame": frame_lpc,
}


# --- figures ------------------------------------------------------------------------------


def known(speaker: str) -> str | None:
    """The speaker, if the net learned that voice; else None, nobody in particular."""
    return speaker if speaker in SPEAKERS else None


def net_bits(clips: Sequence[Clip], told: bool = True) -> Array:
    """Bits by the net that is told frames and speaker, or by the one that is told nothing."""
    rows = []
    for clip in clips:
        what = (log_mel(clip.samples, clip.rate), known(clip.speaker)) if told else ()
        bits = wavenet.bits(classes_of(clip.samples, clip.rate), *what)
        rows.append([bits.sum(), len(bits)])
    return np.array(rows)


def vocoder(
    clips: Sequence[Clip], seed: int = 0, temperature: float = TEMPERATURE
) -> listening.Vocoder:
    """A function of each of the clips: what the net makes of its log-mel frames and speaker."""
    made = wavenet.generate_many(
        [log_mel(clip.samples, clip.rate) for clip in clips],
        [known(clip.speaker) for clip in clips],
        [len(clip.samples) for clip in clips],
        seed,
        temperature,
    )
    sounds = {(c.speaker, c.digit, c.index): samples_of(row) for c, row in zip(clips, made)}
    return lambda clip: sounds[clip.speaker, clip.digit, clip.index]


def bit_figures(stranger: bool = False) -> list[Figure]:
    """Bits a sample on test clips, beside the net that is told nothing, and each baseline."""
    train, test = corpora.digits("train", voices()), listening.test_clips(stranger)
    rivals = {"the same net, told nothing": net_bits(test, told=False)}
    rivals |= {name: rows(train, test) for name, rows in BASELINES.items()}
    mine = net_bits(test)
    return [
        Figure.of(
            f"WaveNet, voice {'new' if stranger else 'known'}",
            "bits a sample",
            mine,
            name,
            rows,
            corpora.name(),
            bits_per_sample,
            unit="bit",
        )
        for name, rows in rivals.items()
    ]


def figures() -> list[Figure]:
    """Bits a sample; and how the sound compares that is generated from log-mel frames."""
    rivals = {"Griffin-Lim, 60 iterations": listening.griffin_lim}
    heard = [
        figure
        for stranger in (False, True)
        for made in [vocoder(listening.test_clips(stranger))]
        for figure in listening.compare("WaveNet", made, rivals, stranger)
    ]
    return bit_figures() + bit_figures(stranger=True) + heard
