"""Counts of notes, keys and chords against mir_eval, which the field compares its systems by."""

import mir_eval
import numpy as np
import pytest

from speechlab import corpora
from speechlab.figures import key_and_chords as chord_figures
from speechlab.figures import piano_notes as measured
from speechlab.figures.enhancement import likeness
from speechlab.systems import key_and_chords as system
from speechlab.systems.piano_notes import NOTE

WEIGHTS = {"right": 1.0, "fifth": 0.5, "relative": 0.3, "parallel": 0.2, "other": 0.0}


def hertz(notes):
    return 440 * 2 ** ((notes["pitch"] - 69) / 12)


@pytest.mark.parametrize("seed", range(20))
def test_notes_are_counted_as_by_mir_eval(seed):
    """Dense notes of few pitches, so that pairs have to be chosen."""
    rng = np.random.default_rng(seed)
    true = np.sort(np.array(list(zip(rng.uniform(0, 2, 40), rng.integers(60, 64, 40))), dtype=NOTE))
    found = true[rng.random(40) < 0.8].copy()
    found["onset"] += rng.uniform(-0.07, 0.07, len(found))
    found = np.sort(found[found["onset"] >= 0])
    ours = measured.f_measure(np.array([measured.counts(true, found)]))
    spans = [np.c_[notes["onset"], notes["onset"] + 0.1] for notes in (true, found)]
    _, _, theirs, _ = mir_eval.transcription.precision_recall_f1_overlap(
        spans[0], hertz(true), spans[1], hertz(found), offset_ratio=None
    )
    assert ours == pytest.approx(theirs)


@pytest.mark.parametrize("true", range(24))
def test_keys_are_related_as_by_mir_eval(true):
    """mir_eval's weights name the same relations, but count only the fifth above."""
    for found in range(24):
        names = [system.key_name(number) for number in (true, found)]
        told = mir_eval.key.weighted_score(*names)
        relation = system.relation(names[1], names[0])
        below = relation == "fifth" and (found - true) % 12 == 5
        assert told == (0 if below else WEIGHTS[relation])


def test_frames_of_chords_are_right_as_by_mir_eval(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    piece = corpora.example("chords00")
    found = system.chords(piece.samples, piece.rate)
    edges = np.r_[0, (found.times[1:] + found.times[:-1]) / 2, found.times[-1] + 0.05]
    kinds = {"maj": "maj", "min": "min", "7": "7"}
    labels = [f"{n.removesuffix('m')}:{'min' if n.endswith('m') else 'maj'}" for n in found.names()]
    spans, true = mir_eval.util.adjust_intervals(
        np.c_[piece.chords["start"], piece.chords["end"]],
        [f"{row['root']}:{kinds[row['quality']]}" for row in piece.chords],
        0.0,
        edges[-1],
        mir_eval.chord.NO_CHORD,
        mir_eval.chord.NO_CHORD,
    )
    lengths = np.c_[edges[:-1], edges[1:]]
    merged, ours, theirs = mir_eval.util.merge_labeled_intervals(spans, true, lengths, labels)
    right = mir_eval.chord.majmin(ours, theirs)
    weights = mir_eval.util.intervals_to_durations(merged)
    told = mir_eval.chord.weighted_accuracy(right, weights)
    assert chord_figures.right_frames(piece)[0] == pytest.approx(told, abs=0.03)


@pytest.mark.filterwarnings("ignore:mir_eval.separation:FutureWarning")
def test_the_ratio_of_separation_agrees_where_nothing_but_noise_is_added():
    """mir_eval's ratio forgives a filter of the source, so it is a little higher."""
    rng = np.random.default_rng(0)
    sources = rng.standard_normal((2, 8000))
    noisy = sources + 0.1 * rng.standard_normal((2, 8000))
    told, *_ = mir_eval.separation.bss_eval_sources(sources, noisy, compute_permutation=False)
    ours = [likeness(x, source) for x, source in zip(noisy, sources)]
    assert np.all(told >= ours) and np.allclose(told, ours, atol=1.0)
