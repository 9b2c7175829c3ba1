"""Voices as numbers, the space in which they are compared, and the rates of the errors."""

from itertools import pairwise

import numpy as np
import pytest

from speechlab import corpora
from speechlab.figures import speakers as measured
from speechlab.systems import speakers as system


@pytest.fixture(autouse=True)
def synthetic(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")


def people(count=8, many=30, seed=0):
    """Summaries of people who differ in the first three numbers, and vary most in the last."""
    rng = np.random.default_rng(seed)
    spread = np.r_[np.full(5, 0.3), 4.0]
    centres = np.c_[rng.standard_normal((count, 3)), np.zeros((count, 3))]
    return [centre + spread * rng.standard_normal((many, 6)) for centre in centres]


def test_the_space_makes_the_scatter_of_one_person_round():
    space = system.learn(people())
    scatter = np.mean(
        [np.cov(((own - space.mean) @ space.turn).T) for own in people(seed=1)], axis=0
    )
    size = np.diag(scatter)
    assert size.max() / size.min() < 2.5
    assert np.abs(scatter - np.diag(size)).max() < 0.3 * size.mean()


def test_voices_are_told_apart_better_in_the_space():
    def apart(rule):
        space = rule(people())
        places = [space.place(own) for own in people(seed=2)]
        same = np.mean([own @ own.T for own in places])
        return same - np.mean([a @ b.T for a, b in pairwise(places)])

    assert apart(system.learn) > apart(system.plain) + 0.15


def test_a_voice_is_named():
    own = {f"voice {n}": rows for n, rows in enumerate(people())}
    space = system.learn(list(own.values()))
    named = [system.identify(rows.mean(axis=0), own, space) for rows in own.values()]
    assert named == list(own)


def test_places_have_length_one():
    space = system.learn(people())
    assert np.allclose(np.linalg.norm(space.place(people()[0]), axis=1), 1)


def test_a_summary_knows_no_level_and_leaves_pauses_out():
    (one, *_) = corpora.collection("librispeech10")
    x = one.samples
    frames = system.cepstra(x, one.rate)
    assert frames.shape == (1 + len(x) // system.HOP, system.COEFFICIENTS + 1)
    assert np.allclose(system.summary(frames), system.summary(system.cepstra(0.5 * x, one.rate)))
    soft = frames[:, 0] < np.percentile(frames[:, 0], system.SOFT)
    other = np.where(soft[:, None] & (np.arange(frames.shape[1]) > 0), 1000.0, frames)
    assert soft.any() and np.array_equal(system.summary(other), system.summary(frames))


@pytest.mark.parametrize(
    ("same", "other", "rate"),
    [((3, 4), (1, 2), 0.0), ((1, 2), (3, 4), 1.0), ((1, 3), (2, 0), 0.5), ((2, 3, 1), (0,), 0.0)],
)
def test_the_rates_cross_where_they_should(same, other, rate):
    scores = np.array([*same, *other], dtype=float)
    truth = np.array([True] * len(same) + [False] * len(other))
    assert measured.crossing(scores, truth) == pytest.approx(rate)


def test_the_figures_beat_their_baselines():
    identification, verification = measured.figures()
    assert identification.beats_baseline and identification.value > 0.9
    assert verification.beats_baseline and verification.low <= verification.value
    assert verification.corpus == identification.corpus == "synthetic voices"
