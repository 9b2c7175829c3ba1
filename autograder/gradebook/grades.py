"""What the gradebook holds of an assignment and of each student, and nbgrader's rules for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Penalty = Callable[[str, float, float], float | None]  # of student, score and seconds late


@dataclass(frozen=True)
class GradedCell:
    """A cell that has a score or a comment: the gradebook's row for the master version."""

    id: str
    name: str
    type: str  # GradeCell, SolutionCell or TaskCell
    max_score: float = 0.0


@dataclass(frozen=True)
class Structure:
    """What the gradebook knows of an assignment of one notebook."""

    assignment_id: str
    notebook_id: str
    notebook: str
    duedate: datetime | None
    cells: tuple[GradedCell, ...]
    sources: dict[str, dict[str, Any]]

    @property
    def max_score(self) -> float:
        return sum(cell.max_score for cell in self.cells)


@dataclass(frozen=True)
class Grading:
    """What one grading of a submission gives the gradebook.

    Parameters
    ----------
    timestamp : when it was handed in; None leaves what the gradebook knows.
    grades, comments : by cell name; a score of None asks a person to grade.
    unchanged : it is the submission that was graded before, so that a person looks again
        only at cells whose automatic score has changed.
    """

    timestamp: datetime | None
    grades: dict[str, float | None]
    comments: dict[str, str | None]
    unchanged: bool = False


@dataclass
class Marks:
    """What the gradebook holds for one student; scores and comments are by the cell's name."""

    timestamp: datetime | None = None
    penalty: float | None = None  # for being late
    extension: timedelta = timedelta(0)
    auto: dict[str, float | None] = field(default_factory=dict)
    manual: dict[str, float | None] = field(default_factory=dict)
    extra: dict[str, float | None] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    comments: dict[str, str] = field(default_factory=dict)  # a person's
    said: dict[str, str | None] = field(default_factory=dict)  # the automatic ones

    def score(self, name: str) -> float:
        """A cell's score as nbgrader counts it: a person's over the automatic one, plus extra."""
        given = self.manual.get(name)
        given = self.auto.get(name) if given is None else given
        return (given or 0.0) + (self.extra.get(name) or 0.0)

    @property
    def total(self) -> float:
        return sum(self.score(name) for name in self.auto)

    @property
    def after_penalty(self) -> float:
        """The total less what is taken off for being late."""
        return max(0.0, self.total - (self.penalty or 0.0))


def penalty_for(
    structure: Structure, marks: Marks, student: str, rule: Penalty | None
) -> float | None:
    """What the student pays for being late: between nothing and the score; None if in time."""
    if marks.timestamp is None or structure.duedate is None or rule is None:
        return None
    seconds = (marks.timestamp - structure.duedate - marks.extension).total_seconds()
    amount = rule(student, marks.total, seconds) if seconds > 0 else None
    return None if amount is None else min(max(amount, 0.0), marks.total)


def regraded(
    structure: Structure,
    student: str,
    old: Marks | None,
    grading: Grading,
    penalty: Penalty | None = None,
) -> Marks:
    """What the gradebook will hold after a grading, where it holds `old` now.

    The rules are nbgrader's: scores and comments of a person's stay, and their cells are put
    before that person again; a time of handing in that is known is not forgotten.
    """
    old = old or Marks()
    when = old.timestamp if grading.timestamp is None else grading.timestamp
    new = dataclasses.replace(old, timestamp=when, auto={}, waiting=set(), said={})
    for cell in structure.cells:
        name = cell.name
        if cell.type == "GradeCell":
            auto = new.auto[name] = grading.grades.get(name)
            again = auto is None or old.manual.get(name) is not None
            if grading.unchanged and name in old.auto and old.auto[name] == auto:
                again = name in old.waiting
        elif cell.type == "TaskCell":
            new.auto[name] = old.auto.get(name)
            again = name in old.waiting or name not in old.auto
        else:
            again = False
        if again:
            new.waiting.add(name)
        if cell.type != "GradeCell":
            new.said[name] = grading.comments.get(name)
    new.penalty = penalty_for(structure, new, student, penalty)
    return new
