"""A demo class: a dozen submissions of every kind, handed in, graded, with feedback.

`submission` and the recipes below are what the tests and the bench build their classes from.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from autograder.course.catalogue import exercises, topics
from autograder.course.course import current
from autograder.exercise.declare import DeclarationError, Exercise
from autograder.release.assignments import release
from autograder.release.authoring import Reference

FOLDER = "_demo"
Sources = dict[str, str]


@cache
def _released(path: Path) -> str:
    if not path.exists():
        raise DeclarationError(f"{path} is missing: run `autograder release` first")
    return path.read_text()


def submission(topic: str, replacements: Sources) -> dict[str, Any]:
    """The released notebook of a topic with the sources of some cells replaced.

    Parameters
    ----------
    replacements : source by the name of the cell: an exercise, or `setup`, `NAME-check`.

    Raises `DeclarationError` for a name that no cell of the notebook has.
    """
    notebook = json.loads(_released(current().released(topic)))
    cells = {
        cell["metadata"].get("nbgrader", {}).get("grade_id"): cell for cell in notebook["cells"]
    }
    for name, source in replacements.items():
        if name not in cells:
            raise DeclarationError(f"the assignment {topic} has no cell named {name}")
        cells[name]["source"] = source
    return notebook


# --- what students write ------------------------------------------------------------------


def right(topic: str) -> Sources:
    """Every function written as the reference has it."""
    reference = Reference.of(topic)
    return {exercise.name: reference.source(exercise.name) for exercise in exercises(topic)}


def _wrong(topic: str, exercise: Exercise, number: int) -> str:
    """The function with one of its known mistakes: the number-th, counted around."""
    edits = [mistake.edits for mistake in exercise.mistakes if mistake.edits]
    source = right(topic)[exercise.name]
    for old, new in edits[number % len(edits)] if edits else ():
        source = source.replace(old, new)
    return source


def mistaken(topic: str, number: int) -> Sources:
    """Every other function right, the ones between with a known mistake."""
    sources = right(topic)
    for exercise in exercises(topic)[number % 2 :: 2]:
        sources[exercise.name] = _wrong(topic, exercise, number)
    return sources


def half(topic: str) -> Sources:
    """The first half of the functions right, the others not written."""
    sources = right(topic)
    return {name: sources[name] for name in list(sources)[: (len(sources) + 1) // 2]}


def _instead(topic: str, position: int, body: str) -> Sources:
    """Everything right, but one function has this body."""
    sources = right(topic)
    name = list(sources)[position % len(sources)]
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    sources[name] = f"def {name}(*args, **kwargs):\n{lines}"
    return sources


def _unfinished_line(topic: str) -> Sources:
    sources = right(topic)
    name = list(sources)[1]
    sources[name] = f"def {name}(x:\n    return x"
    return sources


def _forger(topic: str) -> Sources:
    """Writes no function, and makes every check look passed."""
    tricks = (
        "import numpy as np, builtins, unittest.mock\n"
        "np.testing.assert_allclose = np.allclose = np.isclose = lambda *a, **k: True\n"
        "get_ipython().input_transformers_cleanup.append(lambda lines: ['1.0\\n'])\n"
        "print('score: 100%')\n"
    )
    names = list(right(topic))
    anything = "unittest.mock.MagicMock()"
    return {name: f"{tricks}def {name}(*a, **k):\n    return {anything}" for name in names[:1]} | {
        name: f"def {name}(*a, **k):\n    return {anything}" for name in names[1:]
    }


def _always_equal(topic: str) -> Sources:
    """Returns objects that are equal to everything."""
    first, *others = right(topic)
    clone = (
        "class Right(float):\n"
        "    __eq__ = __le__ = __ge__ = __lt__ = lambda self, other: True\n"
        "    __array_ufunc__ = lambda self, *a, **k: True\n\n\n"
    )
    functions = {name: f"def {name}(*a, **k):\n    return Right()" for name in (first, *others)}
    return functions | {first: clone + functions[first]}


def _thief(topic: str) -> Sources:
    """Looks for the reference: by import, in the files, on the stack."""
    body = (
        "try:\n    from {package} import {topic} as answers\n"
        "    return answers.{name}(*args, **kwargs)\n"
        "except ImportError:\n    pass\n"
        "import pathlib, sys\n"
        "for path in pathlib.Path('/').glob('*/*/{folder}/{topic}.py'):\n"
        "    exec(path.read_text(), globals())\n"
        "frame = sys._getframe()\n"
        "while frame:\n"
        "    if 'expected' in frame.f_locals:\n        return frame.f_locals['expected']\n"
        "    frame = frame.f_back\n"
        "return None"
    )
    names = list(right(topic))
    package, sources = current().reference, {}
    known = {"topic": topic, "package": package, "folder": package.replace(".", "/")}
    for i, name in enumerate(names):
        sources |= {name: _instead(topic, i, body.format(name=name, **known))[name]}
    return sources


def _notebook(recipe: Callable[[str], Sources]) -> Callable[[str], bytes]:
    return lambda topic: json.dumps(submission(topic, recipe(topic)), indent=1).encode()


LOOP = "while True:\n    pass"
EXIT = "import os\nos._exit(0)"
SEGFAULT = "import ctypes\nctypes.string_at(0)"

CLASS: dict[str, tuple[str, Callable[[str], bytes]]] = {
    "ada": ("everything right", _notebook(right)),
    "alan": ("one endless loop, the rest right", _notebook(lambda t: _instead(t, 0, LOOP))),
    "barbara": ("known mistakes", _notebook(lambda t: mistaken(t, 0))),
    "charles": ("untouched", _notebook(lambda t: {})),
    "claude": ("the first half", _notebook(half)),
    "donald": ("ends Python with os._exit(0)", _notebook(lambda t: _instead(t, 1, EXIT))),
    "edsger": ("other known mistakes", _notebook(lambda t: mistaken(t, 1))),
    "grace": ("a syntax error in one cell", _notebook(_unfinished_line)),
    "hedy": ("crashes with a segmentation fault", _notebook(lambda t: _instead(t, 2, SEGFAULT))),
    "john": ("still other known mistakes", _notebook(lambda t: mistaken(t, 2))),
    "kevin": ("cheats: makes every check look passed", _notebook(_forger)),
    "loki": ("cheats: objects equal to everything", _notebook(_always_equal)),
    "mallory": ("cheats: looks for the reference", _notebook(_thief)),
    "niklaus": ("half a file: the upload broke off", lambda t: _notebook(right)(t)[:3000]),
}


# --- the demo -----------------------------------------------------------------------------


def hand_in(folder: Path, topic: str, class_: dict[str, tuple[str, Callable]] = CLASS) -> None:
    """Write each student's file where nbgrader looks for submissions."""
    for student, (_, write) in class_.items():
        path = folder / "submitted" / student / topic / f"{topic}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(write(topic))


def run(wanted: Iterable[str] = ()) -> None:
    """Release, hand in, grade and give feedback, in `_demo/`; says what to look at."""
    from autograder.batch import grade
    from autograder.batch.request import Request
    from autograder.course import course
    from autograder.pages import feedback, report

    wanted = list(wanted) or topics()
    for topic in wanted:
        exercises(topic)
    os.environ["COURSE_DIR"] = FOLDER
    folder = current().root / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    print(f"[1/4] releasing {', '.join(wanted)}")
    release(wanted)
    print(f"[2/4] a class of {len(CLASS)} hands in to {FOLDER}/submitted/")
    for student, (says, _) in CLASS.items():
        print(f"      {student:10s}{says}")
    for topic in wanted:
        hand_in(folder, topic)
    for topic in wanted:
        print(f"[3/4] grading {topic}")
        print(f"{grade.grade(Request(course.load(), topic))}\n")
    print("[4/4] writing the feedback pages, and a report on the class")
    pages = {topic: feedback.generate(course.load(), topic) for topic in wanted}
    reports = {topic: report.generate(course.load(), topic)[0] for topic in wanted}
    _say_what_to_open(pages, reports)


def _say_how_to_write(site: Path, topic: str) -> None:
    """Pages that run Python have to come from a server: browsers run none in a file."""
    pages = {f"the assignment {topic}": f"homework/{topic}", "your own voice": "book/your_voice"}
    for what, page in pages.items():
        print(f"  {what:28s}http://localhost:8000/{page}.html")
    print(f"  {'':28s}after: python3 -m http.server -d {site}")


def _say_what_to_open(pages: dict[str, list[Path]], reports: dict[str, Path]) -> None:
    site = current().root / "_build" / "html" / "index.html"
    wanted = [(topic, "barbara") for topic in pages]
    wanted += [(next(iter(pages)), student) for student in ("ada", "alan", "mallory")]
    print("\nOpen in a browser:")
    if site.exists():
        print(f"  {'the book':28s}{site}")
        _say_how_to_write(site.parent, next(iter(pages)))
    for topic, student in wanted:
        for page in pages[topic]:
            if student in page.parts:
                print(f"  {f'{student}, {topic}':28s}{page}")
    for topic, page in reports.items():
        print(f"  {f'the class, {topic}':28s}{page}")
    print(f"\nThe class, at /formgrader in:\n  COURSE_DIR={FOLDER} jupyter lab")
