"""The page: what it says, what it never says, and that it can do nothing."""

import json
import re

import pytest

from autograder.judging.score import answers_of, draw
from autograder.pages import feedback
from tests.support.inert import HOSTILE, Page
from tests.support.malformed import CLASS, hand_in_class
from tests.support.toy import EXERCISES, MISTAKEN, RIGHT, TOPIC, grade_toy, hand_in, notebook


def _page(course, student):
    (path,) = feedback.generate(course, TOPIC, [student])
    return path.read_text()


def _assert_inert(html):
    page = Page(html, allowed=("style", "meta", "details"))
    assert not page.active
    for _, attributes in page.tags:
        for name in ("src", "href"):
            assert attributes.get(name, "#").startswith("#")
    assert "default-src 'none'" in html
    assert not re.search(r"url\(|@import", html)


def test_the_page_names_the_mistake_and_what_to_do(course, one_box):
    hand_in(course, "ada", notebook(course, **RIGHT | MISTAKEN))
    grade_toy(course)
    text = Page(_page(course, "ada")).words
    for piece in (
        "That is three times x: count again.",
        "Start with double, where 3 of 4 points are still to be had.",
        "With five numbers, your answer is wrong in 5 of 5 places, the first at index 0: "
        "all values are off by one and the same factor.",
        "Where to read: “Twice as much”",
        "is the mean of squares",
        "x + x + x",
        "checked double",
        "Because a square is never negative.",
        "A person has still to grade this.",
    ):
        assert piece in text, piece
    assert "Squares and what" not in text  # that function is right


def test_pages_of_the_whole_class_can_do_nothing(course, one_box):
    hand_in_class(course)
    batch = grade_toy(course)
    paths = feedback.generate(course, TOPIC)
    assert len(paths) == len([row for row in batch.rows if row.counts]) >= len(CLASS)
    says = {row.student: row.says for row in batch.rows}
    for path in paths:
        html = path.read_text()
        _assert_inert(html)
        for sentence in says[path.parent.parent.name]:
            assert sentence.replace("`", "") in Page(html).words


def test_what_stands_between_backticks_is_code_and_nothing_else_is_markup():
    assert feedback.words("is there a `return`?") == "is there a <code>return</code>?"
    assert feedback.words("`<b>` & `a") == "<code>&lt;b&gt;</code> &amp; `a"
    assert feedback.words("`\n`") == "`\n`"


def test_hostile_text_is_shown_as_text(course, one_box):
    probes = "\n".join(HOSTILE)
    code = f"print({probes!r})\ndef double(x):\n    raise ValueError({probes!r})"
    hand_in(course, "mallory", notebook(course, double=code, why=probes))
    grade_toy(course)
    html = _page(course, "mallory")
    _assert_inert(html)
    assert "&lt;script&gt;alert(1)" in html


def _numbers(value):
    import numpy as np

    return [repr(float(v)) for v in np.ravel(value)]


def test_no_expected_value_no_hidden_input_no_hidden_test(course, one_box):
    """A student who prints and raises all they are given still learns no answer from the page."""
    wrong = "def {0}(x):\n    return [0.0] * 5"
    hand_in(
        course,
        "ada",
        notebook(course, double=wrong.format("double"), helper="def helper(): return 4"),
    )
    grade_toy(course)
    html = _page(course, "ada")
    stored = (course.path("autograded", "ada", TOPIC) / f"{TOPIC}.ipynb").read_text()
    report = json.dumps(json.loads(stored)["metadata"])
    for exercise in EXERCISES:
        cases = draw(exercise, course.secret, "ada", TOPIC)
        for case, answer in zip(cases, answers_of(exercise.function, cases)):
            if answer.value is not None:
                for number in [*_numbers(answer.value), *_numbers(case.args[0])]:
                    assert number[:8] not in html + report
    assert "helper() == 3" not in html
    assert "np.mean(np.square" not in html
    assert course.secret not in html + stored


def test_a_person_s_scores_and_comments_are_on_the_page(course, one_box):
    from nbgrader.api import Gradebook as Stock

    hand_in(course, "ada", notebook(course, **RIGHT | MISTAKEN))
    grade_toy(course)
    with Stock(course.db_url) as gradebook:
        for name, score in (("why", 1.5), ("double-check", 2.0)):
            grade = gradebook.find_grade(name, TOPIC, TOPIC, "ada")
            grade.manual_score, grade.needs_manual_grade = score, False
        gradebook.find_comment("why", TOPIC, TOPIC, "ada").manual_comment = "Nearly <b>there</b>."
        gradebook.db.commit()
    html = _page(course, "ada")
    text = Page(html).words
    assert "9.5 of 12 points" in text
    assert "Nearly <b>there</b>." in text
    assert "A person has set these points" in text
    assert "A person has still" not in text


def test_nbgrader_generate_feedback_writes_the_same_page(course, one_box):
    from nbgrader.apps.api import NbGraderAPI

    hand_in(course, "ada", notebook(course, **RIGHT | MISTAKEN), stamp="2026-11-01 12:00:00 UTC")
    grade_toy(course)
    ours = _page(course, "ada")
    path = course.path("feedback", "ada", TOPIC) / f"{TOPIC}.html"
    path.unlink()
    result = NbGraderAPI(config=course.config).generate_feedback(TOPIC, "ada", force=True)
    assert result["success"], result
    assert path.read_text() == ours


def test_a_notebook_that_was_graded_elsewhere_is_refused(course, one_box):
    from nbformat import from_dict

    from autograder.integration.exporter import FeedbackExporter

    with pytest.raises(ValueError, match="grade it again"):
        FeedbackExporter().from_notebook_node(from_dict(notebook(course)))
