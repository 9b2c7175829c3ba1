"""`autograder grade --dry-run`: everything is graded, nothing is written, and the difference shown.

The marks that a batch would write are worked out by the same rules (`grades.regraded`) and held
against those that are in the gradebook.
"""

from __future__ import annotations

import copy
import dataclasses
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from autograder.batch import grade, pool
from autograder.batch.request import Request
from autograder.batch.summary import WITHOUT_SANDBOX, Summary
from autograder.exercise.declare import CHECK
from autograder.gradebook.grades import Marks, regraded
from autograder.judging.words import many, number

WIDEST = 30


@dataclass(frozen=True)
class Change:
    """One exercise, or another cell with a score or a comment: what would be otherwise.

    Scores are the automatic ones; None asks a person. `by_hand` is a person's score, which stays
    and counts. `no_more` and `says` are the sentences of the comment that would go and come.
    """

    what: str
    old: float | None
    new: float | None
    by_hand: float | None = None
    no_more: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    look_again: bool = False  # a person is asked who was not asked before

    def lines(self) -> Iterator[str]:
        """The change in words, a line each."""
        score = ""
        if self.old != self.new:
            score = f" {_score(self.old)} -> {_score(self.new)}"
        if self.by_hand is not None:
            score += f" (a person gave {number(self.by_hand)}, which stays)"
        if self.look_again:
            score += " (a person is asked to look)"
        yield f"  {self.what}:{score or ' the same points, other words'}"
        for mark, sentences in (("-", self.no_more), ("+", self.says)):
            yield from (f"    {mark} {sentence}" for sentence in sentences)


@dataclass(frozen=True)
class StudentChange:
    """One student: the score now (None if never graded) and after, and every change."""

    student: str
    old: float | None
    new: float
    old_penalty: float
    new_penalty: float
    changes: tuple[Change, ...]

    @property
    def differs(self) -> bool:
        """Would anything in the gradebook be otherwise?"""
        same = (self.old, self.old_penalty) == (self.new, self.new_penalty)
        return bool(self.changes) or not same

    def lines(self) -> Iterator[str]:
        """The student's part of the report."""
        old = "not graded" if self.old is None else number(self.old)
        penalty = ""
        if self.old_penalty != self.new_penalty:
            penalty = f", late penalty {number(self.old_penalty)} -> {number(self.new_penalty)}"
        score = f"{old} -> {number(self.new)}" if self.old != self.new else f"{old}, as before"
        yield f"{self.student}: {score}{penalty}"
        for change in self.changes:
            yield from change.lines()


@dataclass(frozen=True)
class Preview(Summary):
    """What a batch would change. `rows` are the submissions that it would not grade, and why."""

    students: tuple[StudentChange, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Plain data, ready for `json.dumps`; only students whose marks would change."""
        changed = [student for student in self.students if student.differs]
        return dataclasses.asdict(dataclasses.replace(self, students=tuple(changed))) | {
            "dry_run": True,
            "tried": len(self.students),
        }

    def __str__(self) -> str:
        """Student by student, exercise by exercise, and a line of summary."""
        lines = [line for one in self.students if one.differs for line in one.lines()]
        lines += [
            f"{row.student[:WIDEST]}: {says}"
            for row in self.rows
            if row.state != "kept"
            for says in row.says
        ]
        return "\n".join([*lines, *([""] if lines else []), self.summary()])

    def summary(self) -> str:
        """One line: how many scores would change, which way, and that nothing was written."""
        changed = [one for one in self.students if one.differs]
        known = [one for one in changed if one.old is not None]
        up = sum(one.new > one.old for one in known)
        down = sum(one.new < one.old for one in known)
        new = len(changed) - len(known)
        kept = sum(row.state == "kept" for row in self.rows)
        tried = many(len(self.students), "submission")
        words = [f"{tried} of {self.topic} tried in {self.seconds:.1f} s"]
        words.append(
            f"{many(len(changed), 'student')} would change: {up} up, {down} down, {new} graded "
            f"for the first time, {len(known) - up - down} with the same score"
        )
        if kept:
            words.append(f"{kept} would be left alone, since nothing changed for them")
        if self.unsafe:
            words.append(WITHOUT_SANDBOX)
        return "; ".join([*words, "nothing was written"]) + "."


def _score(score: float | None) -> str:
    return "for a person to grade" if score is None else number(score)


def _sentences(comment: str | None) -> list[str]:
    return [line for line in (comment or "").splitlines() if line.strip()]


def compare(old: Marks | None, new: Marks, student: str) -> StudentChange:
    """How the new marks of a student differ from the old ones, exercise by exercise."""
    before = old or Marks()
    found = []
    for name in dict.fromkeys([*new.auto, *new.said]):
        exercise = name.removesuffix(CHECK)
        if exercise != name and exercise in new.said:
            answer = exercise  # the sentences about an exercise stand at its answer cell
        elif name in new.said and name + CHECK in new.auto:
            continue
        else:
            answer = name
        scores = before.auto.get(name), new.auto.get(name)
        was, now = _sentences(before.said.get(answer)), _sentences(new.said.get(answer))
        look_again = name in new.waiting and name not in before.waiting
        first = old is None and name in new.auto
        if not (first or scores[0] != scores[1] or was != now or (look_again and old)):
            continue
        found.append(
            Change(
                answer,
                *scores,
                before.manual.get(name),
                tuple(says for says in was if says not in now),
                tuple(says for says in now if says not in was),
                look_again,
            )
        )
    total = None if old is None else round(old.total, 6)
    penalties = before.penalty or 0.0, new.penalty or 0.0
    return StudentChange(student, total, round(new.total, 6), *penalties, tuple(found))


def preview(request: Request) -> Preview:
    """Grade as `grade.grade` would, with the same errors, and write nothing."""
    start = time.perf_counter()
    course = request.course
    if not (course.folder / "secret").exists():
        course = copy.copy(course)
        course.secret = secrets.token_hex(16)  # for this once: keeping one would be writing
    request = dataclasses.replace(request, course=course, create=True)
    found, rows = [], []
    with grade.session(request, read_only=True) as now:
        rows += now.rows()
        for student, penalty in now.plan.late.items():
            kept = now.marks[student]
            found.append(compare(kept, dataclasses.replace(kept, penalty=penalty), student))
        for student, result in now.results:
            if isinstance(result, pool.Failed):
                rows.append(grade.failed(student, result))
                continue
            old = now.marks.get(student)
            new = regraded(now.structure, student, old, now.grading(student, result), now.late)
            found.append(compare(old, new, student))
    found.sort(key=lambda one: one.student)
    seconds = time.perf_counter() - start
    most, rows = now.structure.max_score, sorted(rows)
    tried = request.topic, most, tuple(rows), seconds, request.unsafe
    return Preview(*tried, students=tuple(found))
