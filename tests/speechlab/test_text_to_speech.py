"""The chain from text to sound: every vocoder takes the frames, and bad input is named."""

from __future__ import annotations

import numpy as np
import pytest

from speechlab.systems import text_to_speech as chain


@pytest.fixture(scope="module")
def said():
    return chain.speak("two", "rowan", "Griffin-Lim")[1]


@pytest.mark.parametrize("vocoder", chain.VOCODERS)
def test_every_vocoder_makes_sound_of_the_frames(said, vocoder):
    mel = said.mel[:20]
    sound = chain.sound_of(mel, said.speaker, vocoder)
    assert sound.shape == (80 * (len(mel) - 1),) and np.all(np.isfinite(sound))
    assert 0.01 < np.abs(sound).max() <= 1.5


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: chain.speak("a cat"), "never seen 'a', 'c'"),
        (lambda: chain.speak(""), "nothing to read"),
        (lambda: chain.sound_of(np.zeros((1, 40))), "two frames or more"),
        (lambda: chain.sound_of(np.zeros((5, 20))), "40 bands"),
        (lambda: chain.sound_of(np.full((5, 40), np.inf)), "NaN or infinity"),
        (lambda: chain.sound_of(np.zeros((5, 40)), vocoder="mouth"), "no vocoder 'mouth'"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()
