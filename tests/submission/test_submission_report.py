"""The report of a submission: written and read back the same, older ones read, others refused."""

import copy
import json

import pytest

from autograder.judging.outcome import Outcome
from autograder.judging.score import CriterionResult, Verdict
from autograder.pages import item_analysis
from autograder.submission.autograded import Autograded
from autograder.submission.report import Report, ReportError, StoppedCell

CRITERIA = (
    CriterionResult("doubles", 3, 0.0, "with x, it raised KeyError", Outcome.RAISED, "KeyError"),
    CriterionResult("refuses", 1, 1),
)
REPORT = Report(
    key="digest-key",
    student="ada",
    topic="toy",
    says=("Late.",),
    unsafe=False,
    ran=True,
    hidden=("own-test",),
    seconds=0.25,
    grades={"double-check": 1.0, "why": None},
    comments={"double": "1 of 4 points.", "why": None},
    exercises=(Verdict("double", 4, 1.0, CRITERIA, notes=("A note.",), ended=Outcome.CPU),),
    stops=(StoppedCell(3, "import x", None, "ImportError", ("double",)),),
)
# As the grader wrote it before outcomes and stopped cells were kept.
EARLIER = {
    "key": "digest-key",
    "student": "ada",
    "topic": "toy",
    "says": ["Late."],
    "unsafe": False,
    "ran": True,
    "hidden": [],
    "seconds": 0.25,
    "grades": {"double-check": 1.0},
    "comments": {"double": "1 of 4 points."},
    "exercises": [
        {
            "exercise": "double",
            "points": 4,
            "earned": 1.0,
            "criteria": [
                {"name": "doubles", "points": 3, "earned": 0.0, "message": "your function raised"},
                {"name": "refuses", "points": 1, "earned": 1, "message": ""},
            ],
            "mistake": "",
            "notes": [],
        }
    ],
}


def as_json(report):
    return json.loads(json.dumps(report.as_data()))


def test_a_report_is_read_as_it_was_written():
    assert Report.of(as_json(REPORT)) == REPORT
    assert REPORT.points == {"double": (1.0, 4)}


def test_an_earlier_report_is_read_and_its_reasons_are_not_known():
    report = Report.of(EARLIER)
    (verdict,) = report.exercises
    assert [one.outcome for one in verdict.criteria] == [Outcome.NOT_RECORDED, Outcome.OK]
    assert report.stops == () and report.points == {"double": (1.0, 4)}
    assert item_analysis.troubles_of(verdict) == {"not known: graded by an earlier version"}
    assert Report.of(as_json(report)) == report


def _places(value, path=()):
    """The path of every part of a report."""
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _places(inner, (*path, key))


def _with(path, damage):
    whole = copy.deepcopy(as_json(REPORT))
    *above, last = path
    inner = whole
    for key in above:
        inner = inner[key]
    inner[last] = damage
    return whole


@pytest.mark.parametrize("path", [path for path in _places(as_json(REPORT)) if path], ids=str)
def test_what_is_no_report_is_refused_in_one_sentence(path):
    with pytest.raises(ReportError) as caught:
        Report.of(_with(path, object()))
    said = str(caught.value)
    assert said.endswith(".") and "\n" not in said


@pytest.mark.parametrize(
    ("path", "damage"),
    [
        (("seconds",), float("nan")),
        (("exercises", 0, "points"), 10**400),
        (("exercises", 0, "ended"), "unheard_of"),
        (("exercises", 0, "criteria", 0, "outcome"), "unheard_of"),
        (("exercises", 0, "criteria", 0, "outcome"), None),
        (("says",), "Late."),
    ],
    ids=str,
)
def test_values_of_the_right_type_can_be_wrong_too(path, damage):
    with pytest.raises(ReportError):
        Report.of(_with(path, damage))


@pytest.mark.parametrize("missing", list(EARLIER))
def test_a_part_that_every_version_wrote_has_to_be_there(missing):
    with pytest.raises(ReportError):
        Report.of({key: value for key, value in EARLIER.items() if key != missing})


def test_a_notebook_with_cells_of_others_is_refused():
    cell = {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": []}
    notebook = {"metadata": {"autograder": as_json(REPORT)}, "cells": [cell]}
    assert Autograded.of(notebook).report == REPORT
    for damage in ({"source": 3}, {"outputs": 3}, {"metadata": {"nbgrader": 3}}):
        with pytest.raises(ReportError):
            Autograded.of(notebook | {"cells": [cell | damage]})
