"""The key and the chords of sounds whose notes are known, and the counts that are made of them."""

import librosa
import numpy as np
import pytest

from speechlab import corpora
from speechlab.figures import key_and_chords as measured
from speechlab.speech import synthesis
from speechlab.systems import key_and_chords as system

RATE = 22050


@pytest.fixture(autouse=True)
def synthetic(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")


def played(*chords, seconds=1.0):
    """Chords of MIDI pitches, one after another, each tone with five harmonics."""
    return np.concatenate(
        [
            synthesis.tones(
                [
                    (440 * 2 ** ((pitch - 69) / 12) * h, -26 - 6 * np.log2(h))
                    for pitch in chord
                    for h in range(1, 6)
                ],
                seconds=seconds,
                rate=RATE,
            )
            for chord in chords
        ]
    )


@pytest.mark.parametrize("tonic", range(12))
@pytest.mark.parametrize(("mode", "steps"), [("major", (0, 4, 7)), ("minor", (0, 3, 7))])
def test_a_cadence_has_the_key_of_its_tonic(tonic, mode, steps):
    def triad(root, shape):
        return [60 + (root + step) % 12 for step in shape]

    home, away = triad(tonic, steps), triad(tonic + 5, steps)
    x = played(home, away, triad(tonic + 7, (0, 4, 7)), home)
    assert system.key(x, RATE) == f"{system.PITCHES[tonic]} {mode}"


def test_the_chords_that_are_played_are_found():
    x = played((60, 64, 67), (57, 60, 64), (65, 69, 72), (67, 71, 74), seconds=1.5)
    found = system.chords(x, RATE)
    middles = [np.abs(found.times - 1.5 * n - 0.75).argmin() for n in range(4)]
    assert [found.names()[n] for n in middles] == ["C", "Am", "F", "G"]
    assert np.count_nonzero(np.diff(found.numbers)) == 3


def test_pitch_classes_are_those_of_librosa():
    x = played((60, 64, 67))
    ours = system.pitch_classes(x, RATE, power=1.0)
    theirs = librosa.feature.chroma_cqt(
        C=np.abs(librosa.cqt(x, sr=RATE, fmin=110.0, n_bins=48, hop_length=system.HOP)),
        fmin=110.0,
        n_octaves=4,
        bins_per_octave=12,
        norm=1,
        threshold=0.0,
    ).T
    inside = slice(2, -2)
    assert ours[inside] == pytest.approx(theirs[inside], rel=0.02, abs=1e-3)


def test_a_profile_with_overtones():
    c_alone = system.with_overtones(np.eye(12)[0], strength=0.5, count=5)
    assert c_alone.tolist() == [1 + 0.5 + 0.125, 0, 0, 0, 0.0625, 0, 0, 0.25, 0, 0, 0, 0]
    assert system.with_overtones([1, 2, 3] * 4, strength=0).tolist() == [1, 2, 3] * 4


@pytest.mark.parametrize(
    ("found", "true", "is_"),
    [
        ("C major", "C major", "right"),
        ("G major", "C major", "fifth"),
        ("F major", "C major", "fifth"),
        ("A minor", "C major", "relative"),
        ("C major", "A minor", "relative"),
        ("C minor", "C major", "parallel"),
        ("E minor", "C major", "other"),
        ("Bb minor", "Eb minor", "fifth"),
        ("D major", "C major", "other"),
    ],
)
def test_how_two_keys_are_related(found, true, is_):
    assert system.relation(found, true) == is_


@pytest.mark.parametrize("ask", [system.key, system.chords])
def test_silence_is_refused(ask):
    with pytest.raises(ValueError, match="Silence"):
        ask(np.zeros(RATE), RATE)


def test_frames_are_counted_against_what_was_played():
    together, alone = measured.right_frames(corpora.example("chords03"))
    assert together >= alone and together > 0.95


def test_the_beginning_is_eight_seconds():
    piece = corpora.example("bach01")
    assert len(measured.beginning(piece)) == 8 * piece.rate
