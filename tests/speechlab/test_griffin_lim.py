"""Sound out of magnitudes alone: the magnitudes come back, and the seed decides the phases."""

import librosa
import numpy as np

from speechlab import corpora
from speechlab.speech.griffin_lim import griffin_lim

SIZE, HOP = 256, 64


def spectrum(samples):
    return np.abs(librosa.stft(samples, n_fft=SIZE, hop_length=HOP))


def test_the_sound_has_the_magnitudes_asked_for():
    samples = corpora.digits("test")[0].samples
    asked = spectrum(samples)
    sound = griffin_lim(asked, n_fft=SIZE, hop_length=HOP, n_iter=60, length=len(samples))
    assert sound.shape == samples.shape
    assert np.linalg.norm(spectrum(sound) - asked) < 0.2 * np.linalg.norm(asked)


def test_the_seed_decides_the_first_phases():
    asked = spectrum(corpora.digits("test")[0].samples)
    first, again, other = (griffin_lim(asked, seed, hop_length=HOP, n_iter=2) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


def test_first_phases_are_the_same_with_every_librosa():
    """Without iterations the sound is the magnitudes with the phases that the seed draws."""
    asked = spectrum(corpora.digits("test")[0].samples)
    drawn = np.random.RandomState(3).random(size=asked.shape)
    known = librosa.istft(asked * np.exp(2j * np.pi * drawn), hop_length=HOP)
    got = griffin_lim(asked, seed=3, hop_length=HOP, n_iter=0)
    assert np.allclose(got, known, atol=1e-6)
