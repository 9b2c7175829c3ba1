"""The topics of the course, and the exercises of each."""

from __future__ import annotations

import importlib
from pathlib import Path

import yaml

from autograder.exercise.declare import DeclarationError, Exercise

ROOT = Path(__file__).resolve().parents[2]


def topics() -> list[str]:
    """The topics of the course, in the order of `_toc.yml`: the chapters of its numbered parts.

    A numbered part has a caption that starts with a Roman numeral ("II The voice"). Raises
    `DeclarationError` where the file does not say that.
    """
    path = ROOT / "_toc.yml"
    try:
        toc = yaml.safe_load(path.read_text(encoding="utf-8"))
        return [
            Path(chapter["file"]).name
            for part in toc["parts"]
            if set(part["caption"].split()[0]) <= set("IVX")
            for chapter in part["chapters"]
        ]
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


def exercises(topic: str) -> tuple[Exercise, ...]:
    """The exercises of a topic, in the order of its notebook."""
    if topic not in topics():
        raise DeclarationError(f"no topic {topic!r}; the topics are {', '.join(topics())}")
    return importlib.import_module(f"autograder.checks.{topic}").EXERCISES
