"""Emotions by cepstra and melody, each speaker left out in turn."""

import numpy as np
import pytest

from speechlab.figures import emotion as measured
from speechlab.systems import emotion as system

RATE = system.RATE


@pytest.fixture(autouse=True)
def synthetic(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")


def tone(hertz, seconds=1.0):
    phase = 2 * np.pi * np.cumsum(hertz * np.ones(round(seconds * RATE))) / RATE
    return sum(np.sin(n * phase) / n for n in range(1, 6))


def test_prosody_knows_height_and_range_in_semitones():
    middle, low, high, spread, *_ = system.prosody(tone(200.0))
    assert middle == pytest.approx(12, abs=0.3) and high - low == spread < 0.5
    glide = system.prosody(tone(np.linspace(100, 200, RATE)))
    assert 6 < glide[3] < 12


def test_features_are_finite_even_of_silence():
    for x in (tone(150.0), np.zeros(RATE), np.ones(500)):
        found = system.features(x, RATE)
        assert found.shape == (50,) and np.isfinite(found).all()


def test_own_terms_take_the_person_out():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((40, 3)) + np.repeat([[5.0], [-5.0]], 20, axis=0)
    own = system.own_terms(x, ["a"] * 20 + ["b"] * 20)
    assert np.allclose(own[:20].mean(axis=0), 0) and np.allclose(own[20:].std(axis=0), 1)
    assert np.abs(x).max() > 4  # what was given is not changed


def test_no_utterance_of_the_speaker_is_learned_from(monkeypatch):
    seen = []
    monkeypatch.setattr(measured, "learn", lambda x, y: seen.append(x) or system.learn(x, y))
    rng = np.random.default_rng(0)
    x, speakers = rng.standard_normal((12, 2)), np.repeat(["a", "b", "c"], 4)
    measured.named(x, np.array(["joy", "fear"] * 6), speakers)
    assert len(seen) == 3
    for speaker, lessons in zip("abc", seen):
        own = x[speakers == speaker]
        assert not (lessons[:, None] == own).all(axis=2).any()


@pytest.mark.parametrize(("samples", "rate"), [([], RATE), ([np.inf] * 600, RATE), ([1.0], 8000)])
def test_what_cannot_be_heard(samples, rate):
    with pytest.raises(ValueError, match=r"one sample|finite|16000"):
        system.features(samples, rate)
