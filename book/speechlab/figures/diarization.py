"""How wrong it is who speaks when, in meetings, with those who speak at once counted.

The rules are learned, and the distance between voices is chosen, on the meetings `trn03` to
`trn09` (the other settings were too, each meeting in turn left out); `dev` and `test` are only
measured. No frame is forgiven for being near a change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.figures.error_rate import error_rate
from speechlab.figures.speakers import learned
from speechlab.figures.speech_activity import meetings
from speechlab.systems.diarization import Diarizer, learn
from speechlab.systems.speech_activity import HOP, RATE

DISTANCES = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0)


def truth(meeting: corpora.Recording, frames: int) -> NDArray[np.bool_]:
    """Who speaks in which frame, shape (T, A), one column a speaker."""
    times, turns = np.arange(frames) * HOP / RATE, meeting.tables["turns"]
    columns = []
    for speaker in np.unique(turns["speaker"]):
        own = turns[turns["speaker"] == speaker]
        inside = (times[:, None] >= own["start"]) & (times[:, None] < own["end"])
        columns.append(inside.any(axis=1))
    return np.transpose(columns)


def errors(true: NDArray[np.bool_], found: NDArray[np.bool_]) -> tuple[int, int]:
    """Wrong and all speaker frames: the larger count of a frame, less what the best pairing has."""
    shared = np.einsum("ta,tb->ab", true.astype(int), found.astype(int))
    right = shared[linear_sum_assignment(-shared)].sum()
    larger = np.maximum(true.sum(axis=1), found.sum(axis=1)).sum()
    return int(larger - right), int(true.sum())


def one_voice(system: Diarizer, meeting: corpora.Recording) -> NDArray[np.bool_]:
    """All that is taken for speech, given to one speaker: the baseline."""
    return system.anybody(meeting.samples, meeting.rate)[:, None]


def tuned(system: Diarizer, lessons: Sequence[corpora.Recording]) -> Diarizer:
    """The system with the distance between voices that is best on these meetings."""
    heard = [system.listen(one.samples, one.rate) for one in lessons]
    true = [truth(one, len(h.speech)) for one, h in zip(lessons, heard)]

    def error(one: Diarizer) -> float:
        return error_rate(np.array([errors(t, one.turns(h)) for t, h in zip(true, heard)]))

    return min((replace(system, apart=apart) for apart in DISTANCES), key=error)


def figures() -> list[Figure]:
    """Diarization error rate, beside one speaker for all that is speech."""
    lessons, heard = meetings("train"), meetings("dev", "test")
    system = tuned(learn(lessons, learned()), lessons)
    found = [system(one.samples, one.rate) for one in heard]
    base = [one_voice(system, one) for one in heard]
    ours, theirs = (
        [errors(truth(one, len(told)), told) for one, told in zip(heard, answers)]
        for answers in (found, base)
    )
    where = "synthetic turns" if heard[0].standin else "AMI meetings"
    name, metric = "diarization, overlap counted", "error"
    return [Figure.of(name, metric, ours, "one speaker", theirs, where, error_rate)]
