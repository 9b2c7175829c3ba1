"""What an exercise and a notebook may use: the course's settings, a topic's, an exercise's own.

    c.Autograder.limits = {
        "*": {"seconds": 10, "notebook_seconds": 300},   # every topic of the course
        "hmm": {"memory_mb": 2048, "cell_seconds": 20},  # one topic
        "hmm.viterbi": {"seconds": 30},                  # one exercise
    }

The most particular limit holds. An exercise's declaration in `autograder/checks` stands between
the settings for the topic and those for the exercise: a limit that the declaration sets is not
changed by the settings for the course or the topic.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from autograder.course.course import CONFIG, Course, CourseError
from autograder.exercise.declare import Exercise, Limits

COURSE = "*"


@dataclass(frozen=True)
class Notebook:
    """What all cells and exercises of one notebook may use together, or each cell.

    None stands for what follows from the exercises: see `autograder.submission.assess`.
    """

    cell_seconds: float | None = None  # by the clock, each cell
    notebook_seconds: float | None = None  # by the clock, in all
    notebook_cpu_seconds: float | None = None  # of the processor, in all
    notebook_memory_mb: int = 2048  # of all its processes together; an exercise may ask for more
    processes: int = 64  # and threads, while cells run
    file_mb: int = 64  # each file, while cells run
    disk_mb: int = 64  # all files together
    output_kb: int = 100  # printed by all cells together
    hand_in_mb: int = 20  # the file that is handed in; a larger one is not read


_OF_NOTEBOOK = {field.name for field in fields(Notebook)}
_OF_EXERCISE = {field.name for field in fields(Limits)}
_WHOLE = {
    field.name for kind in (Notebook, Limits) for field in fields(kind) if "int" in str(field.type)
}


def _checked(scope: str, limits: Any) -> dict[str, Any]:
    """The limits that a scope sets; CourseError where one cannot be."""
    where = f"{CONFIG}: Autograder.limits[{scope!r}]"
    if not isinstance(limits, dict):
        raise CourseError(f'{where} must be a dictionary such as {{"seconds": 10}}')
    known = _OF_EXERCISE if "." in scope else _OF_EXERCISE | _OF_NOTEBOOK
    for name, value in limits.items():
        if name not in known:
            raise CourseError(f"{where}: there is no limit {name!r}; {', '.join(sorted(known))}")
        number = type(value) in (int, float) and math.isfinite(value) and 0 < value < 1e6
        if not number or (name in _WHOLE and type(value) is not int):
            kind = "a whole number" if name in _WHOLE else "a number"
            raise CourseError(f"{where}[{name!r}] is {value!r}: give {kind} above 0")
    return limits


def _settings(course: Course) -> dict[str, dict[str, Any]]:
    """The limits of every scope of the configuration, each checked."""
    found = course.setting("Autograder", "limits", {})
    if not isinstance(found, dict):
        raise CourseError(f'{CONFIG}: Autograder.limits must be a dictionary, by "*" or topic')
    return {str(scope): _checked(str(scope), limits) for scope, limits in found.items()}


def of_notebook(course: Course, topic: str) -> Notebook:
    """The limits of a topic's notebook; CourseError where the configuration is wrong."""
    settings = _settings(course)
    chosen = settings.get(COURSE, {}) | settings.get(topic, {})
    return Notebook(**{name: chosen[name] for name in chosen if name in _OF_NOTEBOOK})


def applied(course: Course, topic: str, exercises: Iterable[Exercise]) -> tuple[Exercise, ...]:
    """The exercises with the limits that hold for them; CourseError as for `of_notebook`."""
    settings, found = _settings(course), tuple(exercises)
    names = {exercise.name for exercise in found}
    for scope in settings:
        where, _, name = scope.partition(".")
        if where == topic and name and name not in names:
            raise CourseError(
                f"{CONFIG}: Autograder.limits[{scope!r}]: {topic} has no exercise {name!r}"
            )
    wide = settings.get(COURSE, {}) | settings.get(topic, {})
    wide = {name: value for name, value in wide.items() if name in _OF_EXERCISE}
    usual = Limits()
    changed = []
    for exercise in found:
        own = dataclasses.asdict(exercise.limits)
        own = {name: value for name, value in own.items() if value != getattr(usual, name)}
        chosen = Limits(**(wide | own | settings.get(f"{topic}.{exercise.name}", {})))
        same = chosen == exercise.limits  # then it keeps what it has worked out already
        changed.append(exercise if same else dataclasses.replace(exercise, limits=chosen))
    return tuple(changed)
