"""Tacotron 2 on sentences: texts become sounds or letters, NumPy reads along as PyTorch does."""

from __future__ import annotations

import json

import numpy as np
import pytest

from speechlab import corpora
from speechlab.figures import tacotron_sentences as measured
from speechlab.figures.tacotron import in_order
from speechlab.systems import MODELS, tacotron, weights
from speechlab.systems import tacotron_sentences as sentences
from speechlab.systems._shared.mel import FLOOR
from speechlab.systems._shared.vocoding import conditions

torch = pytest.importorskip("torch")

from tests.support.tacotron_net import back  # noqa: E402
from training import tacotron as digits  # noqa: E402
from training import tacotron_sentences as training  # noqa: E402
from training.common import arrays_of  # noqa: E402

pytestmark = pytest.mark.usefixtures("embedded")
TEXT = "Eggshell is not good to eat."


@pytest.fixture(scope="module")
def read(embedded):
    return sentences.say(TEXT)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("No, 3!", "no , three ."),
        ("Well-known; so?  Yes", "well known , so . yes ."),
        ("'You\u2019re' here...", "you're here ."),
        (", 42", "four two ."),
    ],
)
def test_words_and_marks(text, words):
    assert " ".join(sentences.words_and_marks(text)) == words


def test_words_are_sounds_or_letters():
    row, owner = sentences.symbols("The zorby cat, the cat", by_letters={4})
    first, last = ["DH", "AH0", " ", *"zorby", " ", "K", "AE1", "T", ","], ["DH", "AH0", " "]
    assert row == [*first, *last, *"cat", "."]
    assert owner == [0, 0, -1, *[1] * 5, -1, 2, 2, 2, -1, 3, 3, -1, 4, 4, 4, -1]


def test_every_pronunciation_has_known_sounds():
    table = sentences.pronunciations()
    assert len(table) > 30_000 and table["tough"] == ("T", "AH1", "F")
    assert {sound for sounds in table.values() for sound in sounds} <= set(sentences.SYMBOLS)
    assert len(sentences.TABLE.read_bytes()) < 300_000


@pytest.mark.parametrize(
    ("text", "says"),
    [("", "nothing to read"), (" ... ", "nothing to read"), ("5 € für", "never seen 'ü', '€'")],
)
def test_bad_text_is_named(text, says):
    with pytest.raises(ValueError, match=says):
        sentences.say(text)


def test_the_weights_go_back_and_forth():
    torch.manual_seed(0)
    model = digits.Tacotron(sizes=sentences.SIZES)
    found = {key: np.shape(array) for key, array in digits.stored(arrays_of(model)).items()}
    assert found == {key: array.shape for key, array in weights("tacotron_sentences").items()}


def test_numpy_reads_along_as_pytorch_does(monkeypatch):
    mel = np.random.default_rng(0).uniform(-50, 0, (42, 40))
    model = digits.Tacotron(sizes=sentences.SIZES)
    back(model, weights("tacotron_sentences"))
    monkeypatch.setattr(digits, "DROPPED", 0.0)
    monkeypatch.setattr(tacotron, "DROPPED", 0.0)
    frames, steps = digits.padded([conditions(mel).astype(np.float32)], 5)
    with torch.no_grad():
        theirs = model(digits.Text.of_numbers([sentences.numbers(TEXT)]), frames, steps)
    mine = sentences.say(TEXT, given=mel)
    assert np.abs(mine.attention - theirs.attention[0].numpy()).max() < 1e-3
    wanted = np.maximum(theirs.after[0].numpy() * 20 - 20, FLOOR)
    assert np.abs(mine.mel - wanted).max() < 0.1, "decibels"


def test_it_reads_in_order_and_stops(read):
    assert read.stopped and len(read.mel) == 5 * len(read.stop)
    assert read.attention.shape[1] == len(read.letters) == len(sentences.numbers(TEXT))
    assert in_order(read.attention) > 0.9 and measured.words_reached(read) == 1
    assert read.attention[-1].argmax() >= len(read.letters) - 4, "the end of the text"


def test_the_location_term_keeps_the_place(read):
    lost = sentences.say(TEXT, located=False)
    assert measured.words_reached(lost) < 1


def test_it_sounds_as_long_as_its_frames(read):
    sound = sentences.speak(TEXT)
    assert len(sound) == 80 * (len(read.mel) - 1) and np.abs(sound).max() <= 1


def test_the_way_through_a_sentence_follows_the_times_of_its_words():
    one = next(one for one in corpora.collection("kathleen") if "words" in one.tables)
    lesson = training.Lesson.of(one)
    numbers, way = lesson.told(np.random.default_rng(0), 0.0)
    assert numbers == sentences.numbers(one.text) and np.all(np.diff(way) >= 0)
    owner = np.array(sentences.symbols(one.text)[1])
    middles = (np.arange(len(way)) + 0.5) * measured.STEP
    for word, (start, end) in enumerate(lesson.times):
        inside = np.round(way[(middles > start + 0.03) & (middles < end - 0.03)]).astype(int)
        assert set(owner[inside]) <= {word}
    spelled, _ = lesson.told(np.random.default_rng(0), 1.0)
    assert len(spelled) > len(numbers) - 3 and spelled != numbers


def test_beginnings_of_words_are_found_between_steps(read):
    rows = len(sentences.symbols("to eat")[0])
    attention = np.eye(rows)[[0, 0, 1, 2, 3, 4, 5]]
    found = measured.beginnings(_said("to eat", attention))
    assert found == pytest.approx([0, 4 * measured.STEP])


def _said(text, attention):
    nothing = np.zeros((len(attention), 1))
    return tacotron.Said(
        text, tuple(sentences.symbols(text)[0]), "", nothing, nothing, attention, nothing, nothing,
        True, nothing,
    )  # fmt: skip


def test_what_was_measured_is_stored():
    found = {(one.system, one.metric): one for one in measured.stored()}
    net = found[f"{measured.NAME}, Griffin-Lim", measured.LIMITED]
    assert net.low <= net.value <= net.high and net.count == 47
    shipped = json.loads((MODELS / "tacotron_sentences.json").read_text())
    assert shipped["value"] == pytest.approx(net.value, abs=1e-6), "measure again"


def test_card():
    said = json.loads((MODELS / "tacotron_sentences.json").read_text())
    assert said["command"] == "python -m training tacotron_sentences"
    assert (MODELS / "tacotron_sentences.npz").stat().st_size < 2 * 2**20
    assert said["interval"][0] <= said["value"] <= said["interval"][1]
