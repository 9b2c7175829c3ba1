"""The nets that count words: their layers, their lessons, and that a few steps teach them."""

import numpy as np
import pytest
from scipy.special import expit

from speechlab import autodiff, corpora
from speechlab.speech.utterances import BANDS, Speakers
from speechlab.systems import word_counter as wc


@pytest.fixture(scope="module")
def lessons():
    return Speakers(corpora.digits("train"), seed=0).say_many(40, 1, 3)


def test_utterances_say_what_was_asked_for(lessons):
    assert {len(u.words) for u in lessons} == {1, 2, 3}
    for u in lessons:
        assert len(u.ends) == len(u.words)
        assert u.features.shape == (len(u.times), BANDS) and np.isfinite(u.features).all()
        assert u.count[0] == 0 and u.count[-1] == len(u.words)
        assert np.all(np.diff(u.count) >= 0)


def test_noise_is_as_far_below_as_asked_for():
    loud, soft = (Speakers(corpora.digits("test"), seed=4).say(3, snr=snr) for snr in (40, 0))
    noise = soft.samples - loud.samples
    speech = np.mean(loud.samples**2)
    assert abs(10 * np.log10(speech / np.mean(noise**2))) < 0.3


def test_training_and_test_halves_differ():
    one, other = (Speakers(corpora.digits(split), seed=0) for split in ("train", "test"))
    names = [
        {(c.speaker, c.digit, c.index) for v in s.clips.values() for c in v} for s in (one, other)
    ]
    assert not names[0] & names[1]


def test_loud_stretches():
    level = np.array([0, 1, 1, 0, 1, 0, 1, 1, 1])
    assert wc.count_loud_stretches(level, 0.5, 1) == 3
    assert wc.count_loud_stretches(level, 0.5, 2) == 2
    assert wc.count_loud_stretches(np.zeros(5), 0.5, 1) == 0


def test_lstm_layer_is_that_of_the_definition():
    net = wc.new_net(3, gates=4)
    x = np.random.default_rng(0).normal(size=(6, 2, BANDS)).astype(np.float32)
    ours = wc.lstm_layer(net, autodiff.Value(x)).data
    W, U, b = (net[name].data for name in "WUb")
    c = h = np.zeros((2, 3))
    for t in range(6):
        keep, enter, leave, value = np.split(x[t] @ W + h @ U + b, 4, axis=1)
        c = expit(keep) * c + expit(enter) * np.tanh(value)
        h = expit(leave) * np.tanh(c)
        assert np.allclose(ours[t], h, atol=1e-5)


@pytest.mark.parametrize("read", [wc.as_line, wc.by_cell])
@pytest.mark.parametrize(("layer", "gates"), [(wc.plain_layer, 1), (wc.lstm_layer, 4)])
def test_a_few_steps_lower_the_loss(layer, gates, read, lessons):
    counter = wc.Counter(wc.new_net(6, gates), layer, read)
    losses = wc.train(counter, lessons, steps=25)
    assert np.mean(losses[-5:]) < 0.7 * losses[0]
    assert counter.counts(lessons[:4]).shape == (4,)
