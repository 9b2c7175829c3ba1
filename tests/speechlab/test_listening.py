"""The measures of vocoders: what natural speech, noise and Griffin-Lim get by them."""

import numpy as np
import pytest

from speechlab import corpora
from speechlab.figures import listening
from speechlab.systems._shared import vocoding


@pytest.fixture(autouse=True)
def embedded(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")


def test_strangers_are_in_no_training_and_everybody_is_tested():
    known, new = vocoding.voices(), vocoding.voices(stranger=True)
    assert len(new) == 1 and not set(known) & set(new)
    assert set(known + new) == set(corpora.speakers())
    assert {c.speaker for c in listening.test_clips()} == set(known)
    assert {c.speaker for c in listening.test_clips(stranger=True)} == set(new)


def test_test_clips_come_ten_digits_at_a_time():
    clips = listening.test_clips()
    assert len(clips) == 100
    for first in range(0, 100, 10):
        ten = clips[first : first + 10]
        assert [c.digit for c in ten] == list(range(10))
        assert len({(c.speaker, c.index) for c in ten}) == 1
        assert all(c.split == "test" for c in ten)


def test_what_is_the_speech_itself_is_perfect():
    clips = listening.test_clips(stranger=True)
    sounds = [vocoding.at_peak(clip.samples) for clip in clips]
    found = listening.scores(clips, sounds)
    assert np.allclose(found["log-spectral distance"], 0)
    assert np.allclose(found["fine structure"], 1)
    assert found["digit error"].shape == (2,) and found["digit error"].max() <= 0.1


def test_noise_is_far_away_and_no_digit():
    clips = listening.test_clips(stranger=True)
    rng = np.random.default_rng(0)
    found = listening.scores(clips, [rng.normal(size=len(c.samples)) for c in clips])
    assert found["log-spectral distance"].min() > 10
    assert found["digit error"].mean() > 0.5


def test_fine_structure_falls_where_harmonics_are_smeared():
    seconds = np.arange(8000) / 8000
    voice = sum(np.cos(2 * np.pi * 120 * k * seconds) for k in range(1, 30))
    shaky = sum(
        np.cos(2 * np.pi * 120 * k * seconds + 8 * np.sin(2 * np.pi * 9 * seconds + k))
        for k in range(1, 30)
    )
    assert listening.fine_structure(voice, shaky) < 0.5
    assert listening.fine_structure(voice, 0.1 * voice) == pytest.approx(1)


def test_griffin_lim_is_near_and_more_iterations_are_no_worse():
    clip = listening.test_clips()[3]
    speech = vocoding.at_peak(clip.samples)
    few, many = (listening.griffin_lim(clip, n) for n in (0, 60))
    assert many.shape == speech.shape
    far, near = (listening.log_spectral_distance(speech, x) for x in (few, many))
    assert near < far < 12


def test_compare_puts_a_rival_beside_each_measure():
    figures = listening.compare(
        "GL",
        listening.griffin_lim,
        {"noise": lambda c: np.random.default_rng(0).normal(size=len(c.samples))},
        stranger=True,
    )
    by_name = {f.metric: f for f in figures}
    assert {"log-spectral distance", "fine structure", "digit error"} <= set(by_name)
    for metric in ("log-spectral distance", "digit error"):
        assert by_name[metric].beats_baseline and by_name[metric].count == 2


def test_frames_between_frames():
    frames = np.array([[0.0], [8.0], [4.0]])
    found = vocoding.between_frames(frames, 200)[:, 0]
    assert np.allclose(found[[0, 40, 80, 120, 160, 199]], [0, 4, 8, 6, 4, 4])
    assert found.shape == (200,)


@pytest.mark.parametrize(
    "frames, says",
    [
        (np.zeros((0, 40)), "shape"),
        (np.zeros((3, 39)), "40 bands"),
        (np.zeros(40), "40 bands"),
        (np.full((3, 40), np.nan), "NaN"),
    ],
)
def test_conditions_refuse_what_is_no_log_mel(frames, says):
    with pytest.raises(ValueError, match=says):
        vocoding.conditions(frames)


def test_different_lengths_and_silence_are_refused():
    with pytest.raises(ValueError, match="as many samples"):
        listening.log_spectral_distance(np.ones(800), np.ones(801))
    with pytest.raises(ValueError, match="Silence"):
        listening.at_level(np.zeros(10))
