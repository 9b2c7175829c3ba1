"""The batch: every submission of a topic, from the folder to the gradebook.

Workers read, run and judge; this process alone writes. A result is first a notebook on the disk,
then rows in the gradebook, in one transaction, then that notebook in its place, by one rename.
Kill the batch at any moment, start it again, and it goes on with what is not complete; nothing
that was on the disk is graded a second time.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.batch import plan as plans
from autograder.batch import pool, processes
from autograder.batch.plan import Plan
from autograder.batch.processes import Results, Work
from autograder.batch.request import Request
from autograder.batch.summary import Batch, Row, pointed_out
from autograder.course import atomic_files, limits
from autograder.gradebook import lateness, lock
from autograder.gradebook.gradebook import Gradebook, Marks, Structure
from autograder.gradebook.grades import Grading
from autograder.submission import collect
from autograder.submission.report import Report

if TYPE_CHECKING:
    from autograder.submission.assess import Assessment


@dataclass(frozen=True)
class Session:
    """A batch that is about to begin: what is known before anything is run."""

    gradebook: Gradebook
    structure: Structure
    marks: dict[str, Marks]
    plan: Plan
    late: lateness.Rule
    results: Results  # as they come

    def grading(self, student: str, result: Assessment) -> Grading:
        """What the gradebook is to be given of a result."""
        report, unchanged = result.report, student in self.plan.unchanged
        return Grading(result.timestamp, report.grades, report.comments, unchanged)

    def rows(self) -> list[Row]:
        """The rows of submissions that are not graded now: kept from before, absent, refused."""
        kept = self.plan.kept.items()
        return self.plan.rows + [
            _row(student, self.structure, self.marks[student], report, "kept")
            for student, report in kept
        ]


@contextlib.contextmanager
def session(request: Request, read_only: bool = False) -> Iterator[Session]:
    """Open the gradebook, and see what is to be done; with `read_only` nothing is written."""
    course, topic = request.course, request.topic
    with contextlib.ExitStack() as stack:
        gradebook = stack.enter_context(Gradebook(course.db_url, read_only))
        structure = gradebook.structure(topic)
        if not read_only:
            stack.enter_context(lock.alone(course, topic, gradebook.db))
        assignment = plans.assignment_of(course, topic, structure)
        marks = gradebook.marks(structure)
        notebook = limits.of_notebook(course, topic)
        settings = course.setting("Autograder", "limits", {})
        key = plans.grading_key(course, assignment, request.unsafe, settings)
        plan = plans.plan(request, assignment, marks, key)
        if not request.create:
            plans.refuse_unknown(plan, gradebook.students())
        rule = lateness.Rule(course)
        kept = {student: marks[student] for student in plan.kept}
        plan.late = lateness.changed(structure, kept, rule)
        gradebook.db.settle()
        exercises = functools.cache(
            lambda: limits.applied(course, topic, plans.declared(course, topic))
        )
        work = Work(course, assignment, exercises, key, plan.preload, request.unsafe, notebook)
        results = _results(request, work, plan.pending)
        stack.enter_context(contextlib.closing(results))
        shown = _shown(results, len(plan.pending), request)
        yield Session(gradebook, structure, marks, plan, rule, itertools.chain(_ready(plan), shown))


def _results(request: Request, work: Work, students: Sequence[str]) -> Results:
    """The results, from this machine's processes or from the cluster that is asked for."""
    scheduler, standby = request.scheduler, request.standby
    if scheduler is None:
        scheduler = work.course.setting("Autograder", "scheduler")
    if not scheduler:
        return processes.locally(work, students, request.jobs, standby)
    from autograder.batch import dask_client

    if standby is not None:
        standby.close()
    return dask_client.remotely(work, students, scheduler)


def _ready(plan: Plan) -> Results:
    """The results of an earlier batch that was stopped before it had written all of them."""
    if plan.ready:
        from autograder.submission.assess import Assessment

        for student, (path, timestamp) in plan.ready.items():
            yield student, Assessment.of(path.read_text(), timestamp)


def grade(request: Request) -> Batch:
    """Grade the submissions of a topic and write the scores into the gradebook.

    Raises `CourseError` where the assignment was never released or something cannot be written,
    and `SandboxUnavailable` where the sandbox cannot be set up.
    """
    start = time.perf_counter()
    with session(request) as now:
        if now.plan.late:
            now.gradebook.penalise(now.structure, now.plan.late)
            for student, penalty in now.plan.late.items():
                now.marks[student].penalty = penalty
        rows = now.rows()
        for student, result in now.results:
            if isinstance(result, pool.Failed):
                rows.append(failed(student, result))
            else:
                rows.append(_written(request, now, student, result))
    rows, seconds = pointed_out(sorted(rows)), time.perf_counter() - start
    return Batch(request.topic, now.structure.max_score, tuple(rows), seconds, request.unsafe)


def failed(student: str, result: pool.Failed) -> Row:
    """The row of a submission that the grader could not grade."""
    says = (f"Not graded, through a fault of the grader's: {result.says}.",)
    return Row(student, state="failed", says=says)


def _written(request: Request, now: Session, student: str, result: Assessment) -> Row:
    """Write one result: to the disk, then to the gradebook, then into its place, in this order."""
    course, topic = request.course, request.topic
    path = course.path("autograded", student, topic) / f"{now.structure.notebook}.ipynb"
    atomic_files.stage(path, result.text)
    marks = now.gradebook.write(now.structure, student, now.grading(student, result), now.late)
    mode = 0o664 if course.setting("CourseDirectory", "groupshared") else 0o444
    secret = collect.secret(course, student, topic)
    atomic_files.copy_beside(path.parent, collect.SECRET, secret, mode)
    atomic_files.commit(path, result.timestamp, mode)
    return _row(student, now.structure, marks, result.report, "graded")


def _shown(results: Results, total: int, request: Request) -> Results:
    """The results as they come, with a progress bar where the request wants one."""
    if not request.progress or total == 0:
        return results
    from tqdm import tqdm

    class Bar(tqdm):
        monitor_interval = 0  # its watching thread would keep the workers from being forked

    return Bar(
        results, total=total, desc=f"grading {request.topic}", unit="submission", leave=False
    )


def _row(student: str, structure: Structure, marks: Marks, report: Report, state: str) -> Row:
    """A line of the summary, from the report of this grading or of an earlier one."""
    return Row(
        student,
        round(marks.total, 6),
        structure.max_score,
        report.points,
        report.says,
        report.seconds,
        state,
        bool(marks.waiting),
        marks.penalty or 0.0,
        unread=not report.ran,
    )
