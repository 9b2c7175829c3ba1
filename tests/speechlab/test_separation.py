"""Mixtures taken apart by spectra learned from parts alone."""

import numpy as np
import pytest

from speechlab.figures import separation as measured
from speechlab.figures.enhancement import likeness
from speechlab.systems import separation as system

RATE = 16000


def tones(*hertz, seconds=2.0):
    t = np.arange(round(seconds * RATE)) / RATE
    pieces = np.array_split(t, len(hertz))
    return np.concatenate([np.sin(2 * np.pi * f * part) for f, part in zip(hertz, pieces)])


def test_steps_never_increase_the_distance():
    rng = np.random.default_rng(0)
    v = rng.uniform(0.1, 1, (12, 20))
    start = rng.uniform(0.1, 1, (12, 3))

    def distance(rounds):
        w, h = system.factorise(v, start, rounds, learn=True)
        return np.sum(v * np.log(v / (w @ h)) - v + w @ h)

    found = [distance(rounds) for rounds in (1, 2, 5, 20, 60)]
    assert (np.diff(found) <= 1e-3).all() and found[-1] < 0.7 * found[0]


def test_spectra_that_are_given_stay():
    rng = np.random.default_rng(0)
    w = rng.uniform(size=(5, 2)).astype(np.float32)
    assert np.array_equal(system.factorise(rng.uniform(size=(5, 4)), w, 3, learn=False)[0], w)


def test_two_kinds_of_tones_come_apart_and_add_up():
    low, high = tones(200, 300, 250), tones(1500, 2200, 1800)
    kinds = {"low": system.learn([low], 4), "high": system.learn([high], 4)}
    mixed = tones(300, 200) + tones(1800, 1500)
    found = system.separate(mixed, kinds)
    assert likeness(found["low"], tones(300, 200)) > 15
    assert np.allclose(found["low"] + found["high"], mixed, atol=1e-3)


def test_the_oracle_is_the_upper_bound_of_the_band(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    first, second = measured.bands()
    found, known, mixture = measured.measured(first, measured.lessons([second])).mean(axis=1)
    assert known > found > mixture + 1


def test_nothing_to_take_apart():
    with pytest.raises(ValueError, match="not silent"):
        system.separate(np.zeros(5000), {"low": np.ones((1025, 1))})
    with pytest.raises(ValueError, match="one kind"):
        system.separate(np.ones(5000), {})
