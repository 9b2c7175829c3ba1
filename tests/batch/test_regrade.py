"""A corrected check, a new due date, another attempt: what changes, what is shown, what stays."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from autograder.batch import plan
from autograder.batch.dry_run import preview
from autograder.batch.request import Request
from autograder.commands import cli
from autograder.exercise.declare import Case
from autograder.submission import assess
from tests.support.batches import DUE, contents, notebooks
from tests.support.toy import EXERCISES, MISTAKEN, RIGHT, TOPIC, grade_toy, hand_in, notebook

CLASS = {"ada": RIGHT, "bob": RIGHT | MISTAKEN, "cat": RIGHT | MISTAKEN, "eve": {}}
LATE = "2026-11-01 12:00:00 UTC"


@pytest.fixture
def graded(each_course, one_box):
    """A class that was graded, and in which a person has graded since."""
    from nbgrader.api import Gradebook as Stock

    for student, sources in CLASS.items():
        hand_in(each_course, student, notebook(each_course, **sources))
    grade_toy(each_course)
    with Stock(each_course.db_url) as gradebook:
        for student in ("ada", "cat"):
            why = gradebook.find_grade("why", TOPIC, TOPIC, student)
            why.manual_score, why.needs_manual_grade = 1.5, False
            gradebook.find_comment("why", TOPIC, TOPIC, student).manual_comment = "Nearly."
        check = gradebook.find_grade("double-check", TOPIC, TOPIC, "cat")
        check.manual_score, check.needs_manual_grade = 2.0, False
        gradebook.db.commit()
    return each_course


@pytest.fixture
def corrected(graded, monkeypatch):
    """The check of `double` was changed, so that three times x passes too."""
    cases = lambda rng: [Case((np.zeros(5),), "five numbers"), *EXERCISES[0].cases(rng)[1:]]  # noqa: E731
    double = replace(EXERCISES[0], cases=cases)
    _declare(monkeypatch, (double, EXERCISES[1]))
    return graded


def _declare(monkeypatch, exercises):
    monkeypatch.setattr(plan, "declared", lambda course, topic: exercises)
    monkeypatch.setattr(plan, "grading_key", lambda *_: f"{hash(exercises)}")


@pytest.fixture
def counted(monkeypatch):
    found, stock = [], assess.Assessor.assess
    note = lambda self, handed: (found.append(handed.student), stock(self, handed))[1]  # noqa: E731
    monkeypatch.setattr(assess.Assessor, "assess", note)
    return found


def files(course):
    """Everything below the course's own folders, and when it was written."""
    found = (p for p in course.root.rglob("*") if p.is_file() and "gradebook" not in p.name)
    return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in found}


def test_a_dry_run_shows_what_the_run_then_does_and_writes_nothing(corrected):
    before, lying = contents(corrected), files(corrected)
    shown = preview(Request(corrected, TOPIC, progress=False))
    assert contents(corrected) == before and files(corrected) == lying
    would = {one.student: (one.old, one.new) for one in shown.students if one.differs}
    batch = grade_toy(corrected)
    after = {row.student: row.score for row in batch.rows}
    assert {student: new for student, (_, new) in would.items()} == {
        student: after[student] for student in would
    }
    left = contents(corrected)
    assert {student for student in left if left[student] != before[student]} == set(would)
    assert would == {"bob": (7, 10), "cat": (9.5, 9.5)}
    again = preview(Request(corrected, TOPIC, progress=False))
    assert not again.students and "4 would be left alone" in str(again)


def test_a_dry_run_reads_student_by_student(corrected, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("autograder.course.course.load", lambda: corrected)
    assert cli.main(["grade", TOPIC, "--dry-run", "--json", str(tmp_path / "dry.json")]) == 0
    said = capsys.readouterr().out
    lines = said.splitlines()
    assert lines[:2] == ["bob: 7 -> 10", "  double: 1 -> 4"], said
    assert "    - That is three times x: count again." in lines
    assert "cat: 9.5, as before" in lines
    assert "  double: 1 -> 4 (a person gave 2, which stays) (a person is asked to look)" in lines
    assert "2 students would change: 1 up, 0 down" in said
    assert "nothing was written" in said and "eve" not in said and "ada" not in said
    changes = json.loads((tmp_path / "dry.json").read_text())
    assert changes["dry_run"] and changes["tried"] == 4
    (bob,) = (one for one in changes["students"] if one["student"] == "bob")
    assert bob["changes"][0] | {"what": "double", "old": 1.0, "new": 4.0} == bob["changes"][0]


def test_a_corrected_check_keeps_what_a_person_gave(corrected):
    from nbgrader.api import Gradebook as Stock

    rows = {row.student: row for row in grade_toy(corrected).rows}
    assert rows["cat"].score == 2 + 5 + 1 + 1.5 and rows["cat"].waiting
    assert rows["ada"].score == 4 + 5 + 1 + 1.5 and not rows["ada"].waiting
    with Stock(corrected.db_url) as gradebook:
        check = gradebook.find_grade("double-check", TOPIC, TOPIC, "cat")
        assert (check.auto_score, check.manual_score, check.needs_manual_grade) == (4, 2, True)
        for student in ("ada", "cat"):
            why = gradebook.find_grade("why", TOPIC, TOPIC, student)
            assert (why.manual_score, why.needs_manual_grade) == (1.5, False)
            assert gradebook.find_comment("why", TOPIC, TOPIC, student).comment == "Nearly."


def test_rows_that_do_not_change_are_not_written(corrected):
    """Two students' scores and comments, of some forty rows that are read."""
    from autograder.gradebook.database import Database

    stock, written = Database.run, []

    def noted(self, statement, **values):
        if statement.split()[0] == "UPDATE":
            written.append(statement.split()[1])
        return stock(self, statement, **values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "run", noted)
        grade_toy(corrected)
    assert sorted(written) == ["comment", "comment", "grade", "grade"]


def test_an_extension_after_grading_needs_no_grading(each_course, one_box, counted):
    from nbgrader.api import Gradebook as Stock

    each_course.config.LateSubmissionPlugin.penalty_method = "zero"
    for student in ("ada", "bob"):
        hand_in(each_course, student, notebook(each_course, **RIGHT), stamp=LATE)
    with Stock(each_course.db_url) as gradebook:
        gradebook.update_or_create_assignment(TOPIC, duedate=DUE)
    run = lambda: {  # noqa: E731
        row.student: (row.state, row.penalty) for row in grade_toy(each_course).rows
    }
    assert run() == {"ada": ("graded", 10), "bob": ("graded", 10)}
    with Stock(each_course.db_url) as gradebook:
        gradebook.find_submission(TOPIC, "bob").extension = timedelta(days=2)
        gradebook.db.commit()
    shown = preview(Request(each_course, TOPIC, progress=False))
    assert str(shown).startswith("bob: 10, as before, late penalty 10 -> 0\n"), str(shown)
    assert "ada" not in str(shown)
    assert run() == {"ada": ("kept", 10), "bob": ("kept", 0)}
    with Stock(each_course.db_url) as gradebook:
        assert not gradebook.find_submission(TOPIC, "bob").late_submission_penalty
        assert gradebook.find_submission(TOPIC, "ada").late_submission_penalty == 10
        gradebook.update_or_create_assignment(TOPIC, duedate=DUE + timedelta(days=9))
    assert run() == {"ada": ("kept", 0), "bob": ("kept", 0)}
    assert sorted(counted) == ["ada", "bob"]


def test_another_attempt_takes_the_place_of_the_first(graded, counted):
    from nbgrader.api import Gradebook as Stock

    hand_in(graded, "cat", notebook(graded, **RIGHT), stamp=LATE)
    rows = {row.student: row for row in grade_toy(graded).rows}
    assert {student: row.state for student, row in rows.items()} == {
        "ada": "kept",
        "bob": "kept",
        "cat": "graded",
        "eve": "kept",
    }
    assert counted == ["cat"] and rows["cat"].waiting
    with Stock(graded.db_url) as gradebook:
        submission = gradebook.find_submission(TOPIC, "cat")
        assert submission.timestamp == datetime(2026, 11, 1, 12)
        why = gradebook.find_grade("why", TOPIC, TOPIC, "cat")
        assert (why.manual_score, why.needs_manual_grade) == (1.5, True)
        check = gradebook.find_grade("double-check", TOPIC, TOPIC, "cat")
        assert (check.auto_score, check.manual_score) == (4, 2)
        gradebook.find_submission(TOPIC, "ada").timestamp = datetime(2026, 10, 1)
        gradebook.db.commit()
    grade_toy(graded, students=["ada"], force=True)
    with Stock(graded.db_url) as gradebook:  # as in nbgrader: a time that is known is not forgotten
        assert gradebook.find_submission(TOPIC, "ada").timestamp == datetime(2026, 10, 1)


@pytest.mark.xdist_group("postgresql")
def test_what_was_graded_on_one_database_reads_the_same_on_the_other(
    course, course_on_postgres, one_box
):
    secret = "the same inputs"
    for each in (course, course_on_postgres):
        each.folder.mkdir(exist_ok=True)
        (each.folder / "secret").write_text(secret)
        for student, sources in CLASS.items():
            hand_in(each, student, notebook(each, **sources), stamp=LATE)
        grade_toy(each)
    assert contents(course) == contents(course_on_postgres)
    assert notebooks(course, CLASS) == notebooks(course_on_postgres, CLASS)
