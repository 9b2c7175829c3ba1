"""Where somebody speaks in a meeting, by a learned rule and by a threshold."""

import numpy as np
import pytest

from speechlab import corpora
from speechlab.figures import speech_activity as measured
from speechlab.systems import speech_activity as system


@pytest.fixture(autouse=True)
def synthetic(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")


def test_talking_counts_who_speaks_at_once():
    (meeting, *_) = corpora.collection("ami_meetings")
    turns = meeting.tables["turns"]
    frames = 1 + len(meeting.samples) // system.HOP
    many = system.talking(meeting, frames)
    seconds = np.sum(turns["end"] - turns["start"])
    assert many.sum() * system.HOP / system.RATE == pytest.approx(seconds, abs=0.02 * len(turns))
    assert many.max() <= len(set(turns["speaker"]))


def test_both_rules_find_the_turns_of_meetings_that_they_were_not_made_on():
    lessons, heard = measured.meetings("train"), measured.meetings("dev")
    for rule in (system.learn(lessons), system.tuned(lessons)):
        wrong = [measured.wrong(rule, one) for one in heard]
        always = [
            np.mean(system.talking(one, len(rule(one.samples, one.rate))) == 0) for one in heard
        ]
        assert np.mean(wrong) < 0.08 and np.mean(wrong) < np.mean(always)


def test_the_level_of_the_recording_does_not_matter():
    lessons = measured.meetings("train")
    rule, one = system.learn(lessons[:2]), lessons[2]
    samples = one.samples
    assert np.mean(rule(samples, one.rate) == rule(0.1 * samples, one.rate)) > 0.99


def test_a_threshold_holds_on_for_a_while():
    level = np.array([0.0] * 20 + [20.0] * 5 + [0.0] * 20)
    assert np.flatnonzero(system.Threshold(6, 1).loud(level)).tolist() == [*range(20, 25)]
    assert np.flatnonzero(system.Threshold(6, 11).loud(level)).tolist() == [*range(20, 35)]


@pytest.mark.parametrize(
    ("samples", "rate", "why"),
    [([], 16000, "one sample"), ([np.nan] * 900, 16000, "finite"), (np.ones(900), 8000, "16000")],
)
def test_what_cannot_be_heard(samples, rate, why):
    with pytest.raises(ValueError, match=why):
        system.features(samples, rate)
