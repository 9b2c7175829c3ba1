"""CPC and wav2vec 2.0 in NumPy, and what is measured of them, on stand-ins."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from speechlab import corpora
from speechlab.figures import cpc as cpc_figures
from speechlab.figures import probing
from speechlab.figures import wav2vec2 as wav2vec2_figures
from speechlab.systems import cpc, wav2vec2
from speechlab.systems._shared import bands
from speechlab.systems._shared.bands import HOP, RATE, WINDOW

pytestmark = pytest.mark.usefixtures("embedded")

BAD = {
    "empty": (np.zeros(0), RATE, "one channel"),
    "too short": (np.ones(300), RATE, "25 ms"),
    "two channels": (np.ones((2, 800)), RATE, "one channel"),
    "NaN": (np.array([1.0, np.nan] * 400), RATE, "finite samples, without NaN"),
    "silence": (np.zeros(800), RATE, "silence"),
    "wrong rate": (np.ones(1600), 8000, "not at 8000"),
}


@pytest.fixture(scope="module")
def samples(embedded):
    return corpora.collection("kathleen")[1].samples


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize(
    "function",
    [cpc.encode, wav2vec2.encode, wav2vec2.codes, wav2vec2.quantised, wav2vec2.context],
    ids=lambda f: f"{f.__module__.rpartition('.')[2]}.{f.__name__}",
)
def test_bad_input(function, case):
    samples, rate, says = BAD[case]
    with pytest.raises(ValueError, match=says):
        function(samples, rate)


def test_no_such_net():
    with pytest.raises(ValueError, match="phones"):
        cpc.encoder("nobody")
    with pytest.raises(ValueError, match="undiverse"):
        wav2vec2.net("nobody")


def test_filters_hear_their_own_band():
    """Each filter is loudest for the tone in the middle of its band, and 30 dB less far off."""
    middles = bands.librosa.mel_frequencies(bands.FILTERS, fmin=bands.LOWEST, fmax=bands.HIGHEST)
    filters = bands.first_filters()
    t = np.arange(4000) / RATE
    powers = np.exp(
        [bands.log_powers(np.sin(2 * np.pi * f * t), RATE, filters)[5:-5].mean(0) for f in middles]
    )
    assert np.array_equal(powers.argmax(axis=0), np.arange(bands.FILTERS))
    assert powers[5, 30] < 1e-3 * powers[30, 30]


def test_loudness_changes_nothing(samples):
    assert np.allclose(cpc.encode(samples, RATE)[1], cpc.encode(0.01 * samples, RATE)[1], atol=1e-4)


def test_a_context_has_heard_what_was_and_nothing_that_comes(samples):
    z, c = cpc.encode(samples, RATE)
    assert z.shape == (1 + (len(samples) - WINDOW) // HOP, cpc.CODE)
    assert c.shape == (len(z), cpc.CONTEXT)
    turned = samples.copy()
    turned[8000:] = turned[8000:][::-1]  # of the same power
    other = cpc.encode(turned, RATE)[1]
    last = (8000 - WINDOW) // HOP
    assert np.allclose(c[: last + 1], other[: last + 1], atol=1e-5)
    assert np.abs(c[last + 1 :] - other[last + 1 :]).max() > 0.01


def test_contexts_are_those_of_encode(samples):
    both = cpc.encoder().contexts([samples, samples[:9000]], RATE)
    for own, sound in zip(both, (samples, samples[:9000])):
        assert np.allclose(own, cpc.encode(sound, RATE)[1], atol=1e-5)


def test_the_true_future_scores_above_frames_drawn_by_lot(samples):
    z, c = cpc.encode(samples, RATE)
    rng, shares = np.random.default_rng(0), []
    for t in range(20, len(z) - 12, 5):
        wrong = rng.choice(np.setdiff1d(np.arange(len(z)), t + 4), 15, replace=False)
        shares.append(softmax(cpc.scores(c[t], z[[t + 4, *wrong]], 4))[0])
    assert np.mean(shares) > 3 / 16
    with pytest.raises(ValueError, match="1 to 12"):
        cpc.scores(c[0], z, 13)


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


def test_tasks_have_a_class_for_each_frame():
    for what in ("sounds", "voices"):
        task = probing.task(what)
        assert task.corpus.startswith("synthetic")
        for sounds, classes in ((task.train, task.train_classes), (task.test, task.test_classes)):
            assert len(sounds) == len(classes) > 3
            assert all(len(c) == probing.frames_in(x) for x, c in zip(sounds, classes))
        seen = set(np.concatenate(task.train_classes))
        assert set(np.concatenate(task.test_classes)) <= seen


def test_halves_of_words():
    one = corpora.collection("librispeech10")[0]
    words = ["four", "two"]
    classes = probing.halves(one, words)
    assert set(classes) == {-1, 0, 1, 2, 3}
    for word, start, end in one.tables["words"]:
        first, last = (round((t * RATE - WINDOW / 2) / HOP) for t in (start, end))
        if word in words:
            n = 2 * words.index(word)
            assert (np.diff(classes[first + 1 : last - 1]) >= 0).all()
            assert set(classes[first + 1 : last - 1]) == {n, n + 1}


def test_mfcc_has_the_frames_of_the_nets(samples):
    (frames,) = probing.mfcc([samples])
    assert frames.shape == (len(cpc.encode(samples, RATE)[0]), 39)


def test_cpc_figures():
    shares = cpc_figures.probes()
    assert set(shares) == {"sounds", "voices"}
    for figure in cpc_figures.figures():
        assert figure.low <= figure.value <= figure.high
        assert 0 < figure.baseline_value < 1
    assert shares["sounds"]["CPC"] > shares["sounds"]["random start"]


def test_ablations_are_those_of_the_seed():
    rows = cpc_figures.ablations()
    steps = [one.name for one in rows if one.table == "steps predicted"]
    assert steps == ["2", "4", "8", "12", "16"]
    where = [one for one in rows if one.table == "wrong candidates from"]
    assert len(where) == 5
    for one in rows:
        assert one.sounds_interval[0] <= one.sounds <= one.sounds_interval[1]
        assert one.voices_interval[0] <= one.voices <= one.voices_interval[1]
    (twelve,) = (one for one in rows if one.name == "12")
    assert (twelve.sounds, twelve.voices) == (where[0].sounds, where[0].voices)


def test_without_the_diversity_loss_fewer_codewords_are_in_use():
    kept, collapsed = (wav2vec2_figures.training()[k] for k in ("trained", "undiverse"))
    assert kept.shape == collapsed.shape == (len(kept), 3)
    assert kept[-1, :2].min() > collapsed[-1, :2].max()
    alone = wav2vec2_figures.usage("undiverse")
    assert (wav2vec2_figures.perplexities() > wav2vec2_figures.perplexities(alone)).all()
    assert np.allclose(wav2vec2_figures.usage().sum(axis=1), 1)


def test_wav2vec2_figures():
    figures = wav2vec2_figures.figures()
    assert all(one.low <= one.value <= one.high for one in figures)
    assert figures[0].beats_baseline and figures[0].value > 2 * wav2vec2_figures.CHANCE
