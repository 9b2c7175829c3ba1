"""Recordings with moved formants: what is asked to move moves, and nothing else does."""

import numpy as np
import pytest

from speechlab import corpora
from speechlab.speech import synthesis
from speechlab.speech.formant_moves import move_formants

RATE = 8000


def peak_near(samples, hertz, width=250):
    """Where the smoothed spectrum is strongest around a frequency."""
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 8 * RATE)) ** 2
    smooth = np.convolve(power, np.hanning(2400), mode="same")
    low = 8 * (hertz - width)
    return (low + np.argmax(smooth[low : 8 * (hertz + width)])) / 8


@pytest.fixture(scope="module")
def vowel():
    return synthesis.vowel(100, [600, 1500, 2500, 3500], seconds=0.6, rate=RATE)


def test_formants_go_where_they_are_sent(vowel):
    moved = move_formants(vowel, RATE, lambda f: f * [1.2, 0.8, 1.1])
    for sent in (720, 1200, 2750):
        assert abs(peak_near(moved, sent) - sent) < 80


def test_left_alone_a_recording_stays_what_it_is():
    clip = corpora.digits("test")[0]
    same = move_formants(clip.samples, RATE, lambda f: f)
    assert same.shape == clip.samples.shape
    assert np.corrcoef(same, clip.samples)[0, 1] > 0.9
    assert np.isclose(np.abs(same).max(), np.abs(clip.samples).max())


def test_pitch_rises_and_the_duration_stays(vowel):
    octave = move_formants(vowel, RATE, lambda f: f, semitones=12)
    assert octave.shape == vowel.shape
    for sound, period in ((vowel, 80), (octave, 40)):
        middle = sound[1600:3200] - sound[1600:3200].mean()
        r = np.correlate(middle, middle, "full")[len(middle) - 1 :]
        assert abs(int(np.argmax(r[30:100])) + 30 - period) <= 2


@pytest.mark.parametrize(
    ("samples", "rate"),
    [
        ([], RATE),
        (np.zeros(4000), RATE),
        (np.full(4000, np.nan), RATE),
        (np.ones(100), RATE),
        (np.ones((2, 4000)), RATE),
        (np.ones(4000), 16000),
    ],
)
def test_what_is_no_recording_is_refused_in_one_sentence(samples, rate):
    with pytest.raises(ValueError, match=r"^[^.]+\.$"):
        move_formants(samples, rate, lambda f: f)
