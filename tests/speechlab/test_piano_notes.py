"""The notes of a piano, the style of its pieces, and how both are counted."""

import numpy as np
import pytest

from speechlab import corpora
from speechlab.figures import piano_notes as measured
from speechlab.figures import piano_style as style_measured
from speechlab.systems import piano_notes as system
from speechlab.systems import piano_style as style

NOTES = system.NOTE


@pytest.fixture(autouse=True)
def synthetic(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    measured._piano.cache_clear()


def notes(*rows):
    return np.array(list(rows), dtype=NOTES)


@pytest.mark.parametrize(
    ("true", "found", "pairs"),
    [
        ([(0.0, 60), (0.5, 64)], [(0.04, 60), (0.46, 64)], 2),
        ([(0.0, 60)], [(0.06, 60)], 0),
        ([(0.0, 60)], [(0.0, 61)], 0),
        ([(0.0, 60)], [(0.0, 60), (0.02, 60)], 1),  # each note once
        ([(0.0, 60), (0.06, 60)], [(0.04, 60), (0.09, 60)], 2),  # as many pairs as can be
    ],
)
def test_pairs_by_hand(true, found, pairs):
    counted = measured.counts(notes(*true), notes(*found))
    assert counted == (pairs, len(true), len(found))
    assert measured.f_measure(np.array([counted])) == 2 * pairs / (len(true) + len(found))


def test_a_key_is_struck_where_its_strength_is_largest():
    strengths = np.zeros((88, 40))
    strengths[39, [10, 11, 12]] = 1, 3, 2
    strengths[43, 30] = 0.5
    found = system.struck(strengths, 1.0)
    assert found["pitch"].tolist() == [60]
    assert found["onset"][0] == pytest.approx(11 * system.HOP / system.RATE)


def test_keys_may_sound_only_while_their_notes_are_played():
    played = np.array([(0.5, 1.0, 60)], dtype=[("onset", "f8"), ("offset", "f8"), ("pitch", "i4")])
    allowed = system.played(played, 100)
    assert set(np.flatnonzero(allowed.any(axis=1))) == {39, 88 + 39}
    assert np.flatnonzero(allowed[39])[0] == round(0.5 * system.RATE / system.HOP) - 1


def test_notes_are_found_in_pieces_that_were_not_learned_from():
    lessons = measured.pieces(measured.LESSONS)[:5]
    (heard, *_) = measured.pieces(measured.HEARD)
    spectra, typical = system.learn_spectra(lessons)
    piano = system.Piano(spectra, 0.7 * typical)
    rows = [
        measured.counts(heard.notes, find(heard.samples, heard.rate))
        for find in (piano.notes, system.by_loud_bins)
    ]
    ours, base = (measured.f_measure(np.array([row])) for row in rows)
    assert ours > 0.5 and ours > base
    with pytest.raises(ValueError, match="22050"):
        piano.notes(np.ones(5000), 16000)


def test_the_three_parts_have_no_piece_in_common():
    names = corpora.examples("piano")
    parts = [set(names[p]) for p in (measured.LESSONS, measured.CHOICE, measured.HEARD)]
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])


# --- style ---------------------------------------------------------------------------------------


def test_strokes_are_what_is_struck_together():
    found = style.strokes(notes((0.0, 64), (0.01, 60), (0.5, 67), (1.0, 60)))
    assert [chord.tolist() for chord in found] == [[60, 64], [67], [60]]


def test_features_of_a_scale_in_octaves():
    rows = [(n / 4, 60 + n + up) for n in range(8) for up in (0, 12)]
    found = style.features(notes(*rows))
    assert found.shape == (38,) and np.isfinite(found).all()
    assert found[1] == pytest.approx(8 / 1.75, rel=0.01) and found[2] == pytest.approx(np.log(0.25))
    assert found[8] == 2 and found[9:14].tolist() == [0, 1, 0, 0, 0]


def test_two_strokes_are_needed():
    for few in (notes(), notes((0.0, 60), (0.01, 64))):
        with pytest.raises(ValueError, match="two strokes"):
            style.features(few)


def test_the_commonest_of_the_others():
    styles = np.array(["a", "a", "b", "b", "b"])
    assert style_measured.commonest(styles).tolist() == ["b", "b", "a", "a", "a"]


def test_no_piece_is_learned_from_when_it_is_named(monkeypatch):
    seen = []
    monkeypatch.setattr(style_measured, "learn", lambda x, y: seen.append(x) or style.learn(x, y))
    x = np.arange(8.0)[:, None]
    style_measured.named(x, np.array(list("abababab")))
    assert all(n not in lessons for n, lessons in enumerate(seen)) and len(seen) == 8
