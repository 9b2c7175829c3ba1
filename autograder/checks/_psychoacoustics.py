"""What the checks on hearing share."""

from __future__ import annotations

from autograder.checks.inputs import BAD
from autograder.exercise import Case


def bad_cases(*cases: tuple[tuple, str]) -> list[Case]:
    """Cases that must raise ValueError: (arguments, what is wrong with them)."""
    return [Case(args, kind, BAD) for args, kind in cases]
