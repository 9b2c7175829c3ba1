"""The digit recogniser of the chapter on hidden Markov models, against hmmlearn and by use."""

from itertools import pairwise, product

import numpy as np
import pytest
from hmmlearn.hmm import GaussianHMM

from speechlab import corpora
from speechlab.figures import bootstrap
from speechlab.speech.cepstra import features
from speechlab.systems import digit_hmm
from speechlab.systems.digit_hmm import Packed, WordModel


@pytest.fixture
def clips():
    """Nine sequences of 5 to 40 frames that drift through three dimensions."""
    rng = np.random.default_rng(3)
    lengths = [12, 40, 5, 17, 17, 30, 8, 25, 9]
    return [np.linspace(-2, 2, n)[:, None] + rng.normal(size=(n, 3)) for n in lengths]


@pytest.fixture
def model(clips):
    return digit_hmm.first_guess(clips, 4)


def library(model: WordModel, **settings) -> GaussianHMM:
    """The same model in hmmlearn."""
    n_states = len(model.stay)
    other = GaussianHMM(n_states, init_params="", covars_prior=0, min_covar=0, **settings)
    other.startprob_, other.transmat_ = np.eye(n_states)[0], model.transitions
    other.means_, other.covars_ = model.means, model.variances
    return other


def test_packing_keeps_every_frame_in_order_of_time(clips):
    packed = Packed(clips)
    assert packed.frames.shape == (sum(len(x) for x in clips), 3)
    longest_first = sorted(clips, key=len, reverse=True)
    for t, (start, count) in enumerate(packed.steps):
        block = packed.frames[start : start + count]
        assert np.array_equal(block, [x[t] for x in longest_first if len(x) > t])
    assert np.array_equal(packed.frames[packed.last], [x[-1] for x in clips])


def test_likelihoods_are_hmmlearns(clips, model):
    ours = digit_hmm.log_likelihoods(model, Packed(clips))
    assert ours == pytest.approx([library(model).score(x) for x in clips], abs=1e-9)


def test_forward_and_backward_agree_at_every_frame(clips, model):
    packed = Packed(clips)
    log_b = model.log_outputs(packed.frames)
    log_alpha = digit_hmm.log_alphas(model, packed, log_b)
    log_beta = digit_hmm.log_betas(model, packed, log_b)
    each = np.logaddexp.reduce(log_alpha + log_beta, axis=1)
    start, count = packed.steps[0]
    for first, last in zip(np.sort(each[start:count]), np.sort(each[packed.last])):
        assert first == pytest.approx(last, abs=1e-9)


def test_one_iteration_is_hmmlearns(clips, model):
    new, log_likelihood = digit_hmm.reestimate(model, Packed(clips), floor=0)
    other = library(model, n_iter=1, params="tmc")
    other.fit(np.concatenate(clips), [len(x) for x in clips])
    assert new.transitions == pytest.approx(other.transmat_, abs=1e-9)
    assert new.means == pytest.approx(other.means_, abs=1e-9)
    variances = np.diagonal(other.covars_, axis1=1, axis2=2)
    assert new.variances == pytest.approx(variances, abs=1e-9)
    assert log_likelihood == pytest.approx(other.monitor_.history[0], abs=1e-8)


def test_alignment_is_the_best_of_all_paths(clips, model):
    x = clips[2]
    log_b = model.log_outputs(x)
    best = (-np.inf, None)
    for path in product(range(4), repeat=len(x)):
        moves = np.array([model.transitions[i, j] for i, j in pairwise(path)])
        if path[0] == 0 and moves.all():
            score = np.log(moves).sum() + log_b[np.arange(len(x)), path].sum()
            best = max(best, (score, path))
    path, score = digit_hmm.align(model, x)
    assert tuple(path) == best[1]
    assert score == pytest.approx(best[0], abs=1e-9)


def test_alignment_is_hmmlearns(clips, model):
    for x in clips:
        path, score = digit_hmm.align(model, x)
        expected, states = library(model).decode(x)
        assert np.array_equal(path, states)
        assert score == pytest.approx(expected, abs=1e-9)


def test_training_never_lowers_the_likelihood(clips):
    models, history = digit_hmm.train(clips, 4, 8)
    assert len(models) == len(history) == 9
    assert np.all(np.diff(history) > -1e-6) and history[-1] > history[0] + 1


def test_recogniser_is_much_better_than_chance(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    train, test = corpora.digits("train"), corpora.digits("test")
    x, x_test = ([features(c.samples, c.rate) for c in part] for part in (train, test))
    models = digit_hmm.train_words(x, [clip.digit for clip in train])
    heard = digit_hmm.recognise(models, x_test)
    assert np.mean(heard != [clip.digit for clip in test]) < 0.2


def test_features_do_not_depend_on_the_level():
    noise = np.random.default_rng(0).normal(size=4000) / 10
    loud, soft = features(noise, 8000), features(noise / 8, 8000)
    assert loud.shape == (51, 26)
    assert loud == pytest.approx(soft, abs=1e-6)


def test_bootstrap_interval_holds_the_rate_and_shrinks_with_more_clips():
    few, many = np.arange(30) % 10 == 0, np.arange(3000) % 10 == 0
    (low, high), (low_many, high_many) = map(bootstrap, (few, many))
    assert low < 0.1 < high and low_many < 0.1 < high_many
    assert high_many - low_many < (high - low) / 5
    assert bootstrap(few) == (low, high)


def test_clips_that_cannot_be_used_are_refused(clips):
    with pytest.raises(ValueError, match="one sequence or more"):
        Packed([])
    with pytest.raises(ValueError, match="one frame or more"):
        Packed([clips[0], clips[0][:0]])
    with pytest.raises(ValueError, match="too short for 50 states"):
        digit_hmm.first_guess([x[:8] for x in clips], 50)
