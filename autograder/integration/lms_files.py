"""Whose is a file, by the names that Moodle, Canvas and Blackboard give what they download?

`nbgrader zip_collect` asks for every file that it has unpacked:

- Moodle: a folder, or the beginning of the file's name,
  `Ada Lovelace_1234567_assignsubmission_file_`, with the student's name and a number;
- Canvas: `lovelaceada_LATE_12345_678901_lpc-1.ipynb`, the student, `LATE` where it was, the
  student's number, the file's, and `-1` where it was handed in again;
- Blackboard: `lpc_ada12_attempt_2026-11-01-12-34-56_lpc.ipynb`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from nbgrader.plugins import FileNameCollectorPlugin
from traitlets import Unicode

from autograder.submission.collect import parse_utc, safe_name, shown

MOODLE = re.compile(
    r"(?P<student>.+)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<file>.*))?"
)
CANVAS = re.compile(r"(?P<student>[^_]+)_(?:LATE_)?(?P<number>\d+)_\d+_(?P<file>.+)", re.I)
BLACKBOARD = re.compile(
    r".*_(?P<student>[^_]+)_attempt_(?P<day>\d{4}-\d\d-\d\d)-(?P<time>\d\d-\d\d-\d\d)"
    r"(?:_(?P<file>.+))?"
)
AGAIN = re.compile(r"(?:-\d+| ?\(\d+\))(?=\.ipynb$)", re.I)  # a second try: Canvas, a browser


@dataclass(frozen=True)
class File:
    """What a file's name tells: student, file, the system's number of the student, time."""

    student: str
    name: str
    number: str = ""
    time: str = ""


def _told(part: str) -> dict[str, str | None] | None:
    """What one part of a path tells, if one of the three systems wrote it; else None."""
    found = (pattern.fullmatch(part) for pattern in (MOODLE, BLACKBOARD, CANVAS))
    return next((match.groupdict() for match in found if match), None)


def whose(path: str, topic: str) -> File | None:
    """Whose notebook this is; None where no name tells, and for what is no notebook, or hidden.

    `path` is relative to the folder that was unpacked into. The outermost name that one of the
    systems wrote decides: what is below is the student's.
    """
    parts = PurePath(path).parts
    if any(part.startswith((".", "__MACOSX")) for part in parts):
        return None
    told = next(filter(None, map(_told, parts)), None)
    if told is None or not parts[-1].lower().endswith(".ipynb"):
        return None
    own = told["file"] if _told(parts[-1]) == told else parts[-1]
    name = AGAIN.sub("", own or parts[-1])
    name = f"{topic}.ipynb" if name.lower() == f"{topic}.ipynb" else name
    time = f"{told['day']} {told['time'].replace('-', ':')}" if told.get("day") else ""
    student = told["student"].strip().replace("'", "\u2019")  # an id has no straight apostrophe
    return File(student, name, told.get("number") or "", time)


class Collector(FileNameCollectorPlugin):
    """nbgrader's plugin that tells the student and the file of each file that was unpacked."""

    zone = Unicode(
        "UTC", help="The time zone of the times in Blackboard's file names, e.g. Europe/Berlin."
    ).tag(config=True)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._numbers: dict[str, str] = {}  # by student
        self._names: set[tuple[str, str]] = set()

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """What `whose` tells; a `named_regexp` of the course's own is asked in its place."""
        if self.named_regexp:
            return super().collect(submitted_file)
        app = self.parent
        path = PurePath(submitted_file)
        topic = app.coursedir.assignment_id
        root = app._format_collect_path(app.extracted_directory)
        found = whose(str(path.relative_to(root)), topic)
        if found is None or (why := self._trouble(found)):
            if path.suffix.lower() == ".ipynb" and not path.name.startswith("."):
                why = "its name tells no student" if found is None else why
                self.log.warning("Not collected: %s: %s", submitted_file, why)
            return None
        name = found.name
        if not found.time and (found.student, name) in self._names:
            name = path.name  # two files of one name; nbgrader would stop
        self._names.add((found.student, name))
        info = {"student_id": found.student, "file_id": name}
        return info | ({"timestamp": self._utc(found.time)} if found.time else {})

    def _trouble(self, found: File) -> str:
        """Why the file cannot be collected for the student that it names, in words; or ""."""
        if not safe_name(found.student):
            return f"{shown(found.student)!r} cannot be a student's id"
        if self._numbers.setdefault(found.student, found.number) != found.number:
            return (
                f"two students have the name {shown(found.student)!r}: put the notebooks of both "
                "into folders of their own by hand"
            )
        return ""

    def _utc(self, time: str) -> str:
        try:
            return parse_utc(f"{time} {self.zone}").isoformat(" ")
        except ValueError as error:
            self.parent.fail(f"c.Collector.zone is {self.zone!r}, or a time is none: {error}")
