"""wav2vec 2.0 in NumPy, and what is measured of it, on stand-ins."""

from __future__ import annotations

import numpy as np
import pytest

from speechlab import corpora
from speechlab.figures import cpc as cpc_figures
from speechlab.figures import wav2vec2 as wav2vec2_figures
from speechlab.systems import wav2vec2
from speechlab.systems._shared.bands import RATE
from tests.support.bad_sounds import BAD

pytestmark = pytest.mark.usefixtures("embedded")


@pytest.fixture(scope="module")
def samples(embedded):
    return corpora.collection("kathleen")[1].samples


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize(
    "function",
    [wav2vec2.encode, wav2vec2.codes, wav2vec2.quantised, wav2vec2.context],
    ids=lambda f: f.__name__,
)
def test_bad_input(function, case):
    samples, rate, says = BAD[case]
    with pytest.raises(ValueError, match=says):
        function(samples, rate)


def test_no_such_net():
    with pytest.raises(ValueError, match="undiverse"):
        wav2vec2.net("nobody")


def test_a_hidden_frame_is_not_heard(samples):
    net = wav2vec2.net()
    frames = len(net.encode(samples, RATE))
    masked = np.zeros(frames, dtype=bool)
    masked[20:40] = True
    changed = samples.copy()
    inside = slice(23 * wav2vec2.FRAME, 37 * wav2vec2.FRAME)
    changed[inside] = changed[inside][::-1]
    same, other = (net.context(x, RATE, masked) for x in (samples, changed))
    assert np.allclose(same, other, atol=1e-4)
    assert np.abs(net.context(samples, RATE) - net.context(changed, RATE)).max() > 0.01
    with pytest.raises(ValueError, match="one value a frame"):
        net.context(samples, RATE, masked[:-1])


def test_quantised_frames_are_sums_of_two_codewords(samples):
    """As many different q as pairs of codes; and the words add up through the matrix."""
    net = wav2vec2.net()
    codes, q = net.codes(samples, RATE), net.quantised(samples, RATE)
    assert codes.shape == (len(q), wav2vec2.BOOKS) and codes.max() < wav2vec2.WORDS
    pairs = np.unique(codes, axis=0)
    assert len(np.unique(q.round(4), axis=0)) == len(pairs)
    parts = np.split(net.w["joined"], wav2vec2.BOOKS)
    sums = sum(net.w["books"][g, codes[:, g]] @ parts[g] for g in range(wav2vec2.BOOKS))
    assert np.allclose(q, sums + net.w["joined_bias"], atol=1e-4)


def test_predictions_are_cosines_that_know_the_hidden_frames(samples):
    masked = np.arange(len(wav2vec2.encode(samples, RATE))) // wav2vec2_figures.SPAN % 2 == 1
    cosines = wav2vec2.predict(samples, RATE, masked)
    assert cosines.shape == (len(masked), len(masked)) and np.abs(cosines).max() <= 1 + 1e-5
    hidden = cosines[np.ix_(masked, masked)]
    assert np.diag(hidden).mean() > hidden.mean() + 0.05


def test_without_the_diversity_loss_fewer_codewords_are_in_use():
    kept, collapsed = (wav2vec2_figures.training()[k] for k in ("trained", "undiverse"))
    assert kept.shape == collapsed.shape == (len(kept), 3)
    assert kept[-1, :2].min() > collapsed[-1, :2].max()
    alone = wav2vec2_figures.usage("undiverse")
    assert (wav2vec2_figures.perplexities() > wav2vec2_figures.perplexities(alone)).all()
    assert np.allclose(wav2vec2_figures.usage().sum(axis=1), 1)


def test_stored_probes_say_what_training_took_away():
    """Of the same recordings as CPC's, since what MFCC gets is the same; and the miss is told."""
    shares = wav2vec2_figures.stored_probes()
    for what, found in shares.items():
        assert set(found) == {"MFCC", *wav2vec2_figures.VIEWS}
        assert found["MFCC"] == cpc_figures.stored_probes()[what]["MFCC"]
        assert found["wav2vec 2.0"].value < found["random start"].value


def test_wav2vec2_figures():
    figures = wav2vec2_figures.figures()
    assert all(one.low <= one.value <= one.high for one in figures)
    assert figures[0].beats_baseline and figures[0].value > 2 * wav2vec2_figures.CHANCE


def test_what_a_code_explains_of_values():
    codes = np.array([0, 0, 1, 1])
    assert wav2vec2_figures.explained(codes, np.array([1.0, 1.0, 5.0, 5.0])) == pytest.approx(1)
    assert wav2vec2_figures.explained(codes, np.array([1.0, 5.0, 1.0, 5.0])) == pytest.approx(0)
    assert wav2vec2_figures.explained(codes, np.array([0.0, 2.0, 4.0, 6.0])) == pytest.approx(0.8)


def test_codes_follow_the_level_more_than_before_training():
    before, after = (wav2vec2_figures.follows(which) for which in ("random", "trained"))
    assert set(before) == set(after) == {"level", "pitch", "half-words"}
    assert after["level"] > before["level"]
