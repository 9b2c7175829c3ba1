"""One batch of a topic at a time: a second would grade everything again beside the first."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator

from autograder.course.atomic_files import writing
from autograder.course.course import Course, CourseError
from autograder.gradebook.database import Database


@contextlib.contextmanager
def alone(course: Course, topic: str, database: Database) -> Iterator[None]:
    """Hold the topic's lock; raises `CourseError` where another process holds it.

    The system frees the lock when this process ends, however it ends, and workers that were
    forked from the process do not hold the lock: nothing has to be cleaned up after a kill. A
    file keeps out graders that share the course's folder, a server's lock those that share only
    the gradebook.
    """
    path = course.folder / f".{topic.replace(os.sep, '_')}.lock"
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open(path, "a+")
    with file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = database.claim(f"autograder grade {topic}")
        except BlockingIOError:
            mine = False
        if not mine:
            raise CourseError(
                f"another grader is at work on {topic}: wait until it is done, or end it and "
                "run this again"
            )
        yield
