"""The topics of the current course, and the exercises of each, as `Course` gives them."""

from __future__ import annotations

from autograder.course.course import ROOT, Course, current
from autograder.exercise.declare import Exercise

__all__ = ["ROOT", "exercises", "topics"]


def topics(course: Course | None = None) -> list[str]:
    """The topics of a course (by default: the current one), in its order."""
    return (course or current()).topics()


def exercises(topic: str, course: Course | None = None) -> tuple[Exercise, ...]:
    """The exercises of a topic, in the order of its notebook."""
    return (course or current()).exercises(topic)
