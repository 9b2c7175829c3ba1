"""Conversations of digits: who talks when is what is heard."""

import numpy as np
import pytest

from speechlab import corpora
from speechlab.speech.conversation import BEFORE, LEVEL, conversation


@pytest.fixture
def two():
    return corpora.speakers()[:2]


def test_somebody_talks_where_the_truth_says_so(two):
    made = conversation(two, turns=4, noise=60, seed=1)
    assert made.speakers == tuple(two) and made.rate == 8000
    assert made.talking.shape == (len(made.samples), 2)
    speech = made.talking.any(axis=1)
    loud, quiet = (np.sqrt(np.mean(made.samples[k] ** 2)) for k in (speech, ~speech))
    assert loud == pytest.approx(LEVEL, rel=0.05)
    assert quiet == pytest.approx(LEVEL / 1000, rel=0.05)
    assert not speech[: int(BEFORE * 8000) - 1].any() and not speech[-4000:].any()


def test_turns_alternate_and_overlap_only_if_asked(two):
    apart = conversation(two, turns=6, overlap=-0.2, seed=2)
    assert apart.talking.sum(axis=1).max() == 1
    who = apart.talking[:, 1].astype(int) - apart.talking[:, 0]
    turns = who[who != 0]
    assert np.count_nonzero(np.diff(turns)) == 5
    over = conversation(two, turns=6, overlap=0.2, seed=2)
    both = np.count_nonzero(over.talking.all(axis=1))
    assert 0 < both <= 5 * 0.2 * 8000


def test_the_same_seed_says_the_same(two):
    one, same, other = (conversation(two, turns=2, seed=k) for k in (3, 3, 4))
    assert np.array_equal(one.samples, same.samples)
    assert not np.array_equal(one.samples[:9000], other.samples[:9000])


@pytest.mark.parametrize("wrong", [{"turns": 0}, {"words": 0}, {"speakers": []}])
def test_nobody_or_nothing_is_refused(two, wrong):
    with pytest.raises(ValueError, match="at least"):
        conversation(**{"speakers": two, "turns": 1} | wrong)
