"""How probable WaveGlow finds speech, beside Gaussian densities, and how its sound compares.

Every density is of the sound at a peak of 1 with the same noise of deviation 0.001 on it, without
which silence would be infinitely probable. Rows are (nats, samples), one a clip: (R, 2).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.corpora import Clip
from speechlab.figures import Figure, linear_prediction, listening
from speechlab.figures.linear_prediction import root_mean_square
from speechlab.systems import waveglow
from speechlab.systems._shared.vocoding import at_peak, voices

TEMPERATURE = 0.8  # as `figures.temperatures` chose it on training clips

Array = NDArray[np.floating]


def nats_per_sample(rows: Array) -> float:
    """Of rows (nats, samples)."""
    return float(rows[:, 0].sum() / rows[:, 1].sum())


def sounds(clips: Sequence[Clip]) -> list[Array]:
    """What is measured of clips: whole blocks at a peak of 1, with noise."""
    return [waveglow.whole_blocks(at_peak(clip.samples, clip.rate)) for clip in clips]


def gauss(guess: linear_prediction.Guesser, clips: Sequence[Clip]) -> Array:
    """Nats by Gaussian densities around guesses."""
    rows = []
    for x in sounds(clips):
        guesses, deviations = guess(x)
        squares = ((x - guesses) / deviations) ** 2
        rows.append([np.sum(np.log(2 * np.pi * deviations**2) + squares) / 2, len(x)])
    return np.array(rows)


def independent(train: Sequence[Clip], test: Sequence[Clip]) -> Array:
    """Nats by one Gaussian density for every sample."""
    deviation = root_mean_square(np.concatenate(sounds(train)))
    return gauss(lambda x: (np.zeros(len(x)), np.full(len(x), deviation)), test)


def global_lpc(train: Sequence[Clip], test: Sequence[Clip]) -> Array:
    """Nats by one predictor and one deviation for all speech."""
    return gauss(linear_prediction.by_training(sounds(train), root_mean_square), test)


def frame_lpc(train: Sequence[Clip], test: Sequence[Clip]) -> Array:
    """Nats by predictor and deviation of the very frame that is guessed; nothing is trained."""
    return gauss(linear_prediction.by_the_frame(root_mean_square), test)


BASELINES = {
    "independent Gaussian samples": independent,
    "global LPC, Gaussian residual": global_lpc,
    "LPC that knows the frame": frame_lpc,
}


def net_nats(clips: Sequence[Clip]) -> Array:
    """Nats by the net, which is told the clips' log-mel frames."""
    mels = [waveglow.mel_of(clip.samples, clip.rate) for clip in clips]
    long = [len(x) for x in sounds(clips)]
    each = [waveglow.nats(clip.samples, mel) for clip, mel in zip(clips, mels)]
    return np.array([[nats * n, n] for nats, n in zip(each, long)])


def vocoder(clip: Clip, temperature: float = TEMPERATURE) -> Array:
    """What the net makes of noise and a clip's log-mel frames."""
    mel = waveglow.mel_of(clip.samples, clip.rate)
    return waveglow.generate(mel, temperature, length=len(clip.samples))


def nat_figures(stranger: bool = False) -> list[Figure]:
    """Nats a sample on test clips, beside each baseline."""
    train, test = corpora.digits("train", voices()), listening.test_clips(stranger)
    mine = net_nats(test)
    return [
        Figure.of(
            f"WaveGlow, voice {'new' if stranger else 'known'}",
            "nats a sample",
            mine,
            name,
            baseline(train, test),
            corpora.name(),
            nats_per_sample,
            unit="nat",
        )
        for name, baseline in BASELINES.items()
    ]


def figures() -> list[Figure]:
    """Nats a sample; and how the sound compares that is generated from log-mel frames."""
    rivals = {"Griffin-Lim, 60 iterations": listening.griffin_lim}
    return [
        figure
        for stranger in (False, True)
        for figure in (
            *nat_figures(stranger),
            *listening.compare("WaveGlow", vocoder, rivals, stranger),
        )
    ]
