"""From text to sound: Tacotron 2 writes log-mel frames, one of the vocoders makes samples of them.

Shapes: `T` log-mel frames every 80 samples, `N = 80 (T - 1)` samples at 8 kHz.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from speechlab.systems import hifigan, tacotron, waveglow, wavenet
from speechlab.systems._shared.mel import HOP, waveform
from speechlab.systems._shared.vocoding import conditions

Array = NDArray[np.floating]


def _griffin_lim(mel: Array, speaker: str, length: int) -> Array:
    return waveform(mel, length)


def _hifigan(mel: Array, speaker: str, length: int) -> Array:
    return hifigan.vocode(mel, "gan", length)


def _untaught(mel: Array, speaker: str, length: int) -> Array:
    return hifigan.vocode(mel, "reconstruction", length)


def _waveglow(mel: Array, speaker: str, length: int) -> Array:
    return waveglow.generate(mel, length=length)


def _wavenet(mel: Array, speaker: str, length: int) -> Array:
    known = speaker if speaker in wavenet.SPEAKERS else None
    return wavenet.samples_of(wavenet.generate(mel, known, length))


VOCODERS: dict[str, Callable[[Array, str, int], Array]] = {
    "Griffin-Lim": _griffin_lim,
    "HiFi-GAN": _hifigan,
    "HiFi-GAN without discriminators": _untaught,
    "WaveGlow": _waveglow,
    "WaveNet": _wavenet,
}


def sound_of(mel_db: ArrayLike, speaker: str = "jackson", vocoder: str = "HiFi-GAN") -> Array:
    """The sound (N,) at 8 kHz that a vocoder makes of log-mel frames (T, 40) in dB.

    `vocoder` is a key of `VOCODERS`. WaveNet, which takes a few times as long as the sound, is told
    the speaker if it knows that one.

    Raises
    ------
    ValueError
        If these are not two or more frames of 40 finite numbers, or there is no such vocoder.
    """
    mel = np.asarray(mel_db, dtype=float)
    conditions(mel)
    if vocoder not in VOCODERS:
        raise ValueError(f"There is no vocoder {vocoder!r}: there are {', '.join(VOCODERS)}.")
    if len(mel) < 2:
        raise ValueError("One frame is no sound: a vocoder needs two frames or more.")
    return VOCODERS[vocoder](mel, speaker, HOP * (len(mel) - 1))


def speak(
    text: str, speaker: str = "jackson", vocoder: str = "HiFi-GAN", seed: int = 0
) -> tuple[Array, tacotron.Said]:
    """The sound (N,) of a text at 8 kHz, and what Tacotron 2 made of it before.

    Raises `ValueError` as `tacotron.say` does: for characters that it has never seen, say.
    """
    said = tacotron.say(text, speaker, seed)
    return sound_of(said.mel, speaker, vocoder), said
