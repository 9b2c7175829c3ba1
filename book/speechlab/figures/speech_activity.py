"""In how many frames of meetings it is wrong whether anybody speaks.

The detector learns from the meetings of `TUNING`, and so does the threshold; `dev` and `test`
are only measured.
"""

from __future__ import annotations

import numpy as np

from speechlab import corpora
from speechlab.figures import Figure
from speechlab.systems.speech_activity import Detector, Threshold, learn, talking, tuned

SILENT = ("trn00", "trn01", "trn02")  # hardly anybody says anything in these


def meetings(*splits: str) -> list[corpora.Recording]:
    """The meetings of these splits in which people talk."""
    found = corpora.collection("ami_meetings")
    return [one for one in found if one.split in splits and one.name not in SILENT]


def wrong(rule: Detector | Threshold, meeting: corpora.Recording) -> float:
    """The share of the frames in which the rule is wrong."""
    found = rule(meeting.samples, meeting.rate)
    return float(np.mean(found != (talking(meeting, len(found)) > 0)))


def figures() -> list[Figure]:
    """Frames that are wrong, beside a threshold on the level."""
    lessons, heard = meetings("train"), meetings("dev", "test")
    ours, simple = ([wrong(rule(lessons), one) for one in heard] for rule in (learn, tuned))
    where = "synthetic turns" if heard[0].standin else "AMI meetings"
    name, metric = "voice activity", "frames wrong"
    return [Figure.of(name, metric, ours, "level, best threshold", simple, where)]
