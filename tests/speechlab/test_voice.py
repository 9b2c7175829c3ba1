"""What the page of one's own voice computes: on speech, and where there is none."""

import itertools

import numpy as np
import pytest

from speechlab import corpora, voice
from speechlab.figures.digit_words import errors, strange_clips
from speechlab.speech import synthesis
from speechlab.systems import MODELS, card, celp, digit_words, hubert, weights

RATE = voice.RATE
ALONE = [
    getattr(voice, name)
    for name in "look spectrogram mfcc pitch formants prediction robot codec words by_templates"
    " by_models by_network units vocoded".split()
]


@pytest.fixture(scope="module")
def said():
    """The digits 7, 4 and 9 by a known speaker, with pauses."""
    pause, who = np.zeros(3000), corpora.speakers()[0]
    clips = [corpora.digits("test", who, digit)[0].samples for digit in (7, 4, 9)]
    return np.concatenate([part for clip in clips for part in (pause, clip)] + [pause])


@pytest.mark.parametrize("function", ALONE)
@pytest.mark.parametrize(
    "samples, says",
    [
        (np.zeros(0), "only 0.00 s"),
        (np.ones(1000), "only 0.12 s"),
        (np.zeros(8000), "Nothing is to be heard"),
        (np.full(8000, 0.4), "Nothing is to be heard"),  # a microphone with an offset
        (np.append(np.ones(8000), np.nan), "finite"),
        (np.ones((8000, 2)), "one channel"),
        (np.ones(100_000), "takes 10 s"),
    ],
)
def test_what_is_no_recording_is_refused_in_a_sentence(function, samples, says):
    with pytest.raises(ValueError, match=says) as refused:
        function(samples)
    assert str(refused.value).endswith((".", "?"))


def test_clipping_and_softness_are_warned_of(said):
    assert voice.look(said / np.abs(said).max() * 0.9)["warnings"] == []
    loud = voice.look(np.clip(20 * said / np.abs(said).max(), -1, 1))
    assert loud["clipped"] > 0.01 and "at the limits" in loud["warnings"][0]
    soft = voice.look(0.01 * said / np.abs(said).max())
    assert "very soft" in soft["warnings"][0]


def test_pitch_and_formants_of_a_vowel_that_is_known():
    vowel = synthesis.vowel(120, [500, 1500, 2500, 3500], seconds=1, rate=RATE)
    assert voice.pitch(vowel)["usual"] == pytest.approx(120, rel=0.02)
    found = voice.formants(vowel)
    assert len(found["seconds"]) == len(found["hertz"]) > 50
    assert found["steady"] == pytest.approx([500, 1500], rel=0.06)


def test_noise_has_no_formants_to_show():
    noise = 0.1 * np.random.default_rng(0).standard_normal(8000)
    assert voice.pitch(noise)["usual"] == 0
    found = voice.formants(noise)
    assert found["hertz"].shape == (0, 2) and found["steady"].shape == (0,)


def test_the_chart_has_every_vowel_of_the_table():
    chart = voice.vowel_chart()
    assert chart["hertz"].shape == (len(chart["vowels"]), 3, 2)
    heed, hod = (chart["hertz"][chart["words"].index(word)] for word in ("heed", "hod"))
    assert np.all(heed[:, 0] < hod[:, 0]) and np.all(heed[:, 1] > hod[:, 1])


def test_pictures_are_as_long_as_the_recording(said):
    seconds = len(said) / RATE
    for found, name in ((voice.spectrogram(said), "level"), (voice.mfcc(said), "coefficients")):
        frames = found[name].shape[1]
        assert frames * found["seconds"] == pytest.approx(seconds, abs=3 * found["seconds"])
    ten = voice.spectrogram(np.resize(said, 80_000))["level"]
    assert ten.shape[0] == 129 and ten.shape[1] <= voice.COLUMNS + 1
    assert ten.max() == 0 and ten.min() >= -70


def test_the_residual_makes_the_recording_again(said):
    found = voice.prediction(said)
    assert np.allclose(found["again"], said - said.mean(), rtol=0, atol=1e-9)
    assert found["residual"].shape == said.shape and found["gain"] > 5
    assert voice.robot(said)["samples"].shape == said.shape


def test_the_codec_sends_what_it_says(said):
    found = voice.codec(said)
    sent = 8 * len(found["stream"]) / (len(said) / RATE)
    assert sent == pytest.approx(found["bits_per_second"], rel=0.05)
    assert np.array_equal(found["samples"], celp.decode(found["stream"])[: len(said)])
    assert found["snr"] > 3


def test_words_are_where_they_were_put(said):
    spans = voice.words(said)["spans"] / RATE
    assert len(spans) == 3
    assert np.all(spans[1:, 0] > spans[:-1, 1])
    assert len(voice.words(said[: len(said) // 3])["spans"]) >= 1


def test_the_recognisers_give_ten_scores_a_word(said):
    for found in (voice.by_templates(said), voice.by_models(said)):
        assert found["scores"].shape == (3, 10)
        assert np.array_equal(np.argmax(found["scores"], axis=1), found["digits"])
        assert np.all((found["sure"] > 0.1) & (found["sure"] <= 1))
    network = voice.by_network(said)
    assert len(network["at"]) == len(network["sure"]) == len(network["digits"])
    assert np.all(np.diff(network["at"]) >= 0)


def test_the_lattice_is_the_share_of_each_cell_in_all_paths():
    rng = np.random.default_rng(0)
    posteriors = rng.dirichlet(np.ones(11), size=5)
    digits = np.array([3, 3])
    labels = [0, 4, 0, 4, 0]
    shares = np.zeros((5, 5))
    for path in itertools.product(range(5), repeat=5):
        steps = np.diff(path)
        skips = any(s == 2 and labels[a] == labels[a + 2] for s, a in zip(steps, path))
        skips = skips or any(s == 2 and labels[a] == 0 for s, a in zip(steps, path))
        if path[0] > 1 or path[-1] < 3 or np.any(steps < 0) or np.any(steps > 2) or skips:
            continue
        shares[np.arange(5), path] += np.prod([p[labels[k]] for p, k in zip(posteriors, path)])
    shares /= shares.sum(axis=1, keepdims=True)
    assert np.allclose(voice._lattice(posteriors, digits), shares)
    empty = voice._lattice(posteriors, np.zeros(0, dtype=int))
    assert np.array_equal(empty, np.ones((5, 1)))


def test_units_and_the_voices_made_of_them(said):
    found = voice.units(said)
    assert len(found["units"]) == len(found["pitch"]) == pytest.approx(len(said) / 160, abs=2)
    assert 0 <= found["units"].min() and found["units"].max() < found["of"] == hubert.UNITS[2]
    voices = voice.voices()
    one, other = (voice.spoken_by(said, who)["samples"] for who in voices[:2])
    assert one.shape == said.shape and not np.allclose(one, other)
    assert voice.spoken_by(said, voices[0], own_pitch=True)["samples"].shape == said.shape
    with pytest.raises(ValueError, match="no voice"):
        voice.spoken_by(said, "nobody")
    assert voice.vocoded(said)["samples"].shape == said.shape


def test_a_stranger_is_understood_better_than_by_chance():
    clips = strange_clips()[::5]
    assert {clip.speaker for clip in clips} <= set(digit_words.STRANGERS)
    by_models, by_templates = errors(clips)
    assert np.mean(by_models) < 0.5 and np.mean(by_templates) < 0.7  # by chance: 0.9


def test_the_shipped_digits_are_those_of_the_card():
    told, shipped = card("digit_words"), weights("digit_words")
    learned = sum(shipped[name].size for name in ("stay", "means", "variances"))
    assert told["parameters"] == learned
    assert told["value"] < told["baseline_value"]
    # As the page says: two recordings of each of ten digits by each of ten voices.
    assert np.array_equal(np.bincount(shipped["words"]), np.full(10, 20))
    assert (MODELS / "digit_words.npz").stat().st_size < 2 * 2**20
