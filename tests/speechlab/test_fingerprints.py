"""Pairs of peaks, the index, and what a piece is recognised by."""

import numpy as np
import pytest

from speechlab.figures import fingerprints as measured
from speechlab.systems import fingerprints as system

RATE = 22050


@pytest.fixture(autouse=True)
def synthetic(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")


def test_peaks_are_where_tones_begin_to_sound():
    t = np.arange(RATE) / RATE
    found = system.peaks(np.sin(2 * np.pi * 1000 * t) * np.exp(-3 * t), RATE)
    assert np.abs(found[:, 1] - 1000 / (system.RATE / system.WINDOW)).min() < 1
    assert (np.diff(found[:, 0]) >= 0).all()


def test_keys_of_three_peaks_by_hand():
    found, when = system.keys(np.array([(0, 100), (2, 50), (70, 60)]))
    assert found.tolist() == [(100 << 15) | (50 << 6) | 2] and when.tolist() == [0]


def test_a_piece_is_found_with_the_place_where_it_begins():
    rng = np.random.default_rng(0)
    sounds = [(rng.standard_normal(6 * RATE), RATE) for _ in range(3)]
    index = system.Index.of(sounds)
    hop = 2 * system.HOP  # of the index, in samples of the sounds
    found = index.match(sounds[1][0][100 * hop : 100 * hop + 3 * RATE], RATE)
    assert found.recording == 1
    assert found.seconds == pytest.approx(100 * hop / RATE, abs=0.03)
    assert found.votes > 20
    assert index.match(rng.standard_normal(3 * RATE), RATE) is None or (
        index.match(rng.standard_normal(3 * RATE), RATE).votes < 6
    )


def test_the_other_rate_does_not_matter():
    t = np.arange(44100) / 44100
    x = np.sin(2 * np.pi * (400 + 300 * t) * t)
    one, other = system.peaks(x[::2], 22050), system.peaks(x, 44100)
    assert {tuple(p) for p in one[:5]} & {tuple(p) for p in other[:5]}


def test_stand_ins_that_are_alike_are_kept_once():
    kept = measured.pieces()
    assert 5 < len(kept) < 65
    assert len({one.notes.tobytes() for one in kept}) == len(kept)


def test_pieces_are_recognised_in_noise():
    by_name = {one.system: one for one in measured.figures(most=6)}
    noisy = by_name["fingerprint, 5 s, noise at 10 dB"]
    assert noisy.value >= 0.8 and noisy.count == 6


@pytest.mark.parametrize("samples", [np.zeros(RATE), np.ones(100), np.ones((100, 100))])
def test_no_fingerprint(samples):
    with pytest.raises(ValueError, match="tenth of a second"):
        system.peaks(samples, RATE)
