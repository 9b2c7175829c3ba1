"""One course: its folders, its gradebook, its configuration and its secret.

Read from `nbgrader_config.py` as nbgrader reads it, but without importing nbgrader, which takes
seconds; `Course.coursedir` is nbgrader's own object for those who need it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.course import configuration
from autograder.course.catalogue import ROOT
from autograder.exercise.declare import DeclarationError

CONFIG = "nbgrader_config.py"
STRUCTURE = os.path.join("{nbgrader_step}", "{student_id}", "{assignment_id}")


class CourseError(DeclarationError):
    """The course cannot do what was asked; the message says why and what to do."""


@dataclass
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

    @property
    def folder(self) -> Path:
        """What `COURSE_DIR` names, `_course` by default."""
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
        """What each student's inputs are drawn from; made once and kept beside the gradebook."""
        path = self.folder / "secret"
        if not path.exists():
            self._make_secret(path)
        if not (text := path.read_text(errors="replace").strip()):
            raise CourseError(f"{path} is empty: delete it, and grade again with --force")
        return text

    @staticmethod
    def _make_secret(path: Path) -> None:
        """Whole or not at all, and the first one stays: inputs must not change under anybody."""
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
    """The course whose `nbgrader_config.py` lies in `root` (by default: this repository).

    The files that nbgrader itself reads are read, in the same order of precedence.
    """
    from jupyter_core.paths import jupyter_config_path
    from traitlets.config import Config

    root = Path(root or ROOT).resolve()
    if not (root / CONFIG).is_file():
        raise CourseError(f"{root} holds no {CONFIG}: give the folder of the course")
    config = Config()
    for folder in [*reversed(jupyter_config_path()), str(root)]:
        if Path(folder, CONFIG).is_file():
            config.merge(configuration.read(Path(folder, CONFIG)))
    configuration.require(config, root / CONFIG)
    root = Path(config.get("CourseDirectory", {}).get("root") or root)
    return Course(root, config)
