"""What is asked of a batch: by a command, by nbgrader's door, or for a dry run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.course.course import Course

if TYPE_CHECKING:
    from autograder.batch.prestart import Standby


@dataclass(frozen=True)
class Request:
    """Which submissions to grade, and how.

    Parameters
    ----------
    course, topic : the assignment, which has been released.
    students : ids or patterns such as "a*"; None for all that have a folder.
    jobs : processes at a time; None for one a core.
    force : grade again what was graded and has not changed.
    unsafe : run student code without the sandbox; every score is marked.
    progress : show a progress bar.
    create : make gradebook entries for students who have none; else they are refused.
    scheduler : address of the Dask scheduler whose workers grade; None for what the course's
        configuration says (`c.Autograder.scheduler`), "" for this machine.
    standby : a box that was begun before the batch was asked for.
    """

    course: Course
    topic: str
    students: Sequence[str] | None = None
    jobs: int | None = None
    force: bool = False
    unsafe: bool = False
    progress: bool = True
    create: bool = True
    scheduler: str | None = None
    standby: Standby | None = None
