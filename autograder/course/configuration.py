"""The course's configuration, read so that a slip in it is one sentence with file and line."""

from __future__ import annotations

import os
import string
import traceback
from pathlib import Path
from typing import Any

from autograder.exercise.declare import DeclarationError

FIELDS = ("nbgrader_step", "student_id", "assignment_id")
STEPS = ("source", "release", "submitted", "autograded", "feedback")
TEXTS = (
    ("CourseDirectory", "root"),
    ("CourseDirectory", "db_url"),
    ("CourseDirectory", "directory_structure"),
    *(("CourseDirectory", f"{step}_directory") for step in STEPS),
    ("Autograder", "folder"),
    ("Autograder", "checks"),
    ("Autograder", "reference"),
)
PACKAGES = ("checks", "reference")
LISTS = ("preload", "public")
_UNSET = object()


class SettingsError(DeclarationError):
    """The configuration cannot be used; the message names the file, and the line or setting."""


def _line(error: BaseException, path: Path) -> int | None:
    """The line of the file at which the error came up."""
    if isinstance(error, SyntaxError):
        return error.lineno
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    return lines[-1] if lines else None


def read(path: Path) -> Any:
    """The traitlets configuration that the file sets; raises `SettingsError`."""
    from traitlets.config.loader import PyFileConfigLoader

    try:
        return PyFileConfigLoader(path.name, path=str(path.parent)).load_config()
    except Exception as error:  # it is a program, and may fail in any way
        line = _line(error, path)
        where = f"{path}, line {line}" if line else str(path)
        says = error.msg if isinstance(error, SyntaxError) else str(error).partition("\n")[0]
        raise SettingsError(f"{where}: {type(error).__name__}: {says}") from error


def _given(config: Any, section: str, name: str) -> Any:
    values = config.get(section)
    return values.get(name, _UNSET) if isinstance(values, dict) else _UNSET


def require(config: Any, file: Path) -> None:
    """Raise `SettingsError` for a setting that no course can have."""
    for section, name in TEXTS:
        value = _given(config, section, name)
        if value is _UNSET:
            continue
        if not isinstance(value, (str, os.PathLike)):
            raise SettingsError(f"{file}: c.{section}.{name} is {value!r:.80}, but must be text")
        if "\0" in str(value):
            raise SettingsError(f"{file}: c.{section}.{name} holds a NUL character")
    jobs = _given(config, "Autograder", "jobs")
    if jobs not in (_UNSET, None) and (type(jobs) is not int or jobs < 1):
        raise SettingsError(f"{file}: c.Autograder.jobs is {jobs!r:.80}, but must be 1 or more")
    scheduler = _given(config, "Autograder", "scheduler")
    if scheduler not in (_UNSET, None) and not isinstance(scheduler, str):
        raise SettingsError(
            f"{file}: c.Autograder.scheduler is {scheduler!r:.80}, but must be an address such as "
            "'tcp://head:8786'"
        )
    _require_course(config, file)
    _require_structure(_given(config, "CourseDirectory", "directory_structure"), file)


def _require_course(config: Any, file: Path) -> None:
    """Check the settings that name packages and topics; whether those exist is checked later."""
    for name in PACKAGES:
        value = _given(config, "Autograder", name)
        if value is not _UNSET and not all(part.isidentifier() for part in str(value).split(".")):
            raise SettingsError(
                f"{file}: c.Autograder.{name} is {value!r:.80}, but must name a package, such as "
                f"'{name}' or 'geometry.{name}'"
            )
    topics = _given(config, "Autograder", "topics")
    if topics is not _UNSET and not isinstance(topics, (str, os.PathLike, list, tuple)):
        raise SettingsError(
            f"{file}: c.Autograder.topics is {topics!r:.80}, but must be a list of topics or the "
            "name of a file that lists them"
        )
    for name in LISTS:
        value = _given(config, "Autograder", name)
        known = value in (_UNSET, None) or (
            isinstance(value, (list, tuple, set)) and all(isinstance(one, str) for one in value)
        )
        if not known:
            raise SettingsError(
                f"{file}: c.Autograder.{name} is {value!r:.80}, but must be a list of names"
            )


def _require_structure(structure: Any, file: Path) -> None:
    if structure is _UNSET:
        return
    try:
        fields = {name for _, name, spec, _ in string.Formatter().parse(str(structure)) if name}
        known = fields == set(FIELDS)
        str(structure).format(**dict.fromkeys(FIELDS, "x"))
    except (ValueError, LookupError, AttributeError, TypeError):
        known = False
    if not known:
        names = ", ".join(f"{{{name}}}" for name in FIELDS)
        raise SettingsError(
            f"{file}: c.CourseDirectory.directory_structure is {str(structure)!r:.80}, but must "
            f"be made of {names}"
        )
