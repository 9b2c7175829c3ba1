"""A voice that sings notes, and how far its pitch is from them."""

import numpy as np
import pytest

from speechlab.corpora.made import NOTE
from speechlab.figures import sung_notes as measured
from speechlab.systems import sung_notes as system

SONG = np.array([(0.1, 0.7, 57.0), (0.7, 1.3, 60.5), (1.5, 2.0, 55.0)], dtype=NOTE)


def test_the_voice_has_the_pitch_of_the_notes():
    x = system.sing(SONG, ["a", "i", "o"])
    assert np.abs(x).max() == pytest.approx(0.5)
    found = measured.errors(x, system.RATE, SONG)
    assert len(found) == 3 and found.max() < 10
    higher = SONG.copy()
    higher["pitch"] += 1
    assert measured.errors(x, system.RATE, higher) == pytest.approx(100, abs=10)


def test_pauses_are_silent_and_the_melody_glides():
    x = system.sing(SONG)
    assert np.abs(x[round(1.36 * system.RATE) : round(1.44 * system.RATE)]).max() < 1e-6
    steps = np.abs(np.diff(system.melody(SONG, len(x), vibrato=0)))
    assert steps.max() < 0.01  # semitones a sample


def test_vibrato_moves_the_pitch_about_the_note():
    long = np.array([(0.0, 3.0, 57.0)], dtype=NOTE)
    pitch = system.melody(long, 3 * system.RATE, vibrato=0.4)[system.RATE :]
    assert pitch.max() == pytest.approx(57.4, abs=0.01) and pitch.mean() == pytest.approx(
        57, abs=0.02
    )


def test_cents_by_hand():
    one = np.array([(0.0, 1.0, 69.0)], dtype=NOTE)
    off = system.cents_off([440, 440 * 2 ** (1 / 12), 0, 880], [0.2, 0.5, 0.6, 1.5], one)
    assert off == pytest.approx([0, 100])


def test_vowels_come_from_the_text():
    assert system.vowels_of("lumipad", 4) == ["u", "i", "a", "u"]
    assert system.vowels_of("", 2) == ["a", "a"]


def test_no_song():
    with pytest.raises(ValueError, match="needs a note"):
        system.sing(SONG[:0])
    with pytest.raises(ValueError, match="vowels a, e, i"):
        system.sing(SONG, ["a", "y", "o"])


def test_the_vowel_is_heard_in_the_formants():
    spectra = {}
    for vowel in "iu":
        x = system.sing(SONG[:1], [vowel])
        power = np.abs(np.fft.rfft(x)) ** 2
        hertz = np.fft.rfftfreq(len(x), 1 / system.RATE)
        spectra[vowel] = power[(hertz > 1800) & (hertz < 2800)].sum() / power.sum()
    assert spectra["i"] > 5 * spectra["u"]
