"""One course: its folders, its topics, its packages, its gradebook, its configuration, its secret.

A course is a folder with an `nbgrader_config.py`. What the file does not say is as it is in this
repository:

    c.Autograder.checks = "autograder.checks"        # the package with a module for each topic
    c.Autograder.reference = "autograder.reference"  # the package with the hidden references
    c.Autograder.topics = "_toc.yml"                 # a list of topics, or a file that names them
    c.Autograder.preload = ["numpy", ...]            # what the box may import ahead of a notebook
    c.Autograder.public = ["book", ...]              # what is public beside the assignments

Read from `nbgrader_config.py` as nbgrader reads it, but without importing nbgrader, which takes
seconds; `Course.coursedir` is nbgrader's own object for those who need it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from autograder.course import configuration, declared
from autograder.exercise.declare import DeclarationError, Exercise

ROOT = Path(__file__).resolve().parents[2]  # of this repository
CONFIG = "nbgrader_config.py"
CHECKS, REFERENCE, TOPICS = "autograder.checks", "autograder.reference", "_toc.yml"
PRELOAD = ("numpy", "scipy", "matplotlib", "librosa", "pandas")
STRUCTURE = os.path.join("{nbgrader_step}", "{student_id}", "{assignment_id}")


class CourseError(DeclarationError):
    """The course cannot do what was asked; the message says why and what to do."""


@dataclass(eq=False)
class Course:
    """Where one course keeps its things. `config` is the loaded traitlets configuration."""

    root: Path
    config: Any
    nbgrader_dir: Any = field(default=None, repr=False)

    @classmethod
    def of(cls, coursedir: Any, config: Any) -> Course:
        """The course of a running nbgrader application."""
        return cls(Path(coursedir.root), config, coursedir)

    def setting(self, section: str, name: str, default: Any = None) -> Any:
        """A configured value, e.g. `setting("CourseDirectory", "db_url")`."""
        if section == "CourseDirectory" and self.nbgrader_dir is not None:
            return getattr(self.nbgrader_dir, name)
        return self.config.get(section, {}).get(name, default)

    # --- topics, checks, references ---------------------------------------------------------

    @property
    def file(self) -> Path:
        """The path of the configuration file, for sentences that name it."""
        return self.root / CONFIG

    @property
    def checks(self) -> str:
        """The package of the hidden checks: a module or package `<topic>` with `EXERCISES`."""
        return self.setting("Autograder", "checks", CHECKS)

    @property
    def reference(self) -> str:
        """The package of the hidden references: a module `<topic>` with the functions."""
        return self.setting("Autograder", "reference", REFERENCE)

    @property
    def preload(self) -> tuple[str, ...]:
        """Top-level modules that the box imports ahead, where a notebook imports them."""
        return tuple(self.setting("Autograder", "preload", PRELOAD))

    def topics(self) -> list[str]:
        """The topics, in their order; raises `DeclarationError` where they are not well named."""
        named = self.setting("Autograder", "topics", TOPICS)
        if isinstance(named, (str, os.PathLike)):
            return declared.topics_in(self.root / named)
        return declared.checked(named, f"{self.file}: c.Autograder.topics")

    def exercises(self, topic: str) -> tuple[Exercise, ...]:
        """The exercises of a topic, in the order of its notebook.

        Raises `DeclarationError` where the course has no such topic, and in one sentence with
        the file where the package of checks or the topic's module is not there or does not import.
        """
        if topic not in (topics := self.topics()):
            raise DeclarationError(f"no topic {topic!r}; the topics are {', '.join(topics)}")
        folders = self.packages()
        module = self._module_file("checks", self.checks, topic)
        return declared.exercises_in(f"{self.checks}.{topic}", module, list(folders.values()))

    def _folder_of(self, setting: str, package: str) -> Path:
        """Where a package is that the configuration names; modules beside the file come first."""
        if str(self.root) not in sys.path:
            sys.path.insert(0, str(self.root))
        return declared.folder_of(package, f"{self.file}: c.Autograder.{setting}")

    def _module_file(self, setting: str, package: str, topic: str) -> Path:
        """The file of a topic in a package; CourseError where neither `x.py` nor `x/` is there."""
        folder = self._folder_of(setting, package)
        places = folder / f"{topic}.py", folder / topic / "__init__.py"
        for place in places:
            if place.is_file():
                return place
        raise CourseError(
            f"{self.file}: the course has the topic {topic!r}, but neither {places[0]} nor "
            f"{places[1]} is there"
        )

    @property
    def checks_folder(self) -> Path:
        """The folder of the package of checks."""
        return self._folder_of("checks", self.checks)

    @property
    def reference_folder(self) -> Path:
        """The folder of the package of references."""
        return self._folder_of("reference", self.reference)

    def reference_file(self, topic: str) -> Path:
        """The module of a topic's references; raises `CourseError` where it is not there."""
        return self._module_file("reference", self.reference, topic)

    def packages(self) -> dict[str, Path]:
        """Top-level packages that can decide a score, and the folder of each: ours and its own."""
        found = {"autograder": ROOT / "autograder"}
        for setting, package in (("checks", self.checks), ("reference", self.reference)):
            top = package.partition(".")[0]
            if top not in found:
                self._folder_of(setting, package)
                found[top] = self._folder_of(setting, top)
        return found

    # --- folders ----------------------------------------------------------------------------

    @property
    def solutions(self) -> Path:
        """The folder of the instructor's texts."""
        return self.root / "solutions"

    def solution(self, topic: str) -> Path:
        """The instructor's text of a topic."""
        return self.solutions / f"{topic}.md"

    def source(self, topic: str) -> Path:
        """The instructor's notebook of a topic, which nbgrader reads."""
        return self.path("source", ".", topic) / f"{topic}.ipynb"

    def released(self, topic: str) -> Path:
        """The assignment that students get."""
        return self.path("release", ".", topic) / f"{topic}.ipynb"

    @property
    def public(self) -> Sequence[str] | None:
        """Files and folders that are public beside the assignments; None: those of this book."""
        return self.setting("Autograder", "public")

    @property
    def private(self) -> set[str]:
        """Names of folders that must not be public."""
        packages = self.checks, self.reference
        return {"autograder", "solutions", *(name.partition(".")[0] for name in packages)}

    @property
    def folder(self) -> Path:
        """The folder of submissions and gradebook: `COURSE_DIR`, by default `_course`."""
        return self.root / self.setting("Autograder", "folder", "_course")

    @property
    def db_url(self) -> str:
        """Where the gradebook is, as SQLAlchemy writes it."""
        return self.setting("CourseDirectory", "db_url") or f"sqlite:///{self.root}/gradebook.db"

    @cached_property
    def coursedir(self) -> Any:
        """nbgrader's `CourseDirectory` of this course (imports nbgrader)."""
        if self.nbgrader_dir is not None:
            return self.nbgrader_dir
        from nbgrader.coursedir import CourseDirectory

        return CourseDirectory(config=self.config, root=str(self.root))

    @cached_property
    def secret(self) -> str:
        """The secret that seeds each student's inputs; made once and kept beside the gradebook."""
        path = self.folder / "secret"
        if not path.exists():
            self._make_secret(path)
        if not (text := path.read_text(errors="replace").strip()):
            raise CourseError(f"{path} is empty: delete it, and grade again with --force")
        return text

    @staticmethod
    def _make_secret(path: Path) -> None:
        """Write a secret unless one is there already: a student's inputs must never change."""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(prefix=".secret.", dir=path.parent)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(16))
            with contextlib.suppress(FileExistsError):
                os.link(scratch, path)
        finally:
            os.unlink(scratch)

    def step(self, name: str) -> str:
        """The configured folder of a step: submitted, autograded, feedback, release, source."""
        default = {"release": "exercises"}.get(name, name)
        return self.setting("CourseDirectory", f"{name}_directory", default)

    def path(self, step: str, student: str, topic: str) -> Path:
        """The folder of a student's topic at a step."""
        structure = self.setting("CourseDirectory", "directory_structure", STRUCTURE)
        return self.root / structure.format(
            nbgrader_step=self.step(step), student_id=student, assignment_id=topic
        )

    def around_student(self, step: str, topic: str) -> tuple[Path, str]:
        """The folder that holds one folder a student, and what follows below the student's."""
        before, mark, after = str(self.path(step, "\0", topic)).partition("\0")
        if not mark or not before.endswith(os.sep) or not (after or "/").startswith(os.sep):
            raise CourseError(
                "CourseDirectory.directory_structure must give each student a folder of their own"
            )
        return Path(before), after.lstrip(os.sep)


def load(root: Path | str | None = None) -> Course:
    """The course whose `nbgrader_config.py` lies in `root`.

    By default that is the working folder where it holds one, else this repository. The files that
    nbgrader itself reads are read, in the same order of precedence.
    """
    from jupyter_core.paths import jupyter_config_path
    from traitlets.config import Config

    root = _root(root)
    if not (root / CONFIG).is_file():
        raise CourseError(f"{root} holds no {CONFIG}: give the folder of the course")
    config = Config()
    for folder in [*reversed(jupyter_config_path()), str(root)]:
        if Path(folder, CONFIG).is_file():
            config.merge(configuration.read(Path(folder, CONFIG)))
    configuration.require(config, root / CONFIG)
    root = Path(config.get("CourseDirectory", {}).get("root") or root)
    return Course(root, config)


def _root(root: Path | str | None) -> Path:
    if root is None:
        root = "." if Path(CONFIG).is_file() else ROOT
    return Path(root).resolve()


def current() -> Course:
    """`load()`, read again only where the configuration or the folder that is meant has changed."""
    root = _root(None)
    changed = (root / CONFIG).stat().st_mtime_ns if (root / CONFIG).is_file() else 0
    return _kept(root, changed, os.environ.get("COURSE_DIR"), os.environ.get("COURSE_DB"))


@lru_cache(maxsize=4)
def _kept(root: Path, changed: int, folder: str | None, server: str | None) -> Course:
    return load(root)
