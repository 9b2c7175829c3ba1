"""What a course's own files declare: its topics, and the exercises in its package of checks.

Whatever is wrong with those files is a `DeclarationError`: one sentence that names the file.
"""

from __future__ import annotations

import importlib
import importlib.util
import traceback
from pathlib import Path
from typing import Any

import yaml

from autograder.exercise.declare import DeclarationError, Exercise

NUMERAL = set("IVX")


def topics_in(path: Path) -> list[str]:
    """The topics that a YAML file names: a list, or the chapters of a book's numbered parts.

    A numbered part of Jupyter Book's `_toc.yml` has a caption that starts with a Roman numeral
    ("II The voice"). Raises `DeclarationError` where the file is not there or does not say that.
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        if isinstance(found, list):
            return checked(found, str(path))
        return [
            Path(chapter["file"]).name
            for part in found["parts"]
            if set(part["caption"].split()[0]) <= NUMERAL
            for chapter in part["chapters"]
        ]
    except OSError as error:
        raise DeclarationError(
            f"{path}, which names the topics, cannot be read ({error.strerror or error})"
        ) from None
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        why = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise DeclarationError(f"{path}{where}: this is not YAML ({why})") from None
    except (LookupError, TypeError, ValueError, AttributeError):
        raise DeclarationError(
            f"{path} needs `parts`, each with a `caption` and a list of `chapters`, each with a "
            "`file`"
        ) from None


def checked(names: Any, where: str) -> list[str]:
    """The list of topics, where each name can be a module's; `where` says who names the topics."""
    for name in names:
        if not isinstance(name, str) or not name.isidentifier():
            raise DeclarationError(
                f"{where}: {name!r:.80} cannot be a topic: a topic is a word of letters, digits "
                "and underscores, as a module's name is"
            )
    if twice := sorted({name for name in names if list(names).count(name) > 1}):
        raise DeclarationError(f"{where} names the topic {twice[0]!r} twice")
    return list(names)


def folder_of(package: str, setting: str) -> Path:
    """The folder of a package of the course; `setting` says who names the package.

    Raises `DeclarationError` where there is no such package.
    """
    where = None
    try:
        spec = importlib.util.find_spec(package)
        where = next(iter(spec.submodule_search_locations or ()), None) if spec else None
    except ModuleNotFoundError:
        pass  # the package around it is not there
    except Exception as error:  # the package around it is a program, and may fail in any way
        raise DeclarationError(_blame(error, package, [])) from error
    if where is None:
        raise DeclarationError(f"{setting} names the package {package!r}, which is not there")
    return Path(where)


def exercises_in(module: str, file: Path, ours: list[Path]) -> tuple[Exercise, ...]:
    """The tuple `EXERCISES` of a module of checks, which stands in the file.

    Parameters
    ----------
    module : dotted name of the module or package.
    file : where the module should be; named where `EXERCISES` is not as it should be.
    ours : folders of the course's packages; the last line of a traceback in them is named.
    """
    try:
        found = importlib.import_module(module)
    except Exception as error:  # checks are a program, and may fail in any way
        raise DeclarationError(_blame(error, module, ours)) from error
    exercises = getattr(found, "EXERCISES", None)
    if not isinstance(exercises, (tuple, list)) or not all(
        isinstance(exercise, Exercise) for exercise in exercises
    ):
        raise DeclarationError(
            f"{file} needs EXERCISES, a tuple of Exercise(...), in the order of the notebook"
        )
    return tuple(exercises)


def _blame(error: Exception, module: str, ours: list[Path]) -> str:
    """One sentence on a failed import: the file and line of the course, and what went wrong."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if any(folder in Path(frame.filename).parents for folder in ours)
    ]
    says = str(error).partition("\n")[0]
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}: this is not Python ({error.msg})"
    where = f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else module
    if frames and "partially initialized module" in says:
        circle = " -> ".join(_circle(error, [Path(frame.filename) for frame in frames]))
        return f"{where}: modules import each other in a circle: {circle}"
    return f"{where}: {type(error).__name__}: {says}"


def _circle(error: Exception, files: list[Path]) -> list[str]:
    """The files from the one that was wanted too early, and back to it."""
    files = list(dict.fromkeys(files))
    wanted = Path(getattr(error, "path", None) or files[0])  # an AttributeError has no path
    inside = files[files.index(wanted) if wanted in files else 0 :]
    return [path.name for path in (*inside, inside[0])]
