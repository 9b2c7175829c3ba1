"""Files that are written whole or not at all, and staged until the gradebook has their scores."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from autograder.course.course import CourseError

AGAIN = "then run the same command again: what was graded is kept, and it goes on from there"


def of_disk(error: OSError, path: object) -> str:
    """The error that says that a file of the course could not be written, and what to do."""
    why = error.strerror or str(error)
    return f"{path} could not be written ({why}): make room or make it writable, {AGAIN}"


def ready(path: Path) -> Path:
    """Where a notebook waits until the gradebook has its scores."""
    return path.with_name(f".{path.name}.ready")


def stage(path: Path, text: str) -> None:
    """Write the notebook beside its place, whole and on the disk, before its scores are written.

    If the batch is killed or stopped after this, the next batch does not grade the submission
    again: it finds the notebook and goes on with writing the scores.
    """
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        for scratch in path.parent.glob(".*.[0-9]*"):  # of a run that was killed
            scratch.unlink()
    replace(ready(path), text)


def commit(path: Path, timestamp: datetime | None, mode: int = 0o444) -> None:
    """Move the staged notebook into its place, once the gradebook holds its scores."""
    stamp = path.with_name("timestamp.txt")
    if timestamp is not None:
        replace(stamp, timestamp.isoformat(" ") + " UTC\n", mode)
    with writing(path):
        if timestamp is None:
            stamp.unlink(missing_ok=True)
        ready(path).chmod(mode)
        os.replace(ready(path), path)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """In the body, turn errors of the disk (full, read-only) into a `CourseError`."""
    try:
        yield
    except OSError as error:
        raise CourseError(of_disk(error, path)) from error


def copy_beside(folder: Path, name: str, text: str, mode: int = 0o444) -> None:
    """Keep a small text in a file beside the notebook; for an empty text, remove that file."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if not text:
            (folder / name).unlink(missing_ok=True)
    if text:
        replace(folder / name, text, mode)


def replace(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file under another name and move it into place; raises `CourseError`."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    with writing(path):
        try:
            with contextlib.suppress(FileNotFoundError):
                scratch.unlink()
            with open(scratch, "x", encoding="utf-8", errors="replace") as file:
                file.write(text)
            scratch.chmod(mode)
            os.replace(scratch, path)
        except OSError:
            with contextlib.suppress(OSError):
                scratch.unlink(missing_ok=True)
            raise
