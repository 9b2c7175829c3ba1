"""How good HiFi-GAN's sound is, beside Griffin and Lim's phases and without discriminators."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.corpora import Clip
from speechlab.figures import Figure
from speechlab.figures.listening import Vocoder, compare, griffin_lim, test_clips
from speechlab.systems._shared.vocoding import at_peak
from speechlab.systems.hifigan import discriminate, mel_of, vocode

NAME = "HiFi-GAN"
WITHOUT = "the same generator without discriminators"


def vocoder(which: str = "gan") -> Vocoder:
    """A generator as a vocoder of clips."""
    return lambda clip: vocode(mel_of(clip.samples, clip.rate), which, len(clip.samples))


def rivals() -> dict[str, Vocoder]:
    """Griffin-Lim with many iterations and in about the generator's time; no discriminators."""
    return {
        "Griffin-Lim, 60 iterations": griffin_lim,
        "Griffin-Lim, 5 iterations": lambda clip: griffin_lim(clip, 5),
        WITHOUT: vocoder("reconstruction"),
    }


def told(clips: Sequence[Clip]) -> NDArray[np.bool_]:
    """Which clips the discriminators, all together, score higher than what was made of them."""
    right = []
    for clip in clips:
        both = (
            np.mean([np.mean(heard.scores) for heard in discriminate(sound)])
            for sound in (at_peak(clip.samples, clip.rate), vocoder()(clip))
        )
        right.append(next(both) > next(both))
    return np.array(right)


def judged() -> Figure:
    """How often the discriminators tell which of two sounds a person said."""
    clips = test_clips()
    return Figure.of(
        f"{NAME}'s discriminators",
        "speech scored higher than what was made of it",
        told(clips),
        "chance",
        np.full(len(clips), 0.5),
        corpora.name(),
        better="higher",
    )


def figures() -> list[Figure]:
    """Known voices, then the voice that was left out; at last the discriminators by themselves."""
    heard = [f for stranger in (False, True) for f in compare(NAME, vocoder(), rivals(), stranger)]
    return [*heard, judged()]
