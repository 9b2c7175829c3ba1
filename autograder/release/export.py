"""The public half: copied to a folder that is ready to be a repository."""

from __future__ import annotations

import shutil
from pathlib import Path

from autograder.course.catalogue import ROOT, topics
from autograder.exercise.declare import DeclarationError
from autograder.release.assignments import released_path
from autograder.release.leaks import Leak, find_leaks

__all__ = ["ExportError", "Leak", "export", "find_leaks"]

FOLDERS = ("book", "exercises")
FILES = ("_config.yml", "_toc.yml", "requirements.txt", "LICENSE", ".github/workflows/pages.yml")
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


def _require_place(folder: Path, force: bool) -> None:
    place = folder.resolve()
    if folder.exists() and not folder.is_dir():
        raise ExportError(f"{folder} is a file: name a folder")
    if place == ROOT or ROOT in place.parents or place in ROOT.parents:
        raise ExportError(f"{folder} is inside this repository or around it: name one beside it")
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise ExportError(f"{folder} is not empty: name an empty folder, or add --force")


def _require_sources() -> None:
    for name in (*FOLDERS, *FILES, *(released_path(topic) for topic in topics())):
        if not Path(ROOT, name).exists():
            hint = ": run `autograder release`" if str(name).endswith(".ipynb") else ""
            raise ExportError(f"{name} is missing{hint}")


def export(folder: Path, force: bool = False) -> Path:
    """Write the public half to the folder and return it.

    With `force`, the `book` and `exercises` already there are replaced, so that nothing stale
    stays; whatever else is there, such as `.git`, is left alone.

    Raises
    ------
    ExportError
        If the folder is not empty (without `force`), is no folder, lies in this repository, or
        if a part of the public half is missing.
    """
    _require_place(folder, force)
    _require_sources()
    folder.mkdir(parents=True, exist_ok=True)
    for name in FOLDERS:
        if (folder / name).exists():
            shutil.rmtree(folder / name)
    shutil.copytree(ROOT / "book", folder / "book", ignore=NOT_COPIED)
    for topic in topics():
        copy = folder / "exercises" / topic / f"{topic}.ipynb"
        copy.parent.mkdir(parents=True)
        shutil.copyfile(released_path(topic), copy)
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    (folder / ".gitignore").write_text(IGNORED)
    (folder / "README.md").write_text(README.format(topics=", ".join(topics())))
    return folder
