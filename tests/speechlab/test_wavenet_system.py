"""WaveNet in NumPy: causal, told what to say, and the same with queues as without."""

import numpy as np
import pytest

from speechlab.figures import linear_prediction, listening
from speechlab.figures import wavenet as figures
from speechlab.systems import wavenet
from speechlab.systems._shared.mel import log_mel

LONG = 400


pytestmark = pytest.mark.usefixtures("embedded")


@pytest.fixture(scope="module")
def clip(embedded):
    return listening.test_clips()[3]


@pytest.fixture(scope="module")
def mel(clip):
    return log_mel(clip.samples, clip.rate)


@pytest.fixture(scope="module")
def classes(clip):
    return wavenet.classes_of(clip.samples, clip.rate)


def test_classes_are_those_of_the_chapter_on_sampling(clip, classes):
    """The class c lies at 2 c / 255 - 1 on the compressed scale, and 0 belongs to class 128."""
    x = clip.samples / np.abs(clip.samples).max()
    law = np.sign(x) * np.log1p(255 * np.abs(x)) / np.log(256)
    assert np.array_equal(classes, np.floor((law + 1) / 2 * 255 + 0.5))
    assert classes[x == 0].tolist() == [wavenet.ZERO] * int(np.sum(x == 0))
    again = wavenet.classes_of(wavenet.samples_of(np.arange(256)), 8000)
    assert np.array_equal(again, np.arange(256))


@pytest.mark.parametrize("told", [True, False], ids=["told", "untold"])
def test_queues_change_nothing(mel, classes, told):
    what = (mel, "alder") if told else (None, None)
    fast, slow = (
        wavenet.generate(*what, length=250, seed=1, queues=queues, begin=classes[600:800])
        for queues in (True, False)
    )
    assert np.array_equal(fast, slow)
    assert np.array_equal(fast[:200], classes[600:800]) and len(set(fast[200:])) > 5


def test_what_was_generated_had_the_probabilities_that_it_was_drawn_from(mel):
    """Teacher forcing on the generated classes, with the same numbers u, draws them again."""
    made = wavenet.generate(mel, "birch", length=LONG, seed=2)
    p = wavenet.probabilities(made, mel, "birch")
    u = np.random.default_rng(2).random(LONG)
    again = np.sum(np.cumsum(p, axis=1) <= u[:, None], axis=1)
    assert np.mean(again == made) > 0.99


def test_no_score_depends_on_a_sample_that_is_still_to_come(classes, mel):
    whole = wavenet.scores(classes[:LONG], mel, "cedar")
    changed = classes[:LONG].copy()
    changed[200] = 255 - changed[200]
    other = wavenet.scores(changed, mel, "cedar")
    moved = np.abs(whole - other).max(axis=1) > 1e-6
    assert not moved[:201].any() and moved[201]
    last = 201 + sum(wavenet.DILATIONS)
    long = wavenet.scores(np.tile(classes, 2)[:1000], None)
    altered = np.tile(classes, 2)[:1000]
    altered[200] = 255 - altered[200]
    moved = np.abs(long - wavenet.scores(altered)).max(axis=1) > 1e-6
    assert moved[last] and not moved[last + 1 :].any()


def test_bits_are_minus_log2_of_the_probabilities(classes, mel):
    p = wavenet.probabilities(classes[:LONG], mel, None)
    assert np.allclose(p.sum(axis=1), 1)
    bits = wavenet.bits(classes[:LONG], mel, None)
    assert np.allclose(bits, -np.log2(p[np.arange(LONG), classes[:LONG]]))


def test_it_is_better_than_every_guess_that_knows_no_frame(classes, mel, clip):
    told = wavenet.bits(classes, mel, clip.speaker).mean()
    untold = wavenet.bits(classes).mean()
    assert told < untold
    for name in ("histogram", "global LPC, Laplace residual"):
        rows = figures.BASELINES[name](listening.test_clips(), [clip])
        assert untold < figures.bits_per_sample(rows), name


def test_side_by_side_is_as_one_by_one(mel):
    short = mel[:3]
    both = wavenet.generate_many([short, mel[:5]], ["alder", None], [150, 300], seed=3)
    assert [len(one) for one in both] == [150, 300]
    u = np.random.default_rng(3).random((300, 2))
    p = wavenet.probabilities(both[0], short, "alder")
    again = np.sum(np.cumsum(p, axis=1) <= u[:150, :1], axis=1)
    assert np.mean(again == both[0]) > 0.99


def test_draw_stacks_the_probabilities():
    score = np.log([0.5, 0.25, 0.25])
    assert [int(wavenet.draw(score, u)) for u in (0, 0.49, 0.51, 0.74, 0.76, 0.999)] == [
        *(0, 0, 1, 1, 2, 2)
    ]
    assert wavenet.draw(np.log([0.2, 0.5, 0.3]), 0.99, temperature=0) == 1
    assert wavenet.draw(score, 0.6, temperature=0.5) == 0 and wavenet.draw(score, 0.4, 10.0) == 1
    assert wavenet.draw(np.stack([score, score]), np.array([0.1, 0.9])).tolist() == [0, 2]


def test_baselines_add_up_to_probabilities():
    guess, scale = np.array([0.1]), 0.05
    total = sum(2 ** -figures.laplace_bits(np.array([c]), guess, scale)[0] for c in range(256))
    assert total == pytest.approx(1, abs=1e-9)


def test_a_predictor_of_a_predictable_signal():
    x = np.sin(0.3 * np.arange(4000))
    guess = np.convolve(x, linear_prediction.predictor([x]))[: len(x)]
    assert np.abs(x - guess)[100:].max() < 0.02


@pytest.mark.parametrize(
    "call, says",
    [
        (lambda: wavenet.generate(), "how many samples"),
        (lambda: wavenet.generate(length=0), "one sample or more"),
        (lambda: wavenet.generate(np.zeros((3, 40)), "zelda"), "zelda"),
        (lambda: wavenet.generate(np.zeros((3, 39))), "40 bands"),
        (lambda: wavenet.generate(np.zeros((3, 40)), length=241), "not 241"),
        (lambda: wavenet.generate(np.full((3, 40), np.nan)), "NaN"),
        (lambda: wavenet.generate(np.zeros((3, 40)), temperature=-1), "zero or more"),
        (lambda: wavenet.scores([]), "one or more"),
        (lambda: wavenet.scores([256]), "from 0 to 255"),
        (lambda: wavenet.scores([0.5]), "whole numbers"),
        (lambda: wavenet.classes_of(np.zeros(800), 8000), "silence"),
        (lambda: wavenet.classes_of(np.ones(800), 16000), "16000"),
    ],
)
def test_bad_input(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_the_net_that_is_told_beats_the_other_and_all_linear_prediction():
    found = figures.bit_figures()
    assert len(found) == 1 + len(figures.BASELINES)
    assert all(figure.high < figure.baseline_value for figure in found)
