"""Tacotron 2: NumPy reads along as PyTorch does, looks where it should, stops; bad text named."""

from __future__ import annotations

import json

import numpy as np
import pytest

from speechlab import corpora
from speechlab.figures import tacotron as measured
from speechlab.systems import MODELS, tacotron, weights
from speechlab.systems._shared.mel import FLOOR, log_mel
from speechlab.systems._shared.vocoding import conditions

torch = pytest.importorskip("torch")

from tests.support.tacotron_net import back  # noqa: E402
from training import tacotron as training  # noqa: E402
from training.common import arrays_of  # noqa: E402

FILES = list(tacotron.VARIANTS.values())


pytestmark = pytest.mark.usefixtures("embedded")


@pytest.fixture(scope="module")
def read(embedded):
    return tacotron.say("three one four", "hazel")


def test_the_weights_go_back_and_forth():
    """What is stored of a model, run by NumPy without forgetting, is what the model says."""
    torch.manual_seed(0)
    model = training.Tacotron()
    stored = {
        k: np.asarray(a, dtype=np.float32) for k, a in training.stored(arrays_of(model)).items()
    }
    assert {k: a.shape for k, a in stored.items()} == {
        k: a.shape for k, a in weights("tacotron").items()
    }


@pytest.mark.parametrize("variant", tacotron.VARIANTS)
def test_numpy_reads_along_as_pytorch_does(variant, monkeypatch):
    clip = corpora.digits("test", "maple", 3)[0]
    mel = log_mel(clip.samples, clip.rate)[:41]
    model = training.Tacotron(located=variant != "unlocated")
    back(model, weights(tacotron.VARIANTS[variant]))
    monkeypatch.setattr(training, "DROPPED", 0.0)
    monkeypatch.setattr(tacotron, "DROPPED", 0.0)
    frames = torch.full((1, 44, 40), training.QUIET)
    frames[0, :41] = torch.tensor(conditions(mel))
    with torch.no_grad():
        theirs = model(training.Text.of(["three"], ["maple"]), frames, torch.tensor([11]))
    mine = tacotron.say("three", "maple", variant=variant, given=mel)
    assert np.abs(mine.attention - theirs.attention[0].numpy()).max() < 1e-3
    assert np.abs(mine.stop - torch.sigmoid(theirs.stop[0]).numpy()).max() < 1e-3
    for own, other in ((mine.before, theirs.before), (mine.mel, theirs.after)):
        wanted = np.maximum(other[0].numpy() * 20 - 20, FLOOR)
        assert np.abs(own - wanted).max() < 0.1, "decibels"


def test_what_it_says_has_the_shapes_it_should(read):
    steps, letters = read.attention.shape
    assert letters == len("three one four") and read.energies.shape == (steps, letters)
    assert read.mel.shape == read.before.shape == (tacotron.TOGETHER * steps, 40)
    assert read.stop.shape == (steps,) and read.attention.sum(axis=1) == pytest.approx(1, abs=1e-4)
    assert np.all(read.mel >= FLOOR) and np.all(np.isfinite(read.mel))


def test_it_reads_in_order_and_stops(read):
    assert read.stopped and np.all(read.stop[:-1] <= tacotron.STOP)
    assert measured.in_order(read.attention) > 0.9
    assert read.attention[:3].argmax(axis=1).max() < 5 and read.attention[-1].argmax() >= 10


@pytest.mark.parametrize("located", [True, False])
def test_queries_and_keys_give_the_energies_again(located):
    read = tacotron.say("one six", "birch", located=located)
    parts = tacotron.comparison("1 6", "birch")
    looked = np.cumsum(read.attention, axis=0) - read.attention
    for s, query in enumerate(read.queries):
        match = query + parts["keys"]
        if located:
            around = np.pad(looked[s], 7)
            near = np.array([around[n : n + 15] for n in range(len(looked[s]))])
            match = match + near @ parts["place"] + parts["place_bias"]
        assert np.tanh(match) @ parts["match"] == pytest.approx(read.energies[s], abs=1e-3)


def test_the_seed_decides_what_is_forgotten(read):
    again, other = (tacotron.say("3 1 4", "hazel", seed) for seed in (0, 1))
    assert np.array_equal(again.mel, read.mel)
    assert other.mel.shape != read.mel.shape or not np.allclose(other.mel, read.mel)


def test_a_text_without_an_end_is_cut_off(monkeypatch):
    monkeypatch.setattr(tacotron, "STOP", 2.0)
    read = tacotron.say("two", "cedar")
    assert not read.stopped and len(read.stop) == tacotron.longest("two")


def test_figures_are_spelled():
    assert tacotron.spelled(" 3  ONE\n42") == "three one four two"
    assert [tacotron.LETTERS[n] for n in tacotron.numbers("six one")] == list("six one")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: tacotron.say(""), "nothing to read"),
        (lambda: tacotron.say(" \n"), "nothing to read"),
        (lambda: tacotron.say("a black cat"), "never seen 'a', 'b', 'c', 'k', 'l'"),
        (lambda: tacotron.say("one, two"), "never seen ','"),
        (lambda: tacotron.say("one", "bob"), "no voice 'bob'"),
        (lambda: tacotron.say("one", variant="best"), "no variant 'best'"),
        (lambda: tacotron.say("one", given=np.zeros((0, 40))), "40 bands"),
        (lambda: tacotron.say("one", given=np.full((9, 40), np.nan)), "NaN"),
    ],
)
def test_bad_input_is_named(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_attention_in_order():
    steps = np.eye(6)[[0, 0, 1, 2, 4, 5]]
    assert measured.in_order(steps) == 1
    assert measured.in_order(np.eye(6)[[0, 1, 0, 5]]) == 0.5


def test_strings_are_drawn_with_their_texts():
    clips = corpora.digits("train", ["alder", "birch"])
    strings = training.Strings({"embedded": clips, "fsdd": clips})
    text, speaker, mel = strings.draw(np.random.default_rng(3))
    assert set(text.split()) <= set(corpora.clips.WORDS) and speaker in ("alder", "birch")
    assert mel.shape[1] == 40 and len(mel) > 10 * len(text.split())
    text, frames, steps = training.batch_of(["six", "one two"], ["alder", "theo"], [mel, mel[:31]])
    assert frames.shape[1] == 4 * int(steps.max()) and int(steps[1]) == 8
    assert text.there.sum(1).tolist() == [3, 7]


def test_guidance_costs_nothing_on_the_diagonal():
    text = training.Text.of(["zero"], ["alder"])
    mel, steps = torch.zeros(1, 16, 40), torch.tensor([4])
    straight = torch.eye(4)[None]
    costs = [
        training.loss_of(
            training.Said(mel, mel, torch.zeros(1, 4), attention), text, mel, steps, guided
        )
        for attention in (straight, straight.flip(1))
        for guided in (True, False)
    ]
    assert costs[0] == costs[1] == costs[3]
    assert costs[2] > costs[3] + 1


def test_it_is_understood_and_beats_what_lacks_a_part():
    whole = measured.digit_errors().mean()
    assert whole < 0.15, "of digits; chance is 0.9"
    assert measured.digit_errors(located=False).mean() > whole + 0.2
    assert measured.on_the_word().mean() > measured.on_the_word(located=False).mean() + 0.2
    sooner = measured.on_the_word("short").mean()
    assert sooner > measured.on_the_word("unguided").mean() + 0.15, "in equal steps"
    assert sooner > measured.on_the_word("unlocated").mean() + 0.03


def test_its_own_mistakes_do_not_lead_it_astray():
    assert measured.digit_errors().mean() < measured.errors_along().mean() + 0.1


@pytest.mark.parametrize("name", FILES)
def test_card(name):
    said = json.loads((MODELS / f"{name}.json").read_text())
    assert said["command"] == "python -m training tacotron"
    assert (MODELS / f"{name}.npz").stat().st_size < 2 * 2**20
    assert said["interval"][0] <= said["value"] <= said["interval"][1]
