"""The net of digits: what it sees, that it learns as PyTorch would, and what its figures are."""

import numpy as np
import pytest

from speechlab import corpora
from speechlab.figures import digit_classifier as figures
from speechlab.systems import digit_classifier as dc
from speechlab.systems.digit_classifier import Examples, Settings


@pytest.fixture(autouse=True)
def embedded(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")


@pytest.fixture
def lessons():
    return Examples.of(dc.recordings("train", ["alder", "cedar"], 2))


@pytest.fixture
def clip():
    return corpora.digits("test")[7]


# --- what it sees -------------------------------------------------------------------------


def test_a_word_is_a_picture_of_one_size_and_loudness_only_shifts_nothing(clip):
    picture = dc.features(clip.samples, clip.rate)
    assert picture.shape == (dc.SLICES, dc.BANDS)
    assert np.allclose(dc.features(0.01 * clip.samples, clip.rate), picture)


def test_silence_around_a_word_does_not_move_it(clip):
    around = np.pad(clip.samples, (1600, 2400))
    apart = dc.features(around, clip.rate) - dc.features(clip.samples, clip.rate)
    assert np.sqrt(np.mean(apart**2)) < 1.5  # dB: frames fall elsewhere


def test_slices_are_means_of_the_frames():
    frames = np.arange(12.0)[:, None]
    assert np.allclose(dc._mean_between(frames, 2.0, 4.0), 2.5)
    assert np.allclose(dc._mean_between(frames, 2.5, 4.0), (2 * 0.5 + 3) / 1.5)


@pytest.mark.parametrize("bad", [[], np.zeros(4000), np.full(4000, np.nan)], ids=["", "0", "NaN"])
def test_what_is_no_word_is_refused(bad):
    with pytest.raises(ValueError, match=r"\w"):
        dc.features(bad, 8000)


def test_the_first_of_each_voice_and_digit_are_taken(lessons):
    assert len(lessons.digits) == 2 * 10 * 2
    assert len(lessons.few(1).digits) == 20
    assert set(lessons.by(["cedar"]).voices) == {"cedar"}
    assert dc.first_of_each("abacab", 2) == [0, 1, 2, 3, 5]


def test_augmented_pictures_are_others_and_not_far(lessons):
    moved = dc.moved(lessons.x, np.random.default_rng(0))
    apart = np.sqrt(np.mean((moved - lessons.x) ** 2))
    assert moved.shape == lessons.x.shape and 1 < apart < 10


# --- how it learns ------------------------------------------------------------------------


def cost(w, x, digits, mask):
    hidden = np.maximum(x @ w["W1"] + w["b1"], 0) * mask
    scores = hidden @ w["W2"] + w["b2"]
    return np.mean(np.logaddexp.reduce(scores, axis=1) - scores[np.arange(len(x)), digits])


def test_slopes_by_nudging():
    rng = np.random.default_rng(3)
    x, digits = rng.normal(size=(6, 5)), rng.integers(10, size=6)
    shapes = {"W1": (5, 4), "b1": (4,), "W2": (4, 10), "b2": (10,)}
    w = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    mask = (rng.uniform(size=(6, 4)) < 0.6) / 0.6
    found = dc.slopes(w, x, digits, mask)
    for name, array in w.items():
        for where in np.ndindex(array.shape):
            up, down = ({**w, name: array.copy()} for _ in range(2))
            up[name][where] += 1e-6
            down[name][where] -= 1e-6
            nudged = (cost(up, x, digits, mask) - cost(down, x, digits, mask)) / 2e-6
            assert np.isclose(found[name][where], nudged, atol=1e-7), (name, where)


def test_training_is_that_of_pytorch(lessons):
    torch = pytest.importorskip("torch")
    settings = Settings(penalty=5.0, rounds=3)
    net = dc.train(lessons, settings)
    start = dc.new_net(lessons, settings)
    w = {k: torch.tensor(a, requires_grad=True) for k, a in start.weights.items()}
    M = len(lessons.digits)
    decayed = [w["W1"], w["W2"]]
    optimiser = torch.optim.Adam(
        [
            {"params": decayed, "weight_decay": settings.penalty / M},
            {"params": [w["b1"], w["b2"]]},
        ],
        lr=dc.RATE,
    )
    rng = np.random.default_rng([settings.seed, 1])
    rows, digits = torch.tensor(start.scaled(lessons.x)), torch.tensor(lessons.digits)
    for _ in range(settings.rounds):
        for batch in np.split(rng.permutation(M), range(dc.BATCH, M, dc.BATCH)):
            rng.uniform(size=(len(batch), settings.units))  # the masks, which drop nothing here
            scores = torch.relu(rows[batch] @ w["W1"] + w["b1"]) @ w["W2"] + w["b2"]
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(scores, digits[batch]).backward()
            optimiser.step()
    for name, array in net.weights.items():
        assert np.allclose(array, w[name].detach().numpy(), atol=1e-8), name


def test_it_learns_and_a_seed_repeats(lessons):
    rounds = []
    net = dc.train(lessons, Settings(keep=0.5), lambda number, net: rounds.append(number))
    assert rounds == list(range(1, dc.ROUNDS + 1))
    assert net.wrong(lessons).mean() < 0.05
    assert np.allclose(net.probabilities(lessons.x).sum(axis=1), 1)
    again = dc.train(lessons, Settings(keep=0.5))
    assert all(np.array_equal(again.weights[k], a) for k, a in net.weights.items())


@pytest.mark.parametrize("changed", [{"keep": 0.5}, {"penalty": 10.0}, {"augment": True}], ids=str)
def test_each_setting_makes_another_net(lessons, changed):
    plain, other = (dc.train(lessons, Settings(rounds=2, **c)) for c in ({}, changed))
    assert not np.allclose(plain.weights["W1"], other.weights["W1"])


def test_a_strong_penalty_shrinks_the_weights(lessons):
    sizes = [
        np.linalg.norm(dc.train(lessons, Settings(penalty=p)).weights["W1"]) for p in (0.0, 30.0)
    ]
    assert sizes[1] < 0.8 * sizes[0]


# --- its figures --------------------------------------------------------------------------


def test_it_beats_the_nearest_mean_picture_for_known_and_new_voices(monkeypatch):
    monkeypatch.setattr(figures, "MOST", 3)
    found = figures.figures()
    assert len(found) == 2
    for figure in found:
        assert figure.beats_baseline, figure
    assert found[0].value < found[1].value  # new voices are harder
