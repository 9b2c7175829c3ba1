"""From nbgrader's source notebooks to the assignments that students get.

The solutions' text becomes the source notebook (`release.authoring`); what nbgrader makes
of that is nbgrader's own generate_assignment, run in this process.
"""

from __future__ import annotations

import copy
import logging
import tempfile
from collections.abc import Iterable
from pathlib import Path

import nbformat

from autograder.course.course import Course, current
from autograder.release.authoring import ReleaseError, source_notebook


def prepare_sources(
    wanted: Iterable[str] | None = None, course: Course | None = None
) -> list[Path]:
    """Write nbgrader's source notebooks of the topics (default: all) where they are stale.

    Returns the paths that were written; a second call returns none.
    """
    written, course = [], course or current()
    for topic in wanted or course.topics():
        text = nbformat.writes(source_notebook(topic, course)) + "\n"
        if _put(text, path := course.source(topic)):
            written.append(path)
    return written


def _generate(topic: str, config: object) -> None:
    """nbgrader's own generate_assignment, in this process; raises ReleaseError where it fails."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.converters.base import NbGraderException
    from nbgrader.coursedir import CourseDirectory

    log = logging.getLogger("autograder.release.assignments")
    log.setLevel(logging.ERROR)  # that it replaces an assignment is what was asked for
    coursedir = CourseDirectory(config=config, assignment_id=topic)
    converter = GenerateAssignment(coursedir=coursedir, config=config, force=True)
    for part in (coursedir, converter):
        part.log = log
    try:
        converter.start()
    except (NbGraderException, SystemExit) as error:
        raise ReleaseError(f"nbgrader could not release {topic}: {error}") from None


def released_text(topic: str, course: Course | None = None) -> str:
    """What the released notebook must be: nbgrader's pipeline run aside, without a gradebook."""
    from traitlets.config import Config

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source", topic, f"{topic}.ipynb")
        source.parent.mkdir(parents=True)
        source.write_text(nbformat.writes(source_notebook(topic, course)) + "\n")
        config = Config()
        config.CourseDirectory.root = folder
        config.GenerateAssignment.no_database = True
        config.SaveCells.enabled = False
        _generate(topic, config)
        return Path(folder, "release", topic, f"{topic}.ipynb").read_text()


def is_current(topic: str, course: Course | None = None) -> bool:
    """Is the committed assignment what the sources say?"""
    course = course or current()
    path = course.released(topic)
    return path.exists() and path.read_text() == released_text(topic, course)


def release(wanted: Iterable[str] | None = None, course: Course | None = None) -> list[Path]:
    """Write the assignments of the topics (default: all), and return their paths.

    The sources are brought up to date, then nbgrader's generate_assignment runs in this
    process under `nbgrader_config.py`, which also tells the gradebook the cells and points.
    """
    course = course or current()
    wanted = list(wanted or course.topics())
    for topic in wanted:
        course.exercises(topic)  # an unknown topic is refused before anything is written
    _see_database(course)
    prepare_sources(wanted, course)
    config = copy.deepcopy(course.config)
    config.CourseDirectory.root = str(course.root)
    with tempfile.TemporaryDirectory() as folder:
        config.CourseDirectory.release_directory = folder
        for topic in wanted:
            _generate(topic, config)
            _put(Path(folder, topic, f"{topic}.ipynb").read_text(), course.released(topic))
    return [course.released(topic) for topic in wanted]


def _see_database(here: Course) -> None:
    """A gradebook on a server must be in reach, and its rows belong to a course with a name."""
    if here.db_url.startswith("sqlite"):
        return
    from autograder.gradebook.database import Database

    if not here.setting("CourseDirectory", "course_id"):
        raise ReleaseError(
            "a gradebook on a database server needs the course's name: write "
            'c.CourseDirectory.course_id = "default_course", or any other, below the db_url in '
            "nbgrader_config.py"
        )
    Database(here.db_url).close()


def _put(text: str, path: Path) -> bool:
    """Write the file, in one step, if it holds another text; it is never half written."""
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)
    return True
