"""The public half: copied to a folder that is ready to be a repository."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from autograder.course.course import Course, current
from autograder.exercise.declare import DeclarationError
from autograder.release.leaks import Leak, find_leaks

__all__ = ["ExportError", "Leak", "export", "find_leaks"]

EXERCISES = "exercises"
BOOK = ("book", "_config.yml", "_toc.yml", "requirements.txt", "LICENSE")
PAGES = ".github/workflows/pages.yml"
NOT_COPIED = shutil.ignore_patterns(
    "__pycache__", "*.pyc", "*.egg-info", ".ipynb_checkpoints", "_build", "vendor", ".*"
)
IGNORED = "__pycache__/\n.ipynb_checkpoints/\n.venv/\n_build/\nbook/vendor/\n"
README = """\
# From Sound to Meaning

An executable course in speech and machine listening: text, formulas, figures, sound, and
controls that respond. Each chapter is a notebook; each has an assignment.

**Read it** on the published site, or build it here (Python 3.11 or newer, and npm for the
site's own copies of MathJax and the widgets):

    python3 -m venv .venv && . .venv/bin/activate
    pip install -r requirements.txt
    cd book && python -m speechlab.site fetch && cd ..
    jupyter-book build -W .

and open `_build/html/index.html`.

**Do the exercises**: open `exercises/<topic>/<topic>.ipynb` in Jupyter, write the functions,
run the checks under them, hand the notebook in. The topics: {topics}.

Code: MIT. Text, figures and sounds: CC BY 4.0. See `LICENSE`.
"""


class ExportError(DeclarationError):
    """The public half cannot be written there; the message says what to do."""


def _require_place(folder: Path, root: Path, force: bool) -> None:
    place = folder.resolve()
    if folder.exists() and not folder.is_dir():
        raise ExportError(f"{folder} is a file: name a folder")
    if place == root or root in place.parents or place in root.parents:
        raise ExportError(f"{folder} is inside this repository or around it: name one beside it")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise ExportError(f"{folder} is not empty: name an empty folder, or add --force")


def _public(course: Course) -> tuple[str, ...]:
    """Files and folders that go along with the assignments; raises `ExportError`."""
    names = (*BOOK, PAGES) if course.public is None else tuple(course.public)
    for name in names:
        path = Path(os.path.normpath(name))
        outside = path.is_absolute() or path.parts[:1] in ((), ("..",))
        if outside or course.private & set(path.parts):
            raise ExportError(
                f"{course.file}: c.Autograder.public names {name!r}, which is private or no part "
                "of the course"
            )
        if not (course.root / path).exists():
            raise ExportError(f"{name} is missing")
    return names


def export(folder: Path, force: bool = False, course: Course | None = None) -> Path:
    """Write the public half to the folder and return it.

    With `force`, the folders already there that are written are replaced, so that nothing stale
    stays; whatever else is there, such as `.git`, is left alone.

    Raises
    ------
    ExportError
        If the folder is not empty (without `force`), is no folder, lies in this repository, or
        if a part of the public half is missing.
    """
    course = course or current()
    _require_place(folder, course.root, force)
    public, topics = _public(course), course.topics()
    for topic in topics:
        if not course.released(topic).exists():
            raise ExportError(f"{course.released(topic)} is missing: run `autograder release`")
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / EXERCISES, ignore_errors=True)
    for topic in topics:
        _copy(course.released(topic), folder / EXERCISES / topic / f"{topic}.ipynb")
    for name in public:
        _copy(course.root / name, folder / name)
    (folder / ".gitignore").write_text(IGNORED)
    if course.public is None:
        (folder / "README.md").write_text(README.format(topics=", ".join(topics)))
    return folder


def _copy(source: Path, target: Path) -> None:
    """A file or a folder to its place; a folder that was there is replaced."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        if target.exists():
            shutil.rmtree(target)
        shutil.copytree(source, target, ignore=NOT_COPIED)
    else:
        shutil.copyfile(source, target)
