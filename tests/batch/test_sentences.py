"""Sentences that help, exit codes, and what a page shows, for what students really hand in."""

import json

import numpy as np
import pytest

from autograder.batch.summary import Batch, Row, pointed_out
from autograder.exercise.compare import Close
from autograder.judging import score
from autograder.pages import feedback
from autograder.sandbox.job import Answer, Status
from autograder.sandbox.wire import Unsupported
from tests.support.toy import EXERCISES, RIGHT, TOPIC, code_cell, grade_toy, hand_in, notebook


@pytest.mark.parametrize(
    "answer, right, words",
    [
        (Unsupported("object array"), np.ones(2), "dtype=float"),
        (Unsupported("Fraction"), 0.5, "return `float(...)` of it"),
        ([Unsupported("Fraction")], np.ones(1), "a list of length 1 that holds a Fraction"),
        (np.ones(1), 0.5, "has shape (1,) where one number is asked for"),
        (np.ones(1), np.ones(2), "has shape (1,) where (2,) is asked for"),
        (0.5, np.ones((2, 3)), "is one number where the shape (2, 3) is asked for"),
        (np.array([0.5]), 2, "has shape (1,) where one number is asked for"),
    ],
)
def test_a_sentence_says_what_to_write(answer, right, words):
    assert words in Close()(answer, right, None)


def test_a_ban_is_reported_once_and_a_refusal_before_it_counts():
    double = EXERCISES[0]
    drawn = score.prepare(double, "secret", "ada", TOPIC)
    call = Answer(Status.FORBIDDEN, message="numpy.var")
    refused = Answer(Status.ERROR, error="ValueError")
    answers = tuple(refused if r.status is Status.ERROR else call for r in drawn.expected)
    verdict = score.judge(double, drawn.cases, answers, drawn.expected)
    assert [c.earned for c in verdict.criteria] == [0, 1]
    verdict = score.judge(double, drawn.cases, (call,) * len(answers), drawn.expected)
    said = [c.message for c in verdict.criteria]
    assert verdict.earned == 0 and said[1] == score.SAME_CALL
    assert said[0].startswith("your function calls `numpy.var`")


def test_ids_that_look_the_same_are_pointed_out():
    rows = pointed_out([Row("José"), Row("Jose\u0301"), Row("Jose")])
    assert ["look like this one" in " ".join(row.says) for row in rows] == [True, True, False]


def test_who_needs_someone():
    rows = {Row("a"): False, Row("a", unread=True): True, Row("a", state="absent"): False}
    rows |= {Row("b", state="absent", named=True): True, Row("b", state="refused"): True}
    for row, needs in rows.items():
        assert Batch(TOPIC, 1.0, (row,), 0.0).attention is needs


def test_pages_and_exit_codes_of_a_class(course, one_box):
    left = RIGHT["mean_square"].replace("return", "breakpoint()\n    return")
    hand_in(course, "left", notebook(course, **RIGHT | {"mean_square": left}))
    hand_in(course, "broken", b'{"cells": [')
    var = "def mean_square(x):\n    return np.var(x) + np.mean(x) ** 2"
    moved = notebook(course, **RIGHT | {"mean_square": "# see the last cell"})
    moved["cells"].append(code_cell(RIGHT["mean_square"] + "  # my own place"))
    hand_in(course, "moved", moved)
    hand_in(course, "banned", notebook(course, **RIGHT | {"mean_square": var}))
    batch = grade_toy(course, jobs=1)
    rows = {row.student: row for row in batch.rows}
    assert batch.attention and rows["broken"].unread and not rows["moved"].unread
    again = grade_toy(course, jobs=1, students=["broken"])
    assert again.rows[0].state == "kept" and again.attention
    nobody = grade_toy(course, jobs=1, students=["nobody"])
    assert nobody.attention
    assert rows["moved"].exercises["mean_square"] == (5, 5)
    assert rows["banned"].exercises["mean_square"] == (0, 5)
    pages = {p.parent.parent.name: p.read_text() for p in feedback.generate(course, TOPIC)}
    assert "my own place" in pages["moved"]
    assert "hand in an earlier copy" in pages["broken"]
    assert "that was left in it" in pages["left"]
    assert pages["banned"].count("which this exercise does not allow") >= 1
    report = course.path("autograded", "broken", TOPIC) / f"{TOPIC}.ipynb"
    assert json.loads(report.read_text())["metadata"]["autograder"]["ran"] is False
