"""Grade files for Canvas and Moodle: what is in them, and what no spreadsheet may make of them."""

import csv
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.commands import cli
from autograder.course.course import CourseError
from autograder.pages import lms
from autograder.pages.lms import Score
from autograder.pages.results import Person
from tests.support.toy import RIGHT, TOPIC, grade_toy, hand_in, notebook

ADA = Score(Person("ada", "Ada", "Lovelace", "ada@example.org", "17"), 9.5, False)
BOB = Score(Person("bob", "", "", "", ""), 10 / 3, True)
FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "＝1+1"]


def _read(text):
    return list(csv.reader(text.splitlines()))


def _canvas_reads(rows):
    """Who gets what, by the rules of Canvas' own importer."""
    header, *body = rows
    assert "Student" in header[0] and "ID" in header[1]
    assert (header[2], header[3], header[4]) == ("SIS User ID", "SIS Login ID", "Section")
    (column,) = header[5:]
    assert all(len(row) == len(header) for row in body)
    points = [row for row in body if "Points Possible" in row[0]]
    found = {row[3]: float(row[5]) for row in body if row not in points}
    return column, float(points[0][5]), found


# --- the two formats ----------------------------------------------------------------------


def test_canvas_gets_its_columns():
    rows = _read(lms.text(lms.canvas([ADA, BOB], "Toy (1234)", 12.0)))
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Toy (1234)"],
        ["    Points Possible", "", "", "", "", "12"],
        ["Lovelace, Ada", "17", "", "ada", "", "9.5"],
        ["bob", "", "", "bob", "", "3.33"],
    ]
    assert _canvas_reads(rows) == ("Toy (1234)", 12, {"ada": 9.5, "bob": 3.33})


def test_moodle_gets_columns_to_choose_from():
    rows = _read(lms.text(lms.moodle([ADA], "Toy", 12.0)))
    assert rows == [
        ["Username", "First name", "Last name", "Email address", "Toy"],
        ["ada", "Ada", "Lovelace", "ada@example.org", "9.5"],
    ]


def test_addresses_are_all_there_or_none_is():
    assert "Email address" not in lms.moodle([ADA, BOB], "Toy", 12.0)[0]
    assert "Email address" not in lms.moodle([ADA, ADA], "Toy", 12.0)[0]


@pytest.mark.parametrize("column", ["Current Score", "Toy Final Points", "Override Grade"])
def test_columns_that_canvas_computes_are_refused(column):
    with pytest.raises(CourseError, match="--column"):
        lms.canvas([ADA], column, 12.0)


@pytest.mark.parametrize("formula", FORMULAS)
def test_names_are_no_formulas_and_ids_are_not_changed(formula):
    assert not lms.FORMULA.match(lms.harmless(formula))
    assert not lms.usable(formula)


TEXTS = st.one_of(st.text(), st.sampled_from([*FORMULAS, '",\n"', "a;b", "Points Possible"]))


@given(TEXTS, TEXTS, TEXTS)
def test_no_name_breaks_the_files(first, last, email):
    odd = Score(Person("eve", first, last, email, last), 1.0, False)
    for make in lms.FORMATS.values():
        rows = _read(lms.text(make([odd, ADA], "Toy", 12.0)))
        assert len({len(row) for row in rows}) == 1
        assert not any(lms.FORMULA.match(cell) for row in rows for cell in row[:-1])
        assert [row[-1] for row in rows][-2:] == ["1", "9.5"]
    _, _, found = _canvas_reads(_read(lms.text(lms.canvas([odd, ADA], "Toy", 12.0))))
    assert found == {"eve": 1.0, "ada": 9.5}


@pytest.mark.parametrize(
    ("kind", "id_", "left"),
    [
        ("canvas", "1.234.5", True),
        ("canvas", "1,5", True),
        ("canvas", "12345", False),
        ("canvas", "a.b", False),
        ("canvas", "0", False),
        ("moodle", "0", True),
        ("moodle", "00", False),
        ("moodle", "1.5", False),
    ],
)
def test_ids_that_the_importer_would_misread_are_left_out(kind, id_, left):
    assert bool(lms.MISREAD[kind].fullmatch(id_)) is left


# --- a graded class -----------------------------------------------------------------------


@pytest.fixture
def graded(course, one_box, monkeypatch):
    """ada has all points of the checks, bob handed in late; the written answer waits for both."""
    from nbgrader.api import Gradebook as Stock

    for student in ("ada", "bob"):
        hand_in(course, student, notebook(course, **RIGHT))
    grade_toy(course)
    with Stock(course.db_url) as gradebook:
        gradebook.find_submission(TOPIC, "bob").notebooks[0].late_submission_penalty = 4.0
        gradebook.update_or_create_student("never", first_name="Never")
        gradebook.db.commit()
    monkeypatch.setattr("autograder.course.course.load", lambda: course)
    return course


def _final(course, student, score):
    from nbgrader.api import Gradebook as Stock

    with Stock(course.db_url) as gradebook:
        grade = gradebook.find_grade("why", TOPIC, TOPIC, student)
        grade.manual_score, grade.needs_manual_grade = score, False
        gradebook.db.commit()


def test_a_class_is_written_and_unfinished_scores_are_announced(graded, capsys):
    assert cli.main(["csv", TOPIC, "--for", "canvas"]) == cli.ATTENTION
    said = capsys.readouterr().out
    assert "2 grades" in said and "2 of the scores will change" in said
    _final(graded, "ada", 1.5)
    _final(graded, "bob", 2.0)
    assert cli.main(["csv", TOPIC, "--for", "canvas", "--column", "Toy (8)"]) == cli.OK
    path = graded.folder / "grades" / f"{TOPIC}-canvas.csv"
    column, points, found = _canvas_reads(_read(path.read_text()))
    assert (column, points, found) == ("Toy (8)", 12, {"ada": 11.5, "bob": 8.0})
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600


def test_who_cannot_be_in_the_file_is_named(graded, capsys, tmp_path):
    _final(graded, "ada", 0.0)
    for student in ("@eve", "0"):
        hand_in(graded, student, notebook(graded))
    grade_toy(graded)
    path = tmp_path / "sub" / "m.csv"
    arguments = ["csv", TOPIC, "--for", "moodle", "--output", str(path)]
    assert cli.main(arguments) == cli.ATTENTION
    assert "enter these by hand: '0', '@eve'" in capsys.readouterr().out
    assert [row[0] for row in _read(path.read_text())] == ["Username", "ada", "bob"]


@pytest.mark.parametrize("column", ["=1+1", "", "Points Possible", "Final Score"])
def test_a_column_that_cannot_be_is_a_user_error(graded, capsys, column):
    assert cli.main(["csv", TOPIC, "--for", "canvas", "--column", column]) == cli.USAGE
    assert "--column" in capsys.readouterr().err
    assert not (graded.folder / "grades").exists()
