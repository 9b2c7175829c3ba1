"""nbgrader's side: its folders, `nbgrader autograde` in the sandbox, and our feedback page.

`nbgrader_config.py` calls `configure(c)`. nbgrader's own autograding reads scores from what a
notebook prints, in a process with the grader's rights; so `Autograde.start` is replaced by our
batch. Should the replacement be missing, `refuse` stands where the notebook would be executed.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from typing import Any

from autograder.course.course import ROOT, Course, load
from autograder.exercise.declare import DeclarationError

REFUSE = "autograder.integration.plugin.refuse"
NEED_SOURCES = {"generate_assignment", "assign", "generate_solution"}
STEPS = ("source", "submitted", "autograded", "feedback", "solution", "source_with_tests")


def configure(c: Any, root: Path | str = ROOT) -> None:
    """Set nbgrader's configuration `c` for the course at `root`."""
    root = Path(root).resolve()
    folder = os.environ.get("COURSE_DIR", "_course")
    scripts = str(Path(sys.executable).parent)  # nbgrader calls `alembic`, which may lie there only
    if scripts not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join(filter(None, [os.environ.get("PATH"), scripts]))
    c.CourseDirectory.root = str(root)
    for step in STEPS:
        setattr(c.CourseDirectory, f"{step}_directory", os.path.join(folder, step))
    c.CourseDirectory.release_directory = "exercises"
    c.CourseDirectory.db_url = f"sqlite:///{root / folder / 'gradebook.db'}"
    if server := os.environ.get("COURSE_DB"):
        c.CourseDirectory.db_url = server
        c.CourseDirectory.course_id = "default_course"  # a server holds every row to its course
    c.Autograder.folder = folder
    c.Autograde.autograde_preprocessors = [REFUSE]
    c.GenerateFeedback.exporter_class = "autograder.integration.exporter.FeedbackExporter"
    c.GenerateFeedback.preprocessors = []
    c.ZipCollectApp.collector_plugin = "autograder.integration.lms_files.Collector"
    if "nbgrader" in sys.modules:
        install()
        _prepare_sources(sys.argv, root)


def _prepare_sources(arguments: list[str], root: Path) -> None:
    """Write the source notebooks from `solutions/` for a command that reads them.

    Formgrader, which Jupyter serves, only wants to see that they are there. An error must not
    leave here as one: it would keep this configuration from being used, sandbox and all.
    """
    command = next((word for word in arguments[1:] if not word.startswith("-")), "")
    stop = command in NEED_SOURCES
    if _reading or not (stop or Path(arguments[0]).name.startswith("jupyter")):
        return
    try:
        course = _whole(root)
        if not course.solutions.is_dir():
            return  # its source notebooks are written by hand
        wanted = topics = course.topics()
        if stop:
            wanted = [word for word in arguments[1:] if word in topics] or topics
        elif not stop:
            wanted = [topic for topic in topics if not course.source(topic).exists()]
    except DeclarationError as error:
        if stop:
            sys.exit(f"autograder: {error}")
        _tell(f"autograder: {error}")
        return
    for topic in wanted:
        from autograder.release.assignments import prepare_sources

        try:
            prepare_sources([topic], course)
        except (DeclarationError, OSError) as error:
            if stop:
                sys.exit(f"autograder: {error}")
            _tell(f"autograder: {topic} has no source notebook: {error}")


_reading: list[Path] = []  # the configuration that is being read for the second time


def _whole(root: Path) -> Course:
    """The course with all that its configuration says, also below `configure(c)`."""
    _reading.append(root)
    try:
        return load(root)
    finally:
        _reading.clear()


@cache
def _tell(sentence: str) -> None:
    """Print the sentence once only, though Jupyter reads the configuration for every page."""
    print(sentence, file=sys.stderr)


def refuse(notebook: Any, resources: Any) -> Any:
    """Raise an error in the place where nbgrader would execute a notebook outside the sandbox."""
    raise RuntimeError(
        "this course is graded in a sandbox, and nbgrader's own autograding was about to run a "
        "student's notebook without it: run `autograder grade` instead"
    )


def install() -> None:
    """Replace nbgrader's autograding by ours, for courses that are configured for it."""
    from nbgrader.converters import Autograde

    if getattr(Autograde.start, "stock", None) is None:
        stock = Autograde.start

        def start(self: Any) -> None:
            if REFUSE in self.autograde_preprocessors:
                autograde(self)
            else:
                stock(self)

        start.stock = stock
        Autograde.start = start


def _wanted(coursedir: Any, course: Any) -> list[str] | None:
    """The students that nbgrader's options name; None for all."""
    from autograder.submission.collect import folders

    excluded = {name for name in coursedir.student_id_exclude.split(",") if name}
    if excluded:
        students, _ = folders(course, coursedir.assignment_id)
        from fnmatch import fnmatchcase

        chosen = (s for s in students if fnmatchcase(s, coursedir.student_id))
        return [s for s in chosen if s not in excluded]
    return None if coursedir.student_id == "*" else [coursedir.student_id]


def autograde(converter: Any) -> None:
    """What `nbgrader autograde` and formgrader's button do: our batch, with nbgrader's options.

    Raises nbgrader's `NbGraderException` where nothing could be graded.
    """
    from nbgrader.converters.base import NbGraderException

    from autograder.batch.grade import grade
    from autograder.batch.request import Request
    from autograder.course import configuration
    from autograder.course.course import CONFIG, Course
    from autograder.exercise.declare import DeclarationError
    from autograder.sandbox.outside.box import SandboxUnavailable

    log, coursedir, config = converter.log, converter.coursedir, converter.config
    course = Course.of(coursedir, config)
    try:
        configuration.require(config, course.root / CONFIG)
        if config.get("Execute", {}).get("enabled") is False:
            raise DeclarationError("scores come from running the functions: --no-execute cannot be")
        request = Request(
            course,
            coursedir.assignment_id,
            students=_wanted(coursedir, course),
            jobs=course.setting("Autograder", "jobs"),
            force=converter.force,
            unsafe=str(course.setting("Autograder", "unsafe", "")).lower() in ("true", "1"),
            progress=sys.stderr.isatty(),
            create=converter.create_student,
        )
        batch = grade(request)
    except (DeclarationError, SandboxUnavailable) as error:
        log.error("%s", error)
        raise NbGraderException(str(error)) from None
    for row in batch.rows:
        if row.counts:
            log.info("%s: %s, %g of %g points", row.student, row.state, row.score, row.max_score)
        for says in row.says:
            log.warning("%s: %s", row.student, says)
    log.info("%s", batch.summary())
    if not any(row.counts for row in batch.rows) or any(r.state == "failed" for r in batch.rows):
        message = "no submission was found" if not batch.rows else "not everything could be graded"
        log.error("%s: see the messages above", message)
        raise NbGraderException(message)
