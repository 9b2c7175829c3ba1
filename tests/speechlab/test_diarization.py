"""Who speaks when: voices found in made-up meetings, and how their errors are counted."""

import numpy as np
import pytest

from speechlab import corpora
from speechlab.figures import diarization as measured
from speechlab.figures.error_rate import error_rate
from speechlab.figures.speakers import learned
from speechlab.figures.speech_activity import meetings
from speechlab.systems import diarization as system


@pytest.fixture(autouse=True)
def synthetic(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")


@pytest.mark.parametrize(
    ("true", "found", "wrong"),
    [
        (["ab", "a", "", "b"], ["AB", "A", "", "B"], 0),  # names do not matter
        (["a", "a", "b", "b"], ["A", "A", "A", "A"], 2),  # two are given to the wrong one
        (["ab", "ab", "a", ""], ["A", "A", "A", "A"], 3),  # two missed, one where nobody speaks
        (["a", "b", "a", "b"], ["B", "A", "AB", "A"], 1),  # one too many
        (["a", "a", "a", "b"], ["A", "B", "B", "B"], 2),  # the best pairing
    ],
)
def test_errors_by_hand(true, found, wrong):
    def table(frames):
        names = sorted(set("".join(frames)))
        return np.array([[name in frame for name in names] for frame in frames])

    assert measured.errors(table(true), table(found)) == (wrong, len("".join(true)))


def test_voices_that_lie_apart_are_gathered_apart():
    rng = np.random.default_rng(0)
    centres = np.eye(5)[:3]
    places = np.repeat(centres, 10, axis=0) + 0.05 * rng.standard_normal((30, 5))
    likeness = system.gathered(places, 1.0)
    assert likeness.shape == (30, 3)
    groups = likeness.argmax(axis=1).reshape(3, 10)
    assert all(len(set(row)) == 1 for row in groups) and len(set(groups[:, 0])) == 3
    assert system.gathered(places, 100.0).shape == (30, 1)
    assert system.gathered(places[:1], 1.0).shape == (1, 1)


def test_the_truth_has_a_column_for_each_speaker():
    (one, *_) = corpora.collection("ami_meetings")
    table = measured.truth(one, 2400)
    turns = one.tables["turns"]
    assert table.shape == (2400, len(set(turns["speaker"])))
    assert table.sum() / 100 == pytest.approx(np.sum(turns["end"] - turns["start"]), abs=0.3)


def test_who_speaks_when_is_found_better_than_by_one_speaker():
    lessons, (heard, *_) = meetings("train"), meetings("dev", "test")
    diarizer = measured.tuned(system.learn(lessons, learned()), lessons)
    found = diarizer(heard.samples, heard.rate)
    true = measured.truth(heard, len(found))
    ours, base = (
        error_rate(np.array([measured.errors(true, told)]))
        for told in (found, measured.one_voice(diarizer, heard))
    )
    assert ours < base and found.shape[1] >= 2
    silence = diarizer(1e-6 * np.random.default_rng(0).standard_normal(48000), 16000)
    assert len(silence) == 301
