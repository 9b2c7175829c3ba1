"""Where submissions are run and judged: results for a plan, from the processes of this machine.

`locally` takes the work and the students and gives the results as they come, as does
`dask_client.remotely`. Nothing here touches the gradebook or writes a file.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograder.batch import pool
from autograder.course.course import Course
from autograder.course.limits import Notebook
from autograder.judging import diagnose
from autograder.submission import collect
from autograder.submission.assignment import Assignment

if TYPE_CHECKING:
    from autograder.batch.prestart import Standby
    from autograder.submission.assess import Assessor

Results = Iterator[tuple[str, Any]]  # (student, assessment or `pool.Failed`)


@dataclass(frozen=True)
class Work:
    """What graders must know. `exercises` is called late, as it imports what takes time."""

    course: Course
    assignment: Assignment
    exercises: Callable[[], tuple[Any, ...]]
    key: str
    preload: Sequence[str]
    unsafe: bool = False
    limits: Notebook = field(default_factory=Notebook)


@dataclass(frozen=True)
class _Boxes:
    """Gives each worker its box, by number, and tells whether a shared box has started."""

    of: Callable[[int], AbstractContextManager[Any]]
    started: Callable[[], bool]


@contextlib.contextmanager
def _boxes(work: Work, workers: int, standby: Standby | None) -> Iterator[_Boxes]:
    """A lane for each worker into one shared box, so that modules are imported once.

    A worker that takes the place of one that died gets a box of its own; so does every worker
    where there is no sandbox to keep them apart.
    """
    from autograder.sandbox.outside.box import Box

    early = None
    if standby is not None and not work.unsafe:
        early = standby.take(work.preload, max(workers, 1))
    if work.unsafe or (workers == 0 and early is None):
        yield _Boxes(lambda number: Box(preload=work.preload, unsafe=work.unsafe), lambda: True)
        return
    with early or Box(preload=work.preload, lanes=workers) as shared:

        def lane(number: int) -> AbstractContextManager[Any]:
            mine = number < len(shared.lanes)
            return contextlib.closing(shared.lanes[number]) if mine else Box(preload=work.preload)

        yield _Boxes(lane, shared.started)


def assessor(work: Work, box: Any) -> Assessor:
    """The assessor that grades submissions of the work in the box."""
    from autograder.sandbox.inside import deferred
    from autograder.submission.assess import Assessor  # while the box imports what notebooks need

    with deferred.spared(deferred.FORTRAN):
        exercises = work.exercises()
    for exercise in exercises:
        diagnose.rehearsal(exercise)  # takes a while, once in a process and those that it forks
    secret, key = work.course.secret, work.key
    return Assessor(work.assignment, exercises, secret, box, key, work.unsafe, work.limits)


def locally(
    work: Work, students: Sequence[str], jobs: int | None = None, standby: Standby | None = None
) -> Results:
    """(student, assessment or `pool.Failed`) for everyone, from `jobs` processes at a time."""
    if not students:
        return
    from autograder.sandbox.outside.box import SandboxUnavailable

    workers, topic = pool.width(len(students), jobs), work.assignment.topic
    with _boxes(work, workers, standby) as boxes:
        made = assessor(work, None)  # imported and made once here, not again in every fork
        made.draw_ahead(students, boxes.started)

        @contextlib.contextmanager
        def start(number: int) -> Iterator[Callable[[str], Any]]:
            with boxes.of(number) as box:
                mine = dataclasses.replace(made, box=box)
                yield lambda who: mine.assess(collect.collect(work.course, who, topic))

        yield from pool.spread(start, students, workers, fatal=SandboxUnavailable)
