"""A term through nbgrader's exchange, by nbgrader's own commands, with our configuration.

Released, fetched, handed in, collected, graded through both doors, and the feedback brought back
to the student it belongs to and to nobody else. One group: the tests share a course.
"""

import json

import pytest

from autograder.commands import demo
from autograder.course.catalogue import exercises
from tests.exchange.conftest import ANSWERS, COURSE, POINTS, TOPIC

pytestmark = pytest.mark.xdist_group("exchange")
FUNCTIONS = {exercise.name: exercise.points for exercise in exercises(TOPIC)}


def _pages(term, student):
    """The pages that a student has fetched, the latest hand-in last."""
    return sorted((term.home / student / TOPIC / "feedback").glob(f"*/{TOPIC}.html"))


def test_the_exchange_holds_the_assignment_and_no_answer(term):
    outbound = term.exchange / COURSE / "outbound" / TOPIC
    assert [path.name for path in outbound.iterdir()] == [f"{TOPIC}.ipynb"]
    text = (outbound / f"{TOPIC}.ipynb").read_text()
    assert "YOUR ANSWER HERE" in text and "In your own words" in text
    assert "The impulse is the one thing" not in text
    assert demo.right(TOPIC)["levinson_durbin"].splitlines()[-1] not in text


def test_the_last_hand_in_counts(term):
    inbound = [path.name for path in (term.exchange / COURSE / "inbound").iterdir()]
    assert sum(name.startswith("ben+") for name in inbound) == 2
    collected = term.path("submitted", "ben", f"{TOPIC}.ipynb").read_text()
    assert json.dumps(ANSWERS["ben"]) in collected


def test_both_doors_give_the_same_scores(term):
    by_nbgrader = term.cells()
    for name, points in FUNCTIONS.items():
        assert by_nbgrader["ada", f"{name}-check"][0] == points
    wrong = [n for n, p in FUNCTIONS.items() if by_nbgrader["ben", f"{n}-check"][0] < p]
    assert len(wrong) >= 2
    assert by_nbgrader["ada", "why"][:3] == (None, None, True)
    printed = term.autograder("grade", TOPIC, "--force")
    assert term.cells() == by_nbgrader
    assert "a person has something to grade" in printed
    possible = sum(FUNCTIONS.values()) + POINTS
    assert f"{possible:g}" in printed


def test_the_secret_of_a_hand_in_is_nothing_to_remark_on(term):
    for student in ANSWERS:
        notebook = json.loads(term.path("autograded", student, f"{TOPIC}.ipynb").read_text())
        assert notebook["metadata"]["autograder"]["says"] == []


def test_feedback_comes_back_to_whom_it_belongs(term):
    term.nbgrader(
        ("instructor", "generate_feedback", TOPIC, "--force"),
        ("instructor", "release_feedback", TOPIC),
        *((student, "fetch_feedback", TOPIC) for student in ANSWERS),
    )
    released = list((term.exchange / COURSE / "feedback").iterdir())
    assert len(released) == len(ANSWERS)
    for student in ANSWERS:
        page = _pages(term, student)[-1].read_text()
        assert page == term.path("feedback", student, f"{TOPIC}.html").read_text()
        assert f'<p class="quiet">{student}</p>' in page
    mine = {path.read_text() for path in (term.home / "ada").rglob("*.html")}
    assert not any("ben" in page for page in mine)


def test_our_own_feedback_can_be_released_too(term):
    kept = {s: term.path("feedback", s, f"{TOPIC}.html").read_text() for s in ANSWERS}
    for student in ANSWERS:
        for path in term.path("feedback", student).iterdir():
            path.unlink()
    term.autograder("feedback", TOPIC)
    for student, page in kept.items():
        assert term.path("feedback", student, f"{TOPIC}.html").read_text() == page
    for path in (term.exchange / COURSE / "feedback").iterdir():
        path.unlink()
    term.nbgrader(("instructor", "release_feedback", TOPIC), ("ada", "fetch_feedback", TOPIC))
    assert _pages(term, "ada")[-1].read_text() == kept["ada"]
