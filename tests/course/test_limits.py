"""Limits come from the course, the topic and the exercise, and a student reads which one it was."""

import html
import re

import pytest

from autograder.course import limits
from autograder.course.course import CONFIG, CourseError, load
from autograder.exercise.declare import Limits
from autograder.pages import feedback, item_analysis, results
from tests.support.toy import EXERCISES, RIGHT, SETTINGS, TOPIC, grade_toy, hand_in, notebook


def configured(course, text):
    """The course with another line in its configuration."""
    (course.root / CONFIG).write_text(f"{SETTINGS}c = get_config()\n{text}\n")
    return load(course.root)


def test_the_most_particular_limit_holds(course):
    course = configured(
        course,
        "c.Autograder.limits = {'*': {'seconds': 7, 'cpu_seconds': 3, 'cell_seconds': 2},"
        " 'toy': {'cpu_seconds': 4, 'processes': 5}, 'toy.double': {'seconds': 9}}",
    )
    double, mean_square = limits.applied(course, TOPIC, EXERCISES)
    # Its own record says one second and 256 MiB: the course's leave that alone, its own do not.
    assert double.limits == Limits(9, 256, 4, 5, 64)
    assert mean_square.limits == Limits(1.0, 256, 4, 5, 64)
    assert limits.of_notebook(course, TOPIC).cell_seconds == 2
    assert limits.of_notebook(course, "other").processes == 64


def test_without_settings_the_exercise_s_own_hold(course):
    assert [e.limits for e in limits.applied(course, TOPIC, EXERCISES)] == [
        e.limits for e in EXERCISES
    ]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("3", "must be a dictionary"),
        ("{'*': 3}", r"limits\['\*'\] must be a dictionary"),
        ("{'toy': {'secs': 3}}", r"limits\['toy'\]: there is no limit 'secs'; .*seconds"),
        ("{'toy': {'seconds': 0}}", "is 0: give a number above 0"),
        ("{'toy': {'seconds': 'ten'}}", "is 'ten': give a number above 0"),
        ("{'toy': {'seconds': float('nan')}}", "is nan: give a number above 0"),
        ("{'toy': {'memory_mb': 1.5}}", "is 1.5: give a whole number above 0"),
        ("{'toy': {'processes': True}}", "is True: give a whole number above 0"),
        ("{'toy.double': {'cell_seconds': 3}}", "there is no limit 'cell_seconds'"),
        ("{'toy.triple': {'seconds': 3}}", "toy has no exercise 'triple'"),
    ],
)
def test_a_limit_that_cannot_be_is_named_with_its_place(course, value, says):
    course = configured(course, f"c.Autograder.limits = {value}")
    with pytest.raises(CourseError, match=rf"nbgrader_config\.py: .*{says}"):
        limits.applied(course, TOPIC, EXERCISES)


def feedback_page(course, student):
    """What the student reads, as text."""
    (page,) = feedback.generate(course, TOPIC, students=[student])
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", page.read_text())).split())


@pytest.mark.parametrize(
    ("body", "setting", "says", "counted"),
    [
        (
            "while True: pass",
            "'seconds': 0.25",
            "took too long (the limit is 0.25 s",
            "took too long",
        ),
        (
            "while True: pass",
            "'cpu_seconds': 0.25, 'seconds': 30",  # a busy machine lends little of its time
            "processor time (the limit is 0.25 s",
            "used too much processor time",
        ),
        (
            "return bytearray(2**28)",
            "'memory_mb': 100",
            "more than 100 MiB of memory",
            "used too much memory",
        ),
        (
            "open('f', 'wb').write(bytes(2**22))",
            "'file_mb': 3",
            "the limit is 3 MiB for one file",
            "wrote too much to files",
        ),
        (
            "import os\n    while True: os.fork() or os._exit(0)",
            "'processes': 8",
            "too many processes or threads (the limit is 8)",
            "started too many processes or threads",
        ),
    ],
)
def test_student_and_instructor_read_which_limit_it_was(
    course, one_box, body, setting, says, counted
):
    course = configured(course, f"c.Autograder.limits = {{'toy.double': {{{setting}}}}}")
    cells = {**RIGHT, "double": f"def double(x):\n    {body}"}
    hand_in(course, "ada", notebook(course, **cells))
    (row,) = grade_toy(course).rows
    assert row.exercises == {"double": (0, 4), "mean_square": (5, 5)}
    assert says in feedback_page(course, "ada")
    (group,) = item_analysis.troubles(results.read(course, TOPIC))
    assert (group.exercise, group.what, group.students) == ("double", counted, ("ada",))


def test_other_limits_grade_again(course, one_box):
    hand_in(course, "ada", notebook(course, **RIGHT))
    assert [row.state for row in grade_toy(course).rows] == ["graded"]
    assert [row.state for row in grade_toy(course).rows] == ["kept"]
    course = configured(course, "c.Autograder.limits = {'*': {'seconds': 3}}")
    assert [row.state for row in grade_toy(course).rows] == ["graded"]
