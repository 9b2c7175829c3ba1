"""How much of speech is left after units, F0 and a speaker, beside codecs of other rates."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from speechlab import corpora
from speechlab.corpora import Clip
from speechlab.figures import Figure
from speechlab.figures.listening import Vocoder, compare, griffin_lim, misheard, scores, test_clips
from speechlab.systems import celp, resynthesis, vqvae, weights
from speechlab.systems._shared.mel import BANDS, waveform
from speechlab.systems._shared.vocoding import at_peak

NAME, CENTRES = "resynthesis", "Griffin-Lim of the units' mean frames"
BORROWED = {True: "jackson", False: "maple"}  # the voice that a stranger is given, by `recorded`
HALF = 2 ** (0.5 / 12)
SAME_PITCH = "F0 within half a semitone, where there is one"

Array = NDArray[np.floating]


def voice_of(clip: Clip) -> str:
    """The speaker, or the voice that is borrowed if the generator does not know the speaker."""
    known = clip.speaker in resynthesis.SPEAKERS
    return clip.speaker if known else BORROWED[corpora.recorded()]


def through(clip: Clip) -> Array:
    """A clip after it was units, rounded F0 and a speaker."""
    sent = resynthesis.encode(clip.samples, clip.rate)
    if clip.speaker in resynthesis.SPEAKERS:
        return resynthesis.decode(sent, clip.speaker)
    return resynthesis.convert(clip.samples, clip.rate, voice_of(clip))


def centres(clip: Clip) -> Array:
    """The baseline: the mean log-mel frames of each unit in training, by Griffin and Lim."""
    book = weights("resynthesis")["centres"]
    mel = book[resynthesis.units(clip.samples, clip.rate)].reshape(-1, BANDS)
    return waveform(mel, len(clip.samples))


def coded(clip: Clip) -> Array:
    """A clip at 4,800 bit/s by CELP."""
    return at_peak(celp.through(clip.samples, clip.rate), clip.rate)


def rivals() -> dict[str, Vocoder]:
    """What it is compared with, by name."""
    return {
        CENTRES: centres,
        "VQ-VAE": lambda clip: at_peak(vqvae.reconstruct(clip.samples, clip.rate), clip.rate),
        "CELP": coded,
    }


def rates() -> dict[str, float]:
    """Bits a second of each way to send speech; a number for level or speaker is not counted."""
    own = resynthesis.bits_per_second()
    return {
        NAME: own["both"],
        CENTRES: own["units"],
        "VQ-VAE": float(vqvae.BITS),
        "CELP": celp.CODEC.bits_per_second,
        "Griffin-Lim of the mel frames": np.inf,
    }


def side_by_side() -> dict[str, dict[str, float]]:
    """For each way its rate and the mean of each measure, on test digits of known voices."""
    clips = test_clips()
    ways = {NAME: through, **rivals(), "Griffin-Lim of the mel frames": griffin_lim}
    cost = rates()
    return {
        name: {"bit/s": cost[name]}
        | {m: float(np.mean(x)) for m, x in scores(clips, [way(c) for c in clips]).items()}
        for name, way in ways.items()
    }


def pitch_rows(clips: Sequence[Clip], sounds: Sequence[Array]) -> NDArray[np.int_]:
    """Frames of each clip: voiced before, voiced afterwards as well, and with F0 nearly the same.

    Nearly is within half a semitone. Shape (R, 3).
    """
    rows = []
    for clip, heard in zip(clips, sounds):
        before, after = (resynthesis.f0(x, clip.rate) for x in (clip.samples, heard))
        both = (before > 0) & (after > 0)
        ratio = after[both] / before[both]
        near = (ratio < HALF) & (ratio > 1 / HALF)
        rows.append((np.sum(before > 0), both.sum(), near.sum()))
    return np.array(rows)


def still_voiced(rows: NDArray) -> float:
    """The share of voiced frames that have a pitch afterwards, of `pitch_rows`."""
    return float(rows[:, 1].sum() / max(rows[:, 0].sum(), 1))


def pitch_kept(rows: NDArray) -> float:
    """The share of frames voiced before and afterwards whose F0 is within half a semitone."""
    return float(rows[:, 2].sum() / max(rows[:, 1].sum(), 1))


def own_figures() -> list[Figure]:
    """How much of the pitch is kept, and what is understood of a voice that it never learned."""
    clips, strangers = test_clips(), test_clips(stranger=True)
    mine, means = (pitch_rows(clips, [way(clip) for clip in clips]) for way in (through, centres))
    kept = [
        Figure.of(NAME, metric, mine, CENTRES, means, corpora.name(), statistic, better="higher")
        for metric, statistic in (
            ("voiced frames that have a pitch afterwards", still_voiced),
            (SAME_PITCH, pitch_kept),
        )
    ]
    new = Figure.of(
        f"{NAME}, voice new, said by another",
        "digit error",
        misheard(strangers, [through(clip) for clip in strangers]),
        CENTRES,
        misheard(strangers, [centres(clip) for clip in strangers]),
        corpora.name(),
    )
    return [*kept, new]


def figures() -> list[Figure]:
    """Known voices beside other ways; F0; and what is understood of a voice it never learned."""
    return [*compare(NAME, through, rivals()), *own_figures()]
