"""Where submissions are run and judged: results for a plan, from the processes of this machine.

`locally` takes the work and the students and gives their results as they come. Whatever else
does so may stand in its place; nothing here touches the gradebook or writes a file.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograder import pool, submission
from autograder.course import Course
from autograder.released import Assignment

if TYPE_CHECKING:
    from autograder.assess import Assessor

Results = Iterator[tuple[str, Any]]  # (student, assessment or `pool.Failed`)


@dataclass(frozen=True)
class Work:
    """What whoever grades must know. `exercises` is called late: it imports what takes time."""

    course: Course
    assignment: Assignment
    exercises: Callable[[], tuple[Any, ...]]
    key: str
    preload: Sequence[str]
    unsafe: bool = False


@contextlib.contextmanager
def _boxes(work: Work, workers: int) -> Iterator[Callable[[int], AbstractContextManager[Any]]]:
    """Where each worker gets its box: a lane into one that they share, so that it imports once.

    A worker that takes the place of one that died gets a box of its own; so does every worker
    where there is no sandbox to keep them apart.
    """
    from autograder.runner.box import Box

    if work.unsafe or workers == 0:
        yield lambda number: Box(preload=work.preload, unsafe=work.unsafe)
        return
    with Box(preload=work.preload, lanes=workers) as shared:
        yield (
            lambda number: (
                contextlib.closing(shared.lanes[number])
                if number < workers
                else Box(preload=work.preload)
            )
        )


def assessor(work: Work, box: Any) -> Assessor:
    """Who grades submissions in the box."""
    from autograder.assess import Assessor  # while the box imports what notebooks need

    return Assessor(
        work.assignment, work.exercises(), work.course.secret, box, work.key, work.unsafe
    )


def grader(work: Work, box: Any) -> Callable[[str], Any]:
    """The function that grades one student's submission in the box."""
    made, topic = assessor(work, box), work.assignment.topic
    return lambda student: made.assess(submission.collect(work.course, student, topic))


def locally(work: Work, students: Sequence[str], jobs: int | None = None) -> Results:
    """(student, assessment or `pool.Failed`) for everyone, from `jobs` processes at a time."""
    if not students:
        return
    from autograder.runner.box import SandboxUnavailable

    workers = pool.width(len(students), jobs)
    with _boxes(work, workers) as boxes:
        grader(work, None)  # imported and made once here, not again in every fork

        @contextlib.contextmanager
        def start(number: int) -> Iterator[Callable[[str], Any]]:
            with boxes(number) as box:
                yield grader(work, box)

        yield from pool.spread(start, students, workers, fatal=SandboxUnavailable)
