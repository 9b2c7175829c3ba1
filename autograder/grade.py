"""The batch: every submission of a topic, from the folder to the gradebook.

Workers read, run and judge; this process alone writes. A submission's rows are one transaction
and its notebook one rename, which comes last: kill the batch at any moment, start it again, and
it goes on with what is not complete.
"""

from __future__ import annotations

import contextlib
import fnmatch
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from autograder import autograded, limits, pool, released, submission
from autograder.course import Course
from autograder.exercise import ROOT
from autograder.gradebook import Gradebook, Marks, Structure
from autograder.limits import Notebook
from autograder.released import Assignment, Part
from autograder.summary import Batch, Row

PRELOAD = {"numpy", "scipy", "matplotlib", "librosa", "pandas"}


def assignment_of(course: Course, topic: str, structure: Structure) -> Assignment:
    """The released assignment, as the gradebook knows it."""
    path = course.path("release", ".", topic) / f"{structure.notebook}.ipynb"
    visible, texts = released.texts(path)
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
    return Assignment(topic, structure.notebook, tuple(parts), texts)


def grading_key(assignment: Assignment, unsafe: bool, *limits: Any) -> str:
    """Changes when the same submission could get another score: checks, reference, or cells."""
    topic = assignment.topic
    files = [ROOT / "autograder" / "reference" / f"{name}.py" for name in (topic, "inputs")]
    files += sorted((ROOT / "autograder" / "checks").glob(f"*{topic}*.py"))
    files += [ROOT / "autograder" / name for name in ("judge.py", "compare.py", "forbidden.py")]
    digest = hashlib.sha256(repr((assignment.parts, unsafe, *limits)).encode())
    for path in files:
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()[:16]


def declared(topic: str) -> tuple[Any, ...]:
    """The topic's exercises; none for an assignment of the instructor's own."""
    from autograder.exercise import exercises, topics

    return exercises(topic) if topic in topics() else ()


@dataclass
class _Plan:
    """Who is to be graded, who is not, and why."""

    pending: list[str]
    kept: dict[str, dict[str, Any]]  # student -> the report of an earlier grading
    rows: list[Row]
    preload: list[str]


def _selected(students: list[str], wanted: Sequence[str] | None) -> tuple[list[str], list[str]]:
    """The students asked for, and the names asked for that nobody has."""
    if wanted is None:
        return students, []
    chosen = [s for s in students if any(s == w or fnmatch.fnmatchcase(s, w) for w in wanted)]
    missing = [w for w in wanted if not set(w) & set("*?[") and w not in students]
    return chosen, missing


def _complete(report: dict[str, Any], marks: Marks | None) -> bool:
    """Does the gradebook hold what the notebook says was written there?"""
    grades = report.get("grades")
    return (
        marks is not None
        and isinstance(grades, dict)
        and all(name in marks.auto and marks.auto[name] == score for name, score in grades.items())
    )


def _plan(
    course: Course,
    assignment: Assignment,
    marks: dict[str, Marks],
    key: str,
    wanted: Sequence[str] | None,
    force: bool,
) -> _Plan:
    students, refused = submission.folders(course, assignment.topic)
    students, missing = _selected(students, wanted)
    plan = _Plan([], {}, [], [])
    if wanted is None:
        plan.rows += [
            Row(name, state="refused", says=(f"Not graded: {why}.",)) for name, why in refused
        ]
    plan.rows += [
        Row(submission.shown(name), state="absent", says=("Nothing was handed in.",))
        for name in missing
    ]
    modules = set(released.imports(assignment.texts))
    for student in students:
        handed = submission.collect(course, student, assignment.topic)
        if not handed.exists:
            plan.rows.append(Row(student, state="absent", says=handed.says))
            continue
        path = course.path("autograded", student, assignment.topic) / f"{assignment.notebook}.ipynb"
        report = (autograded.load(path) or {}).get("metadata", {}).get(autograded.REPORT, {})
        same = report.get("key") == f"{handed.digest}-{key}"
        if same and not force and _complete(report, marks.get(student)):
            plan.kept[student] = report
            continue
        plan.pending.append(student)
        modules |= {name for name in PRELOAD if f"import {name}".encode() in (handed.data or b"")}
    plan.preload = sorted(name for name in modules if name.partition(".")[0] in PRELOAD)
    return plan


def _late(course: Course, student: str) -> Callable[[float, float], float | None]:
    """nbgrader's own plug-in for late penalties, asked only if somebody is late."""

    def penalty(score: float, seconds: float) -> float | None:
        from nbgrader.preprocessors import AssignLatePenalties

        rule = AssignLatePenalties(config=course.config)
        rule.init_plugin()
        return rule.plugin_inst.late_submission_penalty(student, score, seconds)

    return penalty


@contextlib.contextmanager
def _boxes(
    preload: Sequence[str], workers: int, unsafe: bool
) -> Iterator[Callable[[int], AbstractContextManager[Any]]]:
    """Where each worker gets its box: a lane into one that they share, so that it imports once.

    A worker that takes the place of one that died gets a box of its own; so does every worker
    where there is no sandbox to keep them apart.
    """
    from autograder.runner.box import Box

    if unsafe or workers == 0:
        yield lambda number: Box(preload=preload, unsafe=unsafe)
        return
    with Box(preload=preload, lanes=workers) as shared:
        yield (
            lambda number: (
                contextlib.closing(shared.lanes[number])
                if number < workers
                else Box(preload=preload)
            )
        )


def _graded(
    course: Course,
    assignment: Assignment,
    plan: _Plan,
    key: str,
    jobs: int | None,
    unsafe: bool,
    notebook: Notebook,
) -> Iterator[tuple[str, Any]]:
    """(student, assessment or `pool.Failed`) for everyone who is to be graded."""
    if not plan.pending:
        return
    from autograder.runner.box import SandboxUnavailable

    workers = pool.width(len(plan.pending), jobs)
    with _boxes(plan.preload, workers, unsafe) as boxes:
        from autograder.assess import Assessor  # while the box imports what notebooks need

        topic, secret = assignment.topic, course.secret
        exercises = limits.applied(course, topic, declared(topic))

        @contextlib.contextmanager
        def start(number: int) -> Iterator[Callable[[str], Any]]:
            with boxes(number) as box:
                assessor = Assessor(assignment, exercises, secret, box, key, unsafe, notebook)
                yield lambda student: assessor.assess(
                    submission.collect(course, student, assignment.topic)
                )

        yield from pool.spread(start, plan.pending, workers, fatal=SandboxUnavailable)


def grade(
    course: Course,
    topic: str,
    students: Sequence[str] | None = None,
    jobs: int | None = None,
    force: bool = False,
    unsafe: bool = False,
    progress: bool = True,
    create: bool = True,
) -> Batch:
    """Grade the submissions of a topic and write the scores into the gradebook.

    Parameters
    ----------
    students : ids or patterns such as "a*"; None for all that have a folder.
    jobs : processes at a time; None for one a core.
    force : grade again what was graded and has not changed.
    unsafe : run student code without the sandbox; every score is marked.
    create : make gradebook entries for students who have none; else they are refused.

    Raises `CourseError` where the assignment was never released, and `SandboxUnavailable`
    where the sandbox cannot be set up.
    """
    start = time.perf_counter()
    with Gradebook(course.db_url) as gradebook:
        structure = gradebook.structure(topic)
        assignment = assignment_of(course, topic, structure)
        marks = gradebook.marks(structure)
        notebook = limits.of_notebook(course, topic)
        key = grading_key(assignment, unsafe, course.setting("Autograder", "limits", {}))
        plan = _plan(course, assignment, marks, key, students, force)
        if not create:
            _refuse_unknown(plan, gradebook.students())
        rows = plan.rows + [
            _row(student, structure, marks[student], report, "kept")
            for student, report in plan.kept.items()
        ]
        results = _graded(course, assignment, plan, key, jobs, unsafe, notebook)
        mode = 0o664 if course.setting("CourseDirectory", "groupshared") else 0o444
        for student, result in _shown(results, len(plan.pending), topic, progress):
            if isinstance(result, pool.Failed):
                says = (f"Not graded, through a fault of the grader's: {result.says}.",)
                rows.append(Row(student, state="failed", says=says))
                continue
            now = gradebook.write(
                structure,
                student,
                result.timestamp,
                result.grades,
                result.comments,
                _late(course, student),
            )
            folder = course.path("autograded", student, topic)
            name = f"{structure.notebook}.ipynb"
            autograded.write(folder, name, result.text, result.timestamp, mode)
            rows.append(_row(student, structure, now, result, "graded"))
    return Batch(
        topic, structure.max_score, tuple(sorted(rows)), time.perf_counter() - start, unsafe
    )


def _refuse_unknown(plan: _Plan, known: set[str]) -> None:
    """Without --create: students whom the gradebook does not know are not graded."""
    says = ("Not graded: no such student in the gradebook.",)
    plan.rows += [Row(s, state="refused", says=says) for s in plan.pending if s not in known]
    plan.pending = [s for s in plan.pending if s in known]


def _shown(
    results: Iterator[Any], total: int, topic: str, progress: bool
) -> Iterator[tuple[str, Any]]:
    if not progress or total == 0:
        return results
    from tqdm import tqdm

    class Bar(tqdm):
        monitor_interval = 0  # its watching thread would keep the workers from being forked

    return Bar(results, total=total, desc=f"grading {topic}", unit="submission", leave=False)


def _row(student: str, structure: Structure, marks: Marks, source: Any, state: str) -> Row:
    """A line of the summary, from an assessment or from the report of an earlier one."""
    if isinstance(source, dict):
        points = {v["exercise"]: (v["earned"], v["points"]) for v in source["exercises"]}
        says, seconds = tuple(source["says"]), source["seconds"]
    else:
        points, says, seconds = source.exercises, source.says, source.seconds
    return Row(
        student,
        round(marks.total, 6),
        structure.max_score,
        points,
        says,
        seconds,
        state,
        bool(marks.waiting),
        marks.penalty,
    )
