"""A toy course: two exercises, a written answer, an instructor's own test."""

import json
import logging
from pathlib import Path

import numpy as np

from autograder.batch.grade import grade
from autograder.batch.request import Request
from autograder.course.course import CONFIG, load
from autograder.exercise.declare import Case, Criterion, Exercise, Limits, Mistake

TOPIC = "toy"
SETTINGS = """\
from pathlib import Path
from autograder.integration.plugin import configure
configure(get_config(), root=Path(__file__).parent)
get_config().Autograder.topics = []
"""
AT = """\
get_config().CourseDirectory.db_url = {!r}
get_config().CourseDirectory.course_id = "default_course"
"""


def double(x):
    """Twice x."""
    if np.size(x) == 0:
        raise ValueError("x is empty")
    return 2 * np.asarray(x)


def mean_square(x):
    """The mean of the squares of x."""
    return float(np.mean(np.square(x)))


EXERCISES = (
    Exercise(
        double,
        lambda rng: [
            Case((rng.standard_normal(5),), "five numbers"),
            Case((np.array([]),), "no number at all", "bad"),
        ],
        (Criterion("doubles", 3), Criterion("refuses", 1, "bad")),
        (Mistake("2 * => 3 *", says="That is three times x: count again."),),
        read="Twice as much",
        limits=Limits(seconds=1.0, memory_mb=256),
    ),
    Exercise(
        mean_square,
        lambda rng: [Case((rng.standard_normal(7),), "seven numbers")],
        (Criterion("is the mean of squares", 5),),
        (Mistake("np.mean => np.sum", says="That is the sum of the squares."),),
        read="Squares and what they are good for",
        forbidden=("numpy.var", "scipy.stats.moment"),
        limits=Limits(seconds=1.0, memory_mb=256),
    ),
)
RIGHT = {
    "double": "def double(x):\n    x = np.asarray(x)\n    if x.size == 0:\n"
    "        raise ValueError('x is empty')\n    return x + x",
    "mean_square": "def mean_square(x):\n    return sum(v * v for v in x) / len(x)",
    "why": "Because a square is never negative.",
    "helper": "def helper():\n    return 3",
}
MISTAKEN = {"double": RIGHT["double"].replace("x + x", "x + x + x")}
STUBS = {
    "double": "def double(x):\n    ### BEGIN SOLUTION\n    pass\n    ### END SOLUTION",
    "mean_square": "def mean_square(x):\n    ### BEGIN SOLUTION\n    pass\n    ### END SOLUTION",
    "helper": "def helper():\n    ### BEGIN SOLUTION\n    return 3\n    ### END SOLUTION",
}


def _cell(kind, source, name=None, **roles):
    metadata = {}
    if name:
        base = dict(grade=False, solution=False, locked=False, task=False, schema_version=3)
        metadata = {"nbgrader": {**base, "grade_id": name, **roles}}
    code = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "metadata": metadata, "source": source, **code}


def _source():
    cells = [
        _cell("markdown", "# A toy"),
        _cell("code", "import numpy as np", "setup", locked=True),
    ]
    for name, points in (("double", 4), ("mean_square", 5)):
        check = f"power = {name}([1.0])\nassert power is not None, 'nothing came back'\n"
        check += f"assert {name}([1.0]) is not None\nprint('checked {name}')"
        cells += [
            _cell("code", STUBS[name], name, solution=True),
            _cell("code", check, f"{name}-check", grade=True, locked=True, points=points),
        ]
    hidden = "assert helper()\n### BEGIN HIDDEN TESTS\nassert helper() == 3\n### END HIDDEN TESTS"
    cells += [
        _cell("code", STUBS["helper"], "helper", solution=True),
        _cell("code", hidden, "own-test", grade=True, locked=True, points=1),
        _cell("markdown", "Why?", "why", grade=True, solution=True, points=2),
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 4}


def release(root, config=SETTINGS):
    """Make a course of the folder and have nbgrader release the toy assignment."""
    from nbgrader.converters import GenerateAssignment

    (root / CONFIG).write_text(config)
    course = load(root)
    source = course.path("source", ".", TOPIC) / f"{TOPIC}.ipynb"
    source.parent.mkdir(parents=True)
    source.write_text(json.dumps(_source()))
    course.coursedir.assignment_id = TOPIC
    converter = GenerateAssignment(coursedir=course.coursedir, config=course.config)
    converter.log = logging.getLogger("toy")
    converter.start()
    return root


def notebook(course, **sources):
    """The released notebook with the sources of named cells replaced (None takes a cell out)."""
    path = course.path("release", ".", TOPIC) / f"{TOPIC}.ipynb"
    content = json.loads(path.read_text())
    kept = []
    for cell in content["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        cell["source"] = sources.get(name, "".join(cell["source"]))
        if cell["source"] is not None:
            kept.append(cell)
    content["cells"] = kept
    return content


def hand_in(course, student, content=None, name=f"{TOPIC}.ipynb", stamp=None) -> Path:
    """Put a submission where nbgrader collects them; the path of its notebook."""
    folder = course.path("submitted", student, TOPIC)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    if content is not None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        path.write_bytes(data)
    if stamp:
        (folder / "timestamp.txt").write_text(stamp)
    return path


def code_cell(source, **nbgrader):
    """A cell that a student added, with whatever metadata they claim."""
    return _cell("code", source) | {"metadata": {"nbgrader": nbgrader} if nbgrader else {}}


def grade_toy(course, **options):
    """Grade the toy assignment, with these options of a request; the batch."""
    return grade(Request(course, TOPIC, **{"progress": False, **options}))
