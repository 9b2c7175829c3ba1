"""BYOL-A, multi-format, CLAP on everyday sounds: what they are given, and what is told of them."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from speechlab import corpora
from speechlab.figures import byol_a as byol_figures
from speechlab.figures import clap as clap_figures
from speechlab.figures import everyday as shared
from speechlab.figures import multi_format as multi_figures
from speechlab.figures.registry import MEASURED
from speechlab.systems import byol_a, clap, multi_format
from speechlab.systems._shared import everyday

pytestmark = pytest.mark.usefixtures("embedded")

BAD = {
    "empty": (np.zeros(0), 16000, "one channel"),
    "two channels": (np.ones((2, 800)), 16000, "one channel"),
    "NaN": (np.array([1.0, np.nan] * 400), 16000, "finite samples, without NaN"),
    "silence": (np.zeros(800), 16000, "silence"),
    "wrong rate": (np.ones(1600), 8000, "not at 8000"),
}


@pytest.fixture(scope="module")
def clip(embedded):
    return corpora.collection("esc10")[40]


def test_silent_pieces_are_left_out_and_short_sounds_filled_up():
    rng = np.random.default_rng(0)
    sound = np.zeros(5 * 16000)
    sound[16000:20000] = rng.normal(size=4000)
    seen = everyday.pieces(sound, 16000)
    assert seen.mel.shape == (1, 48, 64) and seen.wave.shape == (1, 15360)
    assert np.abs(seen.wave).max() == 1
    assert everyday.pieces(sound[16000:17000], 16000).wave.shape == (1, 15360)
    louder = everyday.pieces(3 * sound, 16000)
    assert np.allclose(louder.mel, seen.mel, atol=1e-5)


def test_a_tone_is_in_its_band():
    t = np.arange(16000) / 16000
    mel = everyday.pieces(np.sin(2 * np.pi * 1000 * t), 16000).mel[0]
    heard = everyday.MEL[mel.mean(axis=0).argmax()]
    assert heard.argmax() * 16000 / everyday.FFT == pytest.approx(1000, abs=40)


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize(
    "function",
    [
        everyday.pieces,
        lambda samples, rate: byol_a.encoder().features(samples, rate),
        lambda samples, rate: multi_format.net().features(samples, rate),
        lambda samples, rate: multi_format.net().projected(samples, rate, "mel"),
        clap.embed,
        lambda samples, rate: clap.cosines(samples, rate, ["a dog"]),
    ],
    ids=["pieces", "byol_a", "multi_format", "projected", "embed", "cosines"],
)
def test_bad_input(function, case):
    samples, rate, says = BAD[case]
    with pytest.raises(ValueError, match=says):
        function(samples, rate)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: byol_a.encoder("new"), "trained"),
        (lambda: multi_format.net("new"), "trained"),
        (lambda: multi_format.net().features(np.ones(16000), 16000, ["text"]), "text"),
        (lambda: everyday.initial("text"), "text"),
        (lambda: clap.embed_captions([]), "one text or more"),
        (lambda: clap.embed_captions("a dog"), "list"),
        (lambda: clap.embed_captions(["a dog", "Qxz!"]), "Qxz!"),
        (lambda: clap.embed_captions([""]), "Nothing of the caption"),
    ],
)
def test_bad_choices(call, says):
    with pytest.raises(ValueError, match=says):
        call()


def test_shapes(clip):
    given = (clip.samples, clip.rate)
    assert byol_a.encoder().features(*given).shape == (256,)
    assert multi_format.net().features(*given).shape == (512,)
    assert multi_format.net().features(*given, ["wave"]).shape == (256,)
    for vector in (multi_format.net().projected(*given, "wave"), clap.embed(*given)):
        assert vector.shape == (128,) and np.linalg.norm(vector) == pytest.approx(1)
    assert clap.cosines(*given, ["a dog", "rain"]).shape == (2,)
    assert 0.01 < clap.temperature() < 1


# --- captions -----------------------------------------------------------------------------


def test_pieces_of_a_word():
    assert clap.pieces_of("cat") == sorted(["<ca", "cat", "at>", "<cat", "cat>", "<cat>"])
    assert clap.words("The SOUND of a dog, loud!") == ["the", "sound", "of", "a", "dog", "loud"]


def test_a_caption_is_the_mean_of_its_words():
    rows = clap.shares(["cat", "cat dog", "dog cat qqq"], {"cat": 0, "at>": 1, "dog": 2})
    assert np.allclose(rows, [[0.5, 0.5, 0], [0.25, 0.25, 0.5], [0.25, 0.25, 0.5]])


def test_the_order_of_words_and_what_is_not_known_are_not_heard():
    one, other, denied = clap.embed_captions(
        ["a dog in the rain", "in the rain, a dog", "qqq a dog in the rain"]
    )
    assert np.allclose(one, other, atol=1e-6) and np.allclose(one, denied, atol=1e-6)


def test_what_can_be_read():
    assert clap.read("a dog qqq") == {"a": 1.0, "dog": 1.0, "qqq": 0.0}
    assert 0 < clap.read("barks")["barks"] < 1


def test_the_page_gets_all_of_the_net_for_captions():
    given, w = clap.for_the_page(), clap.weights("clap")
    numbers = np.frombuffer(base64.b64decode(given["numbers"]), "<f2")
    sizes = [w[name].size for name in ("letters", "text_1", "text_1_bias", "text_2", "text_2_bias")]
    parts = np.split(numbers, np.cumsum(sizes)[:-1])
    assert len(numbers) == sum(sizes) and given["widths"] == [64, 128, 128]
    assert np.array_equal(parts[3].reshape(128, 128), w["text_2"])
    assert len(given["pieces"]) == len(w["letters"]) and len(given["numbers"]) < 300_000


def test_drawn_captions_are_of_their_class():
    rng = np.random.default_rng(0)
    said = {clap.drawn_caption("dog", rng) for _ in range(60)}
    allowed = {w for text in clap.captions("dog") for w in clap.words(text)}
    assert len(said) > 20 and all(set(clap.words(text)) <= allowed for text in said)
    assert any("dog" in text for text in said) and any("animal" in text for text in said)


def test_the_kinds_of_captions_are_what_they_say():
    trained = {w for label in clap.CLASSES for t in clap.captions(label) for w in clap.words(t)}
    for name in ("other forms", "other words"):
        used = {w for text in clap_figures.SETS[name].values() for w in clap.words(text)}
        assert used & trained <= {"a", "on", "the"}, name
    for captions in clap_figures.SETS.values():
        assert tuple(captions) == clap.CLASSES
        assert clap.embed_captions(list(captions.values())).shape == (10, 128)
    forms, words = (
        np.mean([max(clap.read(text).values()) for text in clap_figures.SETS[name].values()])
        for name in ("other forms", "other words")
    )
    assert forms > words


# --- figures ------------------------------------------------------------------------------


def test_draws_have_as_many_of_every_class():
    labels = np.array(list("aabbbcccc"))
    for rows in shared.draws(labels, 2, 3):
        assert sorted(labels[rows]) == list("aabbcc") and len(set(rows)) == 6


def test_the_span_of_few_rows_is_enough():
    rng = np.random.default_rng(0)
    middles, labels = rng.normal(size=(5, 60)), np.repeat(list("abcde"), 3)
    x = np.repeat(middles, 3, axis=0) + rng.normal(size=(15, 60))
    asked = np.repeat(middles, 40, axis=0) + 3 * rng.normal(size=(200, 60))
    plain = LogisticRegression(C=0.1, max_iter=2000).fit(x, labels).predict(asked)
    assert np.mean(shared.named(x, labels, asked) == plain) > 0.98
    assert 0.3 < np.mean(plain == np.repeat(list("abcde"), 40)) < 1


@pytest.mark.parametrize("name", ["byol_a", "multi_format", "clap"])
def test_figures(name, monkeypatch):
    monkeypatch.setattr(shared, "DRAWS", 4)  # for the time it takes
    shared.statistics_right.cache_clear()
    found = MEASURED[name]()
    assert all(one.count == 20 and one.corpus == "synthetic everyday sounds" for one in found)
    assert all(0 <= one.low <= one.value <= one.high <= 1 for one in found)
    assert len({(one.system, one.metric, one.baseline) for one in found}) == len(found)


def test_captions_of_the_training_are_found_more_often_than_by_chance():
    chance = 1 / len(clap.CLASSES)
    assert np.mean(clap_figures.zero_shot(clap_figures.SETS["as in training"])) > 2 * chance
    assert np.mean(multi_figures.found()) > 2 / len(multi_figures.found())


def test_stored_tables():
    """Both kinds of tables have the same rows, of as many clips as their folds have."""
    for heard, count in ((False, 80), (True, 318)):
        tables = byol_figures.ablations(heard) | {"inputs": multi_figures.inputs(heard)}
        assert [len(rows) for rows in tables.values()] == [7, 5, 5 if heard else 6]
        augmented, normed, asked = tables.values()
        assert augmented[0] == normed[0]
        assert {one.count for rows in tables.values() for one in rows} == {count}
        assert asked[-1].system.startswith("trained on labels") != heard
        rows, columns, shares = multi_figures.augmentations(heard)
        assert shares.shape == (len(rows), len(columns)) == (3, 5)
        assert np.all((shares > 0.2) & (shares < 1))
    assert len(clap_figures.left_out()) == 2
    shipped = (byol_figures, multi_figures, clap_figures)
    assert [len(figures.measured()) for figures in shipped] == [4, 5, 6]
    every = [one for rows in shared.stored().values() for one in rows]
    assert all(one.corpus == "ESC-10" and 0 <= one.low <= one.value <= one.high for one in every)


def test_every_class_is_left_out_once():
    assert sorted(name for pair in clap_figures.PAIRS for name in pair) == sorted(clap.CLASSES)


def test_storing_keeps_the_other_tables(tmp_path, monkeypatch):
    monkeypatch.setattr(shared, "TABLE", tmp_path / "table.json")
    row = shared.figure("a net", np.array([1.0, 0.0]), "chance", np.array([0.1, 0.1]))
    assert shared.stored() == {}
    shared.store({"one": [row]})
    shared.store({"two": [row, row]})
    assert shared.stored() == {"one": [row], "two": [row, row]}
