"""Who is to be graded, who is not, and why: what a batch knows before anything is run."""

from __future__ import annotations

import fnmatch
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.batch import fingerprint
from autograder.batch.request import Request
from autograder.batch.summary import Row
from autograder.course import atomic_files
from autograder.course.course import Course, CourseError
from autograder.gradebook.grades import Marks, Structure
from autograder.submission import autograded, collect
from autograder.submission.assignment import Assignment, Part, imports, texts
from autograder.submission.report import Report

# From here the fingerprint follows imports. The inner side of the box is started by a command,
# and each topic's checks by a composed name: no import leads to those.
DECIDE = (
    "autograder.submission.assess",
    "autograder.sandbox.outside.box",
    "autograder.sandbox.inside.forkserver",
    "autograder.sandbox.inside.child",
)


def assignment_of(course: Course, topic: str, structure: Structure) -> Assignment:
    """The released assignment, as the gradebook knows it."""
    path = course.path("release", ".", topic) / f"{structure.notebook}.ipynb"
    visible, known = texts(path)
    roles = {(cell.name, cell.type): cell.max_score for cell in structure.cells}
    parts = []
    for name in [*visible, *(n for n in structure.sources if n not in visible)]:
        if (row := structure.sources.get(name)) is None:
            continue
        grade, task = (name, "GradeCell") in roles, (name, "TaskCell") in roles
        parts.append(
            Part(
                name,
                row["cell_type"],
                row["source"] or "",
                locked=bool(row["locked"]),
                grade=grade,
                solution=(name, "SolutionCell") in roles,
                task=task,
                points=roles.get((name, "GradeCell" if grade else "TaskCell"), 0.0),
                checksum=row["checksum"] or "",
                released=visible.get(name),
            )
        )
    return Assignment(topic, structure.notebook, tuple(parts), known)


def declared(course: Course, topic: str) -> tuple[Any, ...]:
    """The topic's exercises; none for an assignment of the instructor's own."""
    return course.exercises(topic) if topic in course.topics() else ()


def decides(course: Course, topic: str) -> tuple[str, ...]:
    """The modules that a score of the topic depends on, with all that they import.

    An assignment of the instructor's own, which is no topic of the course, has no checks.
    """
    return (*DECIDE, f"{course.checks}.{topic}") if topic in course.topics() else DECIDE


def grading_key(course: Course, assignment: Assignment, unsafe: bool, limits: object) -> str:
    """A text that changes when the same submission could get another score: code, cells, limits.

    Raises `CourseError` where a module of that code is not there or cannot be read.
    """
    digest = hashlib.sha256(repr((assignment.parts, unsafe, limits)).encode())
    roots = decides(course, assignment.topic)
    try:
        digest.update(fingerprint.digest(roots, course.packages()).encode())
    except fingerprint.FingerprintError as error:
        raise CourseError(str(error)) from None
    return digest.hexdigest()[:16]


Ready = tuple[Path, datetime | None]  # the notebook, and when it was handed in


@dataclass
class Plan:
    """Who is to be graded, who is not, and why."""

    pending: list[str]
    kept: dict[str, Report]  # by student, of an earlier grading
    rows: list[Row]
    preload: list[str]
    unchanged: set[str] = field(default_factory=set)  # graded again, with nothing new handed in
    ready: dict[str, Ready] = field(default_factory=dict)  # graded, by a batch that was stopped
    late: dict[str, float | None] = field(default_factory=dict)  # kept, with another penalty


def _selected(students: list[str], wanted: Sequence[str] | None) -> tuple[list[str], list[str]]:
    """The students asked for, and the names asked for that nobody has."""
    if wanted is None:
        return students, []
    chosen = [s for s in students if any(s == w or fnmatch.fnmatchcase(s, w) for w in wanted)]
    missing = [w for w in wanted if not set(w) & set("*?[") and w not in students]
    return chosen, missing


def _complete(report: Report, marks: Marks | None) -> bool:
    """Does the gradebook hold what the notebook says was written there?"""
    return marks is not None and all(
        name in marks.auto and marks.auto[name] == score for name, score in report.grades.items()
    )


def plan(request: Request, assignment: Assignment, marks: dict[str, Marks], key: str) -> Plan:
    """Look at every submission and at what is there of an earlier grading.

    What was handed in, and graded by the same `key`, and stands in the gradebook, is kept. What
    was graded and is not known to stand there is only written.
    """
    course, wanted, force = request.course, request.students, request.force
    students, refused = collect.folders(course, assignment.topic)
    students, missing = _selected(students, wanted)
    made = Plan([], {}, [], [])
    if wanted is None:
        made.rows += [
            Row(name, state="refused", says=(f"Not graded: {why}.",)) for name, why in refused
        ]
    made.rows += [
        Row(collect.shown(name), state="absent", says=("Nothing was handed in.",), named=True)
        for name in missing
    ]
    modules, preload = set(imports(assignment.texts)), set(course.preload)
    for student in students:
        handed = collect.collect(course, student, assignment.topic)
        if not handed.exists:
            named = student in (wanted or ())
            made.rows.append(Row(student, state="absent", says=handed.says, named=named))
            continue
        path = course.path("autograded", student, assignment.topic) / f"{assignment.notebook}.ipynb"
        report, wanted_key = autograded.report_of(path), f"{handed.digest}-{key}"
        same = report is not None and report.key == wanted_key
        if same and not force and _complete(report, marks.get(student)):
            made.kept[student] = report
            continue
        if not force and report is not None and report.key.startswith(f"{handed.digest}-"):
            made.unchanged.add(student)
        left = atomic_files.ready(path)
        waiting = None if force else autograded.report_of(left)
        if waiting is not None and waiting.key == wanted_key:
            made.ready[student] = left, handed.timestamp
            continue
        made.pending.append(student)
        modules |= {name for name in preload if f"import {name}".encode() in (handed.data or b"")}
        if b"scipy.stats" in (handed.data or b"") or b"import stats" in (handed.data or b""):
            modules.add("scipy.stats")  # `scipy.signal` does without, see `sandbox.inside.deferred`
    made.preload = sorted(name for name in modules if name.partition(".")[0] in preload)
    return made


def refuse_unknown(plan: Plan, known: set[str]) -> None:
    """Without --create: students whom the gradebook does not know are not graded."""
    says = ("Not graded: no such student in the gradebook.",)
    unknown = {*plan.pending, *plan.ready} - known
    plan.rows += [Row(student, state="refused", says=says) for student in sorted(unknown)]
    plan.pending = [student for student in plan.pending if student in known]
    plan.ready = {student: left for student, left in plan.ready.items() if student in known}
