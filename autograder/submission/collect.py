"""What a student handed in, as bytes: opened without following links, read within limits.

Nothing in a submission's folder is trusted, names included. Whatever is wrong becomes a
sentence; nothing is copied and nothing is run here.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from autograder.course.course import Course

MAX_BYTES = 20 * 2**20
MAX_FILES = 1000
YEARS = range(1970, 3000)  # in which one can hand in; others cannot be shown everywhere
# Names only: dateutil would open what looks like a path, here and anywhere else.
_ZONE = re.compile(r"[A-Za-z][\w+-]*(?:/[\w+-]+)*", re.ASCII)
_FIRST = ".- =\uff1d"  # hidden, an option, a formula in whatever spreadsheet
SECRET = "submission_secret.txt"  # what nbgrader's exchange names a feedback file after
IGNORED = ("timestamp.txt", SECRET, "feedback", ".ipynb_checkpoints")
IGNORED += (".DS_Store", "Thumbs.db", "__MACOSX")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


@dataclass(frozen=True)
class Handed:
    """One submission as it lies there: the notebook's bytes (None if there is none to read)."""

    student: str
    data: bytes | None = None
    timestamp: datetime | None = None
    says: tuple[str, ...] = ()
    exists: bool = True
    name: str = ""  # of the notebook, as it may be shown

    @property
    def digest(self) -> str:
        """Changes when the submission changes."""
        head = repr((self.student, self.timestamp, self.says)).encode()
        return hashlib.sha256(head + b"\0" + (self.data or b"")).hexdigest()


def safe_name(name: str) -> bool:
    """May this be a student's id? It becomes a folder's name and is shown on web pages."""
    plain = name.isprintable() and not set(name) & set("/\\*?[]{}<>\"'`$&|;!~#%,:")
    return plain and 0 < len(name.encode("utf-8", "replace")) <= 120 and name[0] not in _FIRST


def shown(name: str) -> str:
    """A name for a sentence: control characters and odd bytes written out, cut if long."""
    return ascii(name)[1:-1][:80]


def folders(course: Course, topic: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The students with a folder, sorted; and (name, sentence) for folders that cannot be one's."""
    root, _ = course.around_student("submitted", topic)
    students, refused = [], []
    try:
        entries = sorted(os.scandir(root), key=lambda entry: entry.name)
    except FileNotFoundError:
        return [], []
    for entry in entries:
        if entry.name.startswith(".") or entry.name in IGNORED:
            continue
        if entry.is_symlink():
            refused.append(
                (shown(entry.name), "this is a link, not a folder; links are not followed")
            )
        elif not entry.is_dir(follow_symlinks=False):
            continue
        elif not safe_name(entry.name):
            says = "this folder's name cannot be a student's id (use letters, digits, . _ - @ +)"
            refused.append((shown(entry.name), says))
        else:
            students.append(entry.name)
    return students, refused


@contextlib.contextmanager
def _opened(name: str | Path, flags: int, parent: int | None = None) -> Iterator[int]:
    fd = os.open(name, flags, dir_fd=parent)
    try:
        yield fd
    finally:
        os.close(fd)


@contextlib.contextmanager
def _folder(course: Course, student: str, topic: str) -> Iterator[int]:
    """The submission's folder; every component from the student's on must be a true folder."""
    root, below = course.around_student("submitted", topic)
    with contextlib.ExitStack() as stack:
        fd = stack.enter_context(_opened(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        for name in (student, *Path(below).parts):
            fd = stack.enter_context(_opened(name, _FOLDER, fd))
        yield fd


def _own(info: os.stat_result, folder: os.stat_result) -> bool:
    """Is this file the student's own, and not another's under a second name?

    A second name costs nothing where the file belongs to the user whose folder this is, and that
    is not the grader: else whoever links to another's notebook would take that one's grade away.
    """
    return info.st_nlink == 1 or (info.st_uid == folder.st_uid and info.st_uid != os.geteuid())


def _kind(entry: os.DirEntry, folder: os.stat_result) -> str:
    """ "" for a regular file of its own; else what it is, in words."""
    info = entry.stat(follow_symlinks=False)
    if stat.S_ISREG(info.st_mode):
        return "" if _own(info, folder) else "a hard link to a file elsewhere"
    if stat.S_ISLNK(info.st_mode):
        return "a link"
    return "a folder" if stat.S_ISDIR(info.st_mode) else "a device or a pipe"


def _listed(fd: int) -> tuple[list[str], list[str]]:
    """(names of the regular files, sentences about what is not one)."""
    names, says, folder = [], [], os.fstat(fd)
    with os.scandir(fd) as entries:
        for count, entry in enumerate(entries):
            if count >= MAX_FILES:
                says.append(
                    f"The folder holds more than {MAX_FILES} files; the rest were not looked at."
                )
                break
            kind = _kind(entry, folder)
            if not kind:
                names.append(entry.name)
            elif kind != "a folder":
                says.append(f"`{shown(entry.name)}` is {kind} and was not opened.")
    return sorted(names), sorted(says)


def _chosen(names: list[str], topic: str) -> tuple[str | None, list[str]]:
    """The file to grade, and what to say of the choice."""
    wanted, notebooks = f"{topic}.ipynb", [n for n in names if n.lower().endswith(".ipynb")]
    others = [n for n in names if n not in notebooks and n not in IGNORED]
    says = []
    if others:
        some = ", ".join(shown(n) for n in others[:5]) + (" and more" if len(others) > 5 else "")
        says.append(f"Only the notebook is graded; these files were not read: {some}.")
    if wanted in notebooks:
        if len(notebooks) > 1:
            says.append(f"There are {len(notebooks)} notebooks; only `{wanted}` was graded.")
        return wanted, says
    if len(notebooks) == 1:
        says.append(f"`{shown(notebooks[0])}` was taken, though it should be named `{wanted}`.")
        return notebooks[0], says
    if notebooks:
        says.append(
            f"None of the {len(notebooks)} notebooks is named `{wanted}`: nothing was graded."
        )
    else:
        says.append(f"No notebook was handed in: `{wanted}` is missing.")
    return None, says


def _bytes(name: str, parent: int, limit: int) -> tuple[bytes, int]:
    """Up to `limit` bytes of a regular file, and its size."""
    with _opened(name, _FILE, parent) as fd:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode) or not _own(info, os.fstat(parent)):
            raise OSError("not a regular file of its own")
        if info.st_size > limit:
            return b"", info.st_size
        with os.fdopen(os.dup(fd), "rb") as file:
            return file.read(limit), info.st_size


def _timestamp(names: list[str], fd: int) -> tuple[datetime | None, list[str]]:
    """When it was handed in, from nbgrader's timestamp.txt: UTC, without a zone as there."""
    if "timestamp.txt" not in names:
        return None, []
    try:
        text = _bytes("timestamp.txt", fd, 200)[0].decode().strip()
        when = parse_utc(text) if text else None
        if when is None or when.year in YEARS:
            return when, []
    except Exception:  # dateutil lets through whatever it stumbles over
        pass
    return None, ["timestamp.txt could not be read, so the time of handing in is not known."]


def parse_utc(text: str) -> datetime:
    """A time as nbgrader reads it ("2015-02-02 15:58:23.948203 UTC"): naive, in UTC.

    Raises ValueError for text that is not a time.
    """
    from dateutil import parser, tz

    parts = text.split()
    if len(parts) == 3:
        if parts[2].lstrip("+-").isdigit():
            zone = int(parts[2])
        elif _ZONE.fullmatch(parts[2]):
            zone = tz.gettz(parts[2])
        else:
            raise ValueError("not the name of a time zone")
        when = parser.parse(" ".join([*parts[:2], "TZ"]), tzinfos={"TZ": zone})
    else:
        when = parser.parse(text)
    return when.astimezone(UTC).replace(tzinfo=None) if when.tzinfo else when


def secret(course: Course, student: str, topic: str) -> str:
    """What nbgrader's exchange put beside the submission to find its feedback by; "" if nothing."""
    with contextlib.suppress(OSError, UnicodeDecodeError), _folder(course, student, topic) as fd:
        text = _bytes(SECRET, fd, 1000)[0].decode("ascii").strip()
        return text if text.isalnum() else ""
    return ""


def collect(course: Course, student: str, topic: str) -> Handed:
    """Read one submission. Never raises for anything that lies in the student's folder."""
    try:
        with _folder(course, student, topic) as fd:
            names, says = _listed(fd)
            name, more = _chosen(names, topic)
            timestamp, late = _timestamp(names, fd)
            says += more + late
            if name is None:
                return Handed(student, None, timestamp, tuple(says))
            data, size = _bytes(name, fd, MAX_BYTES)
            if size > MAX_BYTES:
                says.append(
                    f"The notebook is {size / 2**20:.0f} MiB and was not read; the limit is "
                    f"{MAX_BYTES // 2**20} MiB. Clear its outputs and hand it in again."
                )
                return Handed(student, None, timestamp, tuple(says))
            return Handed(student, data, timestamp, tuple(says), name=shown(name))
    except FileNotFoundError:
        return Handed(student, says=("Nothing was handed in.",), exists=False)
    except OSError as error:
        return Handed(
            student, says=(f"The submission could not be opened: {error.strerror or error}.",)
        )
