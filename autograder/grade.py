"""The batch: every submission of a topic, from the folder to the gradebook.

Workers read, run and judge; this process alone writes. A submission's rows are one transaction
and its notebook one rename, which comes last: kill the batch at any moment, start it again, and
it goes on with what is not complete.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from autograder import autograded, lock, pool, submission
from autograder import plan as plans
from autograder.course import Course
from autograder.gradebook import Gradebook, Marks, Structure
from autograder.plan import Plan
from autograder.released import Assignment
from autograder.summary import Batch, Row


def declared(topic: str) -> tuple[Any, ...]:
    """The topic's exercises; none for an assignment of the instructor's own."""
    from autograder.exercise import exercises, topics

    return exercises(topic) if topic in topics() else ()


def late(course: Course, student: str) -> Callable[[float, float], float | None]:
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
    course: Course, assignment: Assignment, plan: Plan, key: str, jobs: int | None, unsafe: bool
) -> Iterator[tuple[str, Any]]:
    """(student, assessment or `pool.Failed`) for everyone who is to be graded."""
    if not plan.pending:
        return
    from autograder.runner.box import SandboxUnavailable

    workers = pool.width(len(plan.pending), jobs)
    with _boxes(plan.preload, workers, unsafe) as boxes:
        from autograder.assess import Assessor  # while the box imports what notebooks need

        exercises, secret = declared(assignment.topic), course.secret

        @contextlib.contextmanager
        def start(number: int) -> Iterator[Callable[[str], Any]]:
            with boxes(number) as box:
                assessor = Assessor(assignment, exercises, secret, box, key, unsafe)
                yield lambda student: assessor.assess(
                    submission.collect(course, student, assignment.topic)
                )

        yield from pool.spread(start, plan.pending, workers, fatal=SandboxUnavailable)


@dataclass(frozen=True)
class Session:
    """A batch that is about to begin: what is known before anything is run."""

    gradebook: Gradebook
    structure: Structure
    marks: dict[str, Marks]
    plan: Plan
    results: Iterator[tuple[str, Any]]  # (student, assessment or `pool.Failed`), as they come

    def rows(self) -> list[Row]:
        """Those that are decided: kept from before, absent, refused."""
        kept = self.plan.kept.items()
        return self.plan.rows + [
            _row(student, self.structure, self.marks[student], report, "kept")
            for student, report in kept
        ]


@contextlib.contextmanager
def session(
    course: Course,
    topic: str,
    students: Sequence[str] | None = None,
    jobs: int | None = None,
    force: bool = False,
    unsafe: bool = False,
    progress: bool = True,
    create: bool = True,
    read_only: bool = False,
) -> Iterator[Session]:
    """Open the gradebook and see what is to be done; the parameters are those of `grade`."""
    with contextlib.ExitStack() as stack:
        gradebook = stack.enter_context(Gradebook(course.db_url, read_only))
        structure = gradebook.structure(topic)
        stack.enter_context(contextlib.nullcontext() if read_only else lock.alone(course, topic))
        assignment = plans.assignment_of(course, topic, structure)
        marks = gradebook.marks(structure)
        key = plans.grading_key(assignment, unsafe)
        plan = plans.plan(course, assignment, marks, key, students, force)
        if not create:
            plans.refuse_unknown(plan, gradebook.students())
        gradebook.db.settle()
        results = _graded(course, assignment, plan, key, jobs, unsafe)
        stack.enter_context(contextlib.closing(results))
        shown = _shown(results, len(plan.pending), topic, progress)
        yield Session(gradebook, structure, marks, plan, shown)


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

    Raises `CourseError` where the assignment was never released or something cannot be written,
    and `SandboxUnavailable` where the sandbox cannot be set up.
    """
    start = time.perf_counter()
    with session(course, topic, students, jobs, force, unsafe, progress, create) as now:
        rows = now.rows()
        for student, result in now.results:
            if isinstance(result, pool.Failed):
                rows.append(failed(student, result))
            else:
                rows.append(_written(course, topic, now, student, result))
    return Batch(
        topic, now.structure.max_score, tuple(sorted(rows)), time.perf_counter() - start, unsafe
    )


def failed(student: str, result: pool.Failed) -> Row:
    """The row of a submission that the grader could not grade."""
    says = (f"Not graded, through a fault of the grader's: {result.says}.",)
    return Row(student, state="failed", says=says)


def _written(course: Course, topic: str, now: Session, student: str, result: Any) -> Row:
    """Put one result into the gradebook, then its notebook in place; that order is what counts."""
    marks = now.gradebook.write(
        now.structure,
        student,
        result.timestamp,
        result.grades,
        result.comments,
        late(course, student),
        student in now.plan.unchanged,
    )
    mode = 0o664 if course.setting("CourseDirectory", "groupshared") else 0o444
    folder, name = course.path("autograded", student, topic), f"{now.structure.notebook}.ipynb"
    autograded.write(folder, name, result.text, result.timestamp, mode)
    return _row(student, now.structure, marks, result, "graded")


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
        marks.penalty or 0.0,
    )
