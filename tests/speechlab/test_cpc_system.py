"""CPC in NumPy, and what is measured of it, on stand-ins."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from speechlab import corpora
from speechlab.figures import cpc as cpc_figures
from speechlab.figures import probing
from speechlab.systems import card, cpc
from speechlab.systems._shared import bands
from speechlab.systems._shared.bands import HOP, RATE, WINDOW
from tests.support.bad_sounds import BAD

pytestmark = pytest.mark.usefixtures("embedded")


@pytest.fixture(scope="module")
def samples(embedded):
    return corpora.collection("kathleen")[1].samples


@pytest.mark.parametrize("case", BAD)
def test_bad_input(case):
    samples, rate, says = BAD[case]
    with pytest.raises(ValueError, match=says):
        cpc.encode(samples, rate)


def test_no_such_net():
    with pytest.raises(ValueError, match="phones"):
        cpc.encoder("nobody")


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


def test_stored_probes_are_of_the_nets_that_ship():
    """All columns of the paper's first table, and the figure that stands on the card."""
    shares, said = cpc_figures.stored_probes(), card("cpc")
    for what, printed in cpc_figures.TABLE_1.items():
        assert list(shares[what]) == sorted(printed)
        assert all(one.low < one.value < one.high for one in shares[what].values())
    of_sounds = shares["sounds"]
    assert of_sounds["CPC"] == pytest.approx((said["value"], *said["interval"]))
    assert of_sounds["MFCC"].value == pytest.approx(said["baseline_value"])
    assert str(probing.Share(0.4567, 0.42, 0.491)) == "45.7 (42.0 to 49.1)"


def test_storing_probes_keeps_those_of_others(tmp_path, monkeypatch):
    monkeypatch.setattr(probing, "TABLE", tmp_path / "probes.json")
    one = {what: {"CPC": probing.Share(0.5, 0.4, 0.6)} for what in probing.TASKS}
    probing.store("cpc", one)
    probing.store("wav2vec2", one)
    assert probing.stored("cpc") == probing.stored("wav2vec2") == one


def test_ablations_are_those_of_the_seed():
    rows = cpc_figures.ablations()
    steps = [one.name for one in rows if one.table == "steps predicted"]
    assert steps == ["2", "4", "8", "12", "16"]
    where = [one for one in rows if one.table == "wrong candidates from"]
    assert len(where) == 5 and {one.name for one in rows} == set(cpc_figures.PRINTED)
    for one in rows:
        assert one.sounds_interval[0] <= one.sounds <= one.sounds_interval[1]
        assert one.voices_interval[0] <= one.voices <= one.voices_interval[1]
    (twelve,) = (one for one in rows if one.name == "12")
    assert (twelve.sounds, twelve.voices) == (where[0].sounds, where[0].voices)
