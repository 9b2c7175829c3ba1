"""What the gradebook holds of an assignment and of each student, and nbgrader's rules for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Penalty = Callable[[float, float], float | None]  # of the score and the seconds late


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


@dataclass
class Marks:
    """What the gradebook holds for one student: by cell name."""

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


def regraded(
    structure: Structure,
    old: Marks | None,
    timestamp: datetime | None,
    grades: dict[str, float | None],
    comments: dict[str, str | None],
    penalty: Penalty | None = None,
    unchanged: bool = False,
) -> Marks:
    """What the gradebook will hold after a grading; `Gradebook.write` says what is given.

    The rules are nbgrader's: scores and comments of a person's stay, and their cells are put
    before that person again; who is late pays a penalty between nothing and the score.
    """
    old = old or Marks()
    new = dataclasses.replace(
        old, timestamp=timestamp, penalty=None, auto={}, waiting=set(), said={}
    )
    for cell in structure.cells:
        name = cell.name
        if cell.type == "GradeCell":
            auto = new.auto[name] = grades.get(name)
            again = auto is None or old.manual.get(name) is not None
            if unchanged and name in old.auto and old.auto[name] == auto:
                again = name in old.waiting
        elif cell.type == "TaskCell":
            new.auto[name] = old.auto.get(name)
            again = name in old.waiting or name not in old.auto
        else:
            again = False
        if again:
            new.waiting.add(name)
        if cell.type != "GradeCell":
            new.said[name] = comments.get(name)
    if timestamp is not None and structure.duedate is not None and penalty is not None:
        seconds = (timestamp - structure.duedate - old.extension).total_seconds()
        if seconds > 0 and (amount := penalty(new.total, seconds)) is not None:
            new.penalty = min(max(amount, 0.0), new.total)
    return new
