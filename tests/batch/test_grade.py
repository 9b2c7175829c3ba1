"""The batch, and that nbgrader's door leads to the same place."""

import json
import os
import threading

import pytest

from autograder.batch import pool
from autograder.batch.grade import grade
from autograder.batch.request import Request
from autograder.course.course import CourseError
from autograder.gradebook.gradebook import Gradebook
from autograder.integration import plugin
from tests.support.batches import scores
from tests.support.malformed import CLASS, hand_in_class
from tests.support.toy import MISTAKEN, RIGHT, TOPIC, grade_toy, hand_in, notebook


@pytest.fixture
def graded_class(course, one_box):
    hand_in_class(course)
    return course, grade_toy(course)


def test_every_kind_of_submission_gets_what_can_be_graded(graded_class):
    _, batch = graded_class
    rows = {row.student: row for row in batch.rows}
    for make, (score, words) in CLASS.items():
        row = rows[make.__name__]
        assert row.state == "graded", row
        assert row.score == score, row
        assert any(words in says for says in row.says) or not words, row
        for says in row.says:
            assert says.isprintable() and says.endswith("."), says
    for quiet in ("perfect", "picture_in_text", "line_endings_of_windows", "zone_of_an_hour"):
        assert not rows[quiet].says, rows[quiet].says
    json.dumps(batch.as_json())
    assert "perfect" in str(batch)


def test_nbgrader_autograde_gives_the_same_scores(graded_class, one_box):
    from nbgrader.apps.api import NbGraderAPI

    course, _ = graded_class
    ours = scores(course)
    assert ours
    plugin.install()
    api = NbGraderAPI(config=course.config)
    for student in [make.__name__ for make in CLASS]:
        result = api.autograde(TOPIC, student, force=True, create=True)
        assert result["success"], result
    assert scores(course) == ours


def test_nbgrader_refuses_to_run_students_without_the_replacement(course, monkeypatch):
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.converters import Autograde

    plugin.install()
    monkeypatch.setattr(Autograde, "start", Autograde.start.stock)
    hand_in(course, "ada", notebook(course, setup="open('/tmp/escaped', 'w')", **RIGHT))
    result = NbGraderAPI(config=course.config).autograde(TOPIC, "ada")
    assert not result["success"]
    assert "without it" in result["log"]
    assert not course.path("autograded", "ada", TOPIC).exists()


def test_what_was_graded_is_kept_until_it_changes(course, one_box):
    hand_in(course, "ada", notebook(course, **RIGHT))
    hand_in(course, "grace", notebook(course))
    states = lambda **k: [r.state for r in grade_toy(course, **k).rows]  # noqa: E731
    assert states() == ["graded", "graded"]
    assert states() == ["kept", "kept"]
    hand_in(course, "grace", notebook(course, **RIGHT))
    assert states() == ["kept", "graded"]
    assert states(force=True) == ["graded", "graded"]
    assert states(students=["gr*"], force=True) == ["graded"]
    path = course.path("autograded", "ada", TOPIC) / f"{TOPIC}.ipynb"
    path.unlink()
    assert states() == ["graded", "kept"]


def test_a_person_s_score_and_comment_are_kept(course, one_box):
    from nbgrader.api import Gradebook as Stock

    hand_in(course, "ada", notebook(course, **RIGHT))
    assert grade_toy(course).rows[0].waiting
    with Stock(course.db_url) as gradebook:
        grade = gradebook.find_grade("why", TOPIC, TOPIC, "ada")
        assert grade.auto_score is None and grade.needs_manual_grade
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        check = gradebook.find_grade("double-check", TOPIC, TOPIC, "ada")
        check.manual_score, check.extra_credit = 1.0, 0.25
        gradebook.find_comment("why", TOPIC, TOPIC, "ada").manual_comment = "Nearly."
        gradebook.db.commit()
    row = grade_toy(course, force=True).rows[0]
    assert row.score == 1.25 + 5 + 1 + 1.5
    with Stock(course.db_url) as gradebook:
        grade = gradebook.find_grade("why", TOPIC, TOPIC, "ada")
        assert grade.manual_score == 1.5
        assert grade.needs_manual_grade  # as in nbgrader: a regrade asks for another look
        assert gradebook.find_comment("why", TOPIC, TOPIC, "ada").comment == "Nearly."


def test_comments_say_what_was_found(course, one_box):
    from nbgrader.api import Gradebook as Stock

    hand_in(course, "ada", notebook(course, **MISTAKEN))
    grade_toy(course)
    with Stock(course.db_url) as gradebook:
        comment = gradebook.find_comment("double", TOPIC, TOPIC, "ada").auto_comment
        assert comment.startswith("1 of 4 points.\nThat is three times x: count again.")
        assert gradebook.find_comment("why", TOPIC, TOPIC, "ada").auto_comment == "No response."
        assert gradebook.find_grade("why", TOPIC, TOPIC, "ada").auto_score == 0


def test_late_penalties_are_nbgrader_s_own(course, one_box):
    from datetime import datetime, timedelta

    from nbgrader.api import Gradebook as Stock

    course.config.LateSubmissionPlugin.penalty_method = "zero"
    for who in ("ada", "grace"):
        hand_in(course, who, notebook(course, **RIGHT), stamp="2026-11-01 12:00:00 UTC")
    hand_in(course, "edsger", notebook(course, **RIGHT), stamp="2026-10-30 12:00:00 UTC")
    grade_toy(course)
    with Stock(course.db_url) as gradebook:
        gradebook.update_or_create_assignment(TOPIC, duedate=datetime(2026, 10, 31))
        gradebook.find_submission(TOPIC, "grace").extension = timedelta(days=2)
        gradebook.db.commit()
    batch = grade_toy(course, force=True)
    assert {row.student: row.penalty for row in batch.rows} == {"ada": 10, "grace": 0, "edsger": 0}


def test_folders_that_cannot_be_a_student_s_are_named_and_left_alone(course, one_box):
    root = course.path("submitted", "x", TOPIC).parent.parent
    hand_in(course, "ada", notebook(course, **RIGHT))
    bad = ["<script>", "a\nb", "-rf", "a'b", "{student_id}", "*"]
    for name in bad:
        (root / name / TOPIC).mkdir(parents=True)
    (root / "outside").symlink_to("/etc")
    os.mkdir(os.fsencode(root) + b"/\xff\xfe")
    batch = grade_toy(course)
    assert [r.student for r in batch.rows if r.state == "graded"] == ["ada"]
    refused = [r for r in batch.rows if r.state == "refused"]
    assert len(refused) == len(bad) + 2
    assert batch.attention
    for row in refused:
        assert row.student.isprintable()
    str(batch)
    with Gradebook(course.db_url) as gradebook:
        assert gradebook.students() == {"ada"}


def test_a_name_that_leads_elsewhere_is_nobody(course, one_box):
    hand_in(course, "ada", notebook(course, **RIGHT))
    batch = grade_toy(course, students=["../ada", "ada/../ada"])
    assert [row.state for row in batch.rows] == ["absent", "absent"]


def test_students_without_the_topic_are_absent(course, one_box):
    course.path("submitted", "ada", "another").mkdir(parents=True)
    (row,) = grade_toy(course).rows
    assert (row.state, row.says) == ("absent", ("Nothing was handed in.",))


def test_unknown_students_are_refused_without_create(course, one_box):
    hand_in(course, "ada", notebook(course, **RIGHT))
    (row,) = grade_toy(course, create=False).rows
    assert row.state == "refused"


def test_an_assignment_that_was_never_released_is_one_sentence(course):
    with pytest.raises(CourseError, match="run `autograder release nonesuch`"):
        grade(Request(course, "nonesuch"))
    course.config.CourseDirectory.db_url = f"sqlite:///{course.root}/nowhere.db"
    with pytest.raises(CourseError, match="no gradebook"):
        grade_toy(course)


def test_a_judge_that_fails_asks_a_person(course, one_box, monkeypatch):

    def fails(*args):
        raise ZeroDivisionError

    hand_in(course, "ada", notebook(course, **RIGHT))
    monkeypatch.setattr("autograder.judging.score.judge", fails)
    (row,) = grade_toy(course).rows
    assert row.waiting
    assert scores(course)["ada", "double-check"] == (None, None, True)


def test_a_progress_bar_does_not_keep_the_workers_from_being_forked(course, monkeypatch):
    for student in ("ada", "bob"):
        hand_in(course, student, notebook(course, **RIGHT))
    threads = []

    def spread(*_, **__):
        threads.append({thread.name for thread in threading.enumerate()})
        return iter(())

    before = {thread.name for thread in threading.enumerate()}
    monkeypatch.setattr(pool, "spread", spread)
    grade_toy(course, progress=True)
    assert threads == [before]
