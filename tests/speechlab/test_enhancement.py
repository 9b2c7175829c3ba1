"""Speech out of noise: what the gains promise, and what is measured of them."""

import numpy as np
import pytest

from speechlab.figures import enhancement as measured
from speechlab.systems import enhancement as system


@pytest.fixture(autouse=True)
def synthetic(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")


def test_noise_alone_is_nearly_gone_and_a_loud_tone_stays():
    rng = np.random.default_rng(0)
    noise = 0.1 * rng.standard_normal(3 * system.RATE)
    left = system.enhance(noise, system.RATE)
    assert np.std(left) < 0.2 * np.std(noise)
    tone = np.sin(2 * np.pi * 1000 / system.RATE * np.arange(len(noise)))
    tone[: system.RATE] = 0
    found = system.enhance(tone + 0.01 * noise, system.RATE)
    assert np.std(found[20000:40000]) == pytest.approx(np.std(tone[20000:40000]), rel=0.1)


def test_the_power_of_white_noise_is_found():
    noise = np.random.default_rng(0).standard_normal(4 * system.RATE)
    power = np.abs(system.spectrum(noise)) ** 2
    assert system.noise_power(power).mean() == pytest.approx(power.mean(), rel=0.25)


def test_gains_rise_with_the_ratio_and_never_amplify():
    power = np.tile([[0.1, 1.0, 10.0, 1000.0]], (30, 1))
    gain = system.gains(power, np.ones(4))
    assert (np.diff(gain[-1, 1:]) > 0).all() and gain.max() <= 1 and gain.min() >= 0
    assert gain[-1, 3] > 0.9 and gain[-1, 0] < 0.2


def test_the_ratio_is_that_of_a_table_by_hand():
    wanted, other = np.array([3.0, 0, 0, 0]), np.array([0, 1.0, 0, 0])
    assert measured.likeness(2 * (wanted + other), wanted) == pytest.approx(10 * np.log10(9))
    assert measured.likeness(wanted + 3 * other, wanted) == pytest.approx(0)


def test_sentences_are_mixed_at_the_ratio_that_is_asked_for():
    for one in measured.noisy(2, 5.0):
        ratio = 10 * np.log10(np.mean(one.speech**2) / np.mean(one.noise**2))
        assert ratio == pytest.approx(5.0) and np.array_equal(one.samples, one.speech + one.noise)


def test_enhanced_speech_is_nearer_and_the_oracle_nearer_still(monkeypatch):
    monkeypatch.setattr(measured, "find_spec", lambda _: None)
    ours, oracle = measured.figures(measured.noisy(3))
    assert oracle.value > ours.value > ours.baseline_value + 1


def test_silence_stays_silence():
    assert np.array_equal(system.enhance(np.zeros(2000), system.RATE), np.zeros(2000))
