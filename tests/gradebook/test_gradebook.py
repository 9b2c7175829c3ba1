"""The gradebook that we write is the one that nbgrader reads."""

from datetime import datetime

import pytest

from autograder.course.course import CourseError
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import Grading
from tests.support.toy import TOPIC

GRADES = {"double-check": 3.0, "mean_square-check": 5.0, "own-test": 1.0, "why": None}
WHEN = datetime(2026, 11, 1, 12, 0, 0, 5)


@pytest.fixture
def gradebook(each_course):
    with Gradebook(each_course.db_url) as gradebook:
        yield gradebook


def _stock(course):
    """Every row that matters, as nbgrader sees it."""
    from nbgrader.api import Gradebook as Stock

    with Stock(course.db_url) as gradebook:
        found = gradebook.find_submission(TOPIC, "ada")
        (book,) = found.notebooks
        return {
            "time": found.timestamp,
            "grades": {g.name: (g.auto_score, g.needs_manual_grade) for g in book.grades},
            "comments": {c.name: c.auto_comment for c in book.comments},
            "score": (found.score, found.max_score, book.needs_manual_grade, book.flagged),
        }


def test_nbgrader_reads_what_we_write(each_course, gradebook):
    structure = gradebook.structure(TOPIC)
    assert (structure.notebook, structure.max_score) == (TOPIC, 12)
    marks = gradebook.write(structure, "ada", Grading(WHEN, GRADES, {"double": "words"}))
    assert marks.total == 9 and marks.timestamp == WHEN and marks.waiting == {"why"}
    seen = _stock(each_course)
    assert seen["time"] == WHEN
    assert seen["score"] == (9.0, 12.0, True, False)
    assert seen["grades"] == {name: (score, score is None) for name, score in GRADES.items()}
    assert seen["comments"]["double"] == "words"
    assert set(seen["comments"]) == {"double", "mean_square", "helper", "why"}


def test_a_submission_that_nbgrader_made_has_the_same_rows(each_course, gradebook):
    from nbgrader.api import Gradebook as Stock

    gradebook.write(gradebook.structure(TOPIC), "ada", Grading(WHEN, GRADES, {}))
    with Stock(each_course.db_url) as stock:
        stock.add_student("grace")
        stock.add_submission(TOPIC, "grace", timestamp=WHEN.isoformat())
        columns = lambda rows: sorted(r.name for r in rows)  # noqa: E731
        books = [stock.find_submission(TOPIC, who).notebooks[0] for who in ("ada", "grace")]
        assert columns(books[0].grades) == columns(books[1].grades)
        assert columns(books[0].comments) == columns(books[1].comments)


def test_writing_again_changes_and_adds_nothing(each_course, gradebook):
    structure = gradebook.structure(TOPIC)
    gradebook.write(structure, "ada", Grading(WHEN, GRADES, {"double": "old"}))
    first = _stock(each_course)
    gradebook.write(structure, "ada", Grading(WHEN, GRADES, {"double": "old"}))
    assert _stock(each_course) == first
    gradebook.write(structure, "ada", Grading(None, GRADES | {"double-check": 0.0}, {}))
    assert _stock(each_course)["grades"]["double-check"] == (0.0, False)
    assert _stock(each_course)["comments"]["double"] is None


def test_a_failure_in_the_middle_leaves_nothing(each_course, gradebook):
    structure = gradebook.structure(TOPIC)

    def fails(*args):
        raise RuntimeError

    gradebook._comment = fails
    with pytest.raises(RuntimeError):
        gradebook.write(structure, "ada", Grading(WHEN, GRADES, {}))
    assert gradebook.students() == set()
    assert gradebook.marks(structure) == {}


def test_no_gradebook_is_one_sentence(tmp_path):
    with pytest.raises(CourseError, match="autograder release"):
        Gradebook(f"sqlite:///{tmp_path}/none.db")
    (tmp_path / "empty.db").touch()
    with (
        Gradebook(f"sqlite:///{tmp_path}/empty.db") as gradebook,
        pytest.raises(CourseError, match="cannot be read"),
    ):
        gradebook.structure(TOPIC)
