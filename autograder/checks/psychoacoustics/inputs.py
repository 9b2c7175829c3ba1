"""What the checks on hearing share."""

from __future__ import annotations

from autograder.exercise.declare import Case
from autograder.exercise.draw import BAD


def bad_cases(*cases: tuple[tuple, str]) -> list[Case]:
    """Cases that must raise ValueError: (arguments, what is wrong with them)."""
    return [Case(args, kind, BAD) for args, kind in cases]
