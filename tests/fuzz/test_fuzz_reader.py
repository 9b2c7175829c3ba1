"""Broken notebooks: what students hand in, what was released, what was graded before."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from inputs import altered, damaged, is_a_sentence, json_values, tried

from autograder.course.catalogue import ROOT
from autograder.course.course import Course
from autograder.exercise.declare import DeclarationError
from autograder.gradebook.gradebook import GradedCell, Marks, Structure
from autograder.judging.outcome import Outcome
from autograder.judging.score import CriterionResult, Verdict
from autograder.pages.feedback import Page
from autograder.submission import assignment, autograded, collect, notebook
from autograder.submission.autograded import Autograded
from autograder.submission.report import Report, StoppedCell

RELEASED = json.loads((ROOT / "exercises" / "lpc" / "lpc.ipynb").read_text())
SMALL = {**RELEASED, "cells": RELEASED["cells"][:4]}
OLD = {
    "nbformat": 3,
    "nbformat_minor": 0,
    "metadata": {"name": ""},
    "worksheets": [
        {"cells": [{"cell_type": "code", "input": "x = 1", "language": "python", "outputs": []}]}
    ],
}
NOTEBOOKS = st.sampled_from([json.dumps(one).encode() for one in (SMALL, OLD)])
PLACES = ("line ", "byte ", "number", "`cells`", "`nbformat`", "empty", "nested", "digits", "`f")


def _assert_read(data):
    reading = notebook.read(data, "f.ipynb")
    for cell in reading.cells:
        cell.source.encode()
        assert isinstance(cell.name, str)
    assert all(map(is_a_sentence, reading.says)), reading.says
    if not reading.runs and not reading.cells:
        assert "f.ipynb" in reading.says[-1] or "not Python" in reading.says[-1]
        assert any(place in reading.says[-1] for place in PLACES), reading.says


@tried(300)
@given(damaged(NOTEBOOKS))
def test_damaged_bytes_of_a_notebook(data):
    _assert_read(data)


@tried(200)
@given(st.sampled_from([SMALL, OLD]).flatmap(altered))
def test_a_notebook_with_a_place_altered(value):
    _assert_read(json.dumps(value).encode("utf-8", "surrogatepass"))


@tried(60)
@given(st.sampled_from([1, 2, 3]), json_values, json_values)
def test_old_notebooks_of_any_form(version, worksheets, metadata):
    value = {"nbformat": version, "worksheets": worksheets, "metadata": metadata}
    _assert_read(json.dumps(value).encode())


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'{"nbformat": 4,\n "cells": [}', "`f.ipynb` is not a notebook: line 2, column 12 is not"),
        (b"abc\xff", "`f.ipynb` is not a notebook: byte 4 is not even text"),
        (b'{\n"a": 1\n<<<<<<< HEAD\n', "Line 3 has the mark of a merge conflict."),
        (b'{"nbformat": 4, "cells": [1, 2]}', "2 of the cells are damaged and were left out: numb"),
        (b'{"nbformat": 9e9, "cells": []}', "it has no format number `nbformat`"),
    ],
)
def test_the_sentence_names_file_and_place(data, says):
    assert says in " ".join(notebook.read(data, "f.ipynb").says)


# --- the folder that was handed in --------------------------------------------------------

names = st.sampled_from(
    [b"toy.ipynb", b"timestamp.txt", b"submission_secret.txt", b"a.ipynb"]
) | st.binary(min_size=1, max_size=6).filter(lambda name: not set(name) & set(b"/\0"))
contents = st.binary(max_size=40) | st.sampled_from(
    [b"2026-11-21 10:00:00 UTC", b"9999-12-31 23:59:59 +99", b"12:00", b"1 2 3", b"a" * 128]
)


@tried(120)
@given(st.dictionaries(names, contents, max_size=4))
def test_any_files_in_a_folder(tmp_path_factory, files):
    root = tmp_path_factory.mktemp("c")
    folder = root / "submitted" / "ada" / "toy"
    folder.mkdir(parents=True)
    for name, data in files.items():
        if name not in (b".", b".."):
            with open(os.path.join(os.fsencode(folder), name), "wb") as file:
                file.write(data)
    course = Course(root, {})
    handed = collect.collect(course, "ada", "toy")
    assert handed.exists
    assert all(map(is_a_sentence, handed.says)), handed.says
    assert handed.name.isprintable()
    secret = collect.secret(course, "ada", "toy")
    assert secret == "" or secret.isalnum()


# --- notebooks of our own -----------------------------------------------------------------


@tried(60)
@given(damaged(NOTEBOOKS))
def test_a_damaged_release_is_named(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("r") / "lpc.ipynb"
    path.write_bytes(data)
    try:
        by_name, texts = assignment.texts(path)
    except DeclarationError as error:
        assert str(path) in str(error) and is_a_sentence(str(error))
    else:
        assert set(by_name.values()) <= texts


def _graded():
    """What the grader leaves behind for one student, by its own code."""
    criterion = CriterionResult("is right", 2.0, 1.0, "with silence, wrong", Outcome.WRONG)
    report = Report(
        key="0",
        student="ada",
        topic="toy",
        says=("Late.",),
        unsafe=False,
        ran=True,
        hidden=(),
        seconds=0.1,
        grades={"f-check": 1.0, "why": None},
        comments={"f": "1 of 2 points.", "why": None},
        exercises=(Verdict("f", 2.0, 1.0, (criterion,), "Count again.", ("A note.",)),),
        stops=(StoppedCell(3, "import x", 1, "ImportError", ("f",)),),
    )
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "hello"},
        {"output_type": "error", "ename": "E", "evalue": "", "traceback": ["a", "b"]},
    ]
    cells = [
        {
            "cell_type": "code",
            "metadata": {"nbgrader": {"grade_id": name, "solution": True}},
            "source": "def f(): pass",
            "outputs": outputs,
        }
        for name in ("f", "f-check", "why")
    ]
    notebook = {"cells": cells, "metadata": {"autograder": report.as_data()}, "nbformat": 4}
    return json.loads(json.dumps(notebook | {"nbformat_minor": 4}))


GRADED = _graded()
PAGE = Page(
    Structure(
        "1",
        "2",
        "toy",
        None,
        tuple(GradedCell(name, name, "GradeCell", 2.0) for name in ("f-check", "why")),
        {},
    )
)
MARKS = Marks(auto={"f-check": 1.0, "why": None}, waiting={"why"})


def test_what_was_graded_is_whole():
    assert "Count again." in PAGE.render(Autograded.of(GRADED), MARKS)


@tried(300)
@given(altered(GRADED))
def test_what_was_graded_before_is_whole_or_not_used(tmp_path_factory, value):
    path = tmp_path_factory.mktemp("g") / "toy.ipynb"
    path.write_bytes(json.dumps(value).encode("utf-8", "surrogatepass"))
    loaded = autograded.load(path)
    if loaded is not None:
        assert PAGE.render(loaded, MARKS).rstrip().endswith("</html>")
