"""The mismatched sets of the chapter on learning: what is measured, and what is stored."""

from __future__ import annotations

import numpy as np
import pytest

from speechlab import corpora
from speechlab.figures import mismatch

KINDS = "training", "dev", "mismatched"


@pytest.fixture
def talk(monkeypatch):
    """A recording of the stand-ins."""
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    return corpora.collection("kathleen")[0]


def test_a_picture_is_of_the_moment_that_its_answer_is_about(talk, monkeypatch):
    wanted = np.arange(len(talk.samples) // (talk.rate // 100) + 1)
    monkeypatch.setattr(mismatch, "voiced", lambda _: wanted)
    found = mismatch.pictures(talk)
    assert found.x.shape == (len(found.digits), 12, 20)
    assert found.digits[0] == 6 and set(np.diff(found.digits)) == {2}
    assert np.array_equal(found.x[0, 2:], found.x[1, :-2])


def test_voiced_is_a_vowel_and_not_a_hiss(talk):
    time = np.arange(8000) / 16000
    buzz = sum(np.sin(2 * np.pi * 120 * k * time) / k for k in range(1, 20))
    hiss = 0.1 * np.random.default_rng(0).standard_normal(8000)
    both = np.concatenate([hiss, buzz])
    found = mismatch.voiced(Sound(both, 16000))
    assert found[5:45].mean() < 0.2 and found[55:95].mean() > 0.9


class Sound:
    """As much of a recording as the pitch tracker looks at."""

    def __init__(self, samples, rate):
        self.samples, self.rate = samples, rate


def test_seconds_are_taken_from_all_over():
    class Part:
        seconds = 2.0

    parts = [Part() for _ in range(30)]
    chosen = [parts.index(one) for one in mismatch.spread(parts, 10.0)]
    assert chosen == [0, 6, 12, 18, 24]


def test_the_stored_errors_are_shares_within_their_intervals():
    rows = mismatch.stored()
    assert len(rows) == 4
    for row in rows:
        for kind in KINDS:
            value, low, high = row[kind]
            assert 0 <= low <= value <= high <= 1 and row[f"{kind} examples"] > 1000
    assert len({row["mismatched examples"] for row in rows}) == 1, "all were tried on the same"
