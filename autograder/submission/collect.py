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
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from autograder.course.course import Course
from autograder.course.limits import of_notebook

MAX_FILES = 1000
MAX_FOLDERS = 20  # in which a notebook is looked for
YEARS = range(1970, 3000)  # in which one can hand in; others cannot be shown everywhere
# Names only: dateutil would open what looks like a path, here and anywhere else.
_ZONE = re.compile(r"[A-Za-z][\w+-]*(?:/[\w+-]+)*", re.ASCII)
_UTC = {"UTC", "GMT", "Z", "utc", "z"}
_JOINERS = "\u200c\u200d"  # which some scripts cannot be written without
_FIRST = ".- =\uff1d"  # hidden, an option, a formula in whatever spreadsheet
SECRET = "submission_secret.txt"  # what nbgrader's exchange names a feedback file after
IGNORED = ("timestamp.txt", SECRET, "feedback", ".ipynb_checkpoints")
IGNORED += (".DS_Store", "Thumbs.db", "__MACOSX")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


@dataclass(frozen=True)
class Handed:
    """One submission as it was handed in: the notebook's bytes (None if there is none to read)."""

    student: str
    data: bytes | None = None
    timestamp: datetime | None = None
    says: tuple[str, ...] = ()
    exists: bool = True
    name: str = ""  # of the notebook, as it may be shown

    @property
    def digest(self) -> str:
        """A digest of the submission, which changes when the submission does."""
        head = repr((self.student, self.timestamp, self.says)).encode()
        return hashlib.sha256(head + b"\0" + (self.data or b"")).hexdigest()


def safe_name(name: str) -> bool:
    """May the name be a student's id, which becomes a folder's name and is shown on web pages?"""
    plain = name.isprintable() and not set(name) & set("/\\*?[]{}<>\"'`$&|;!~#%,:")
    return plain and 0 < len(name.encode("utf-8", "replace")) <= 120 and name[0] not in _FIRST


def shown(name: str) -> str:
    """A name for a sentence, in its own script, cut if long.

    Characters that cannot be seen (control characters, marks that change the direction, odd
    bytes) are written out.
    """
    return "".join(map(_visible, name[:80], f" {name}"))[:80]


def _visible(character: str, before: str) -> str:
    joins = character in _JOINERS and not before.isascii() and before.isprintable()
    seen = character.isprintable() and character != "\\"
    return character if joins or seen else ascii(character)[1:-1]


def folders(course: Course, topic: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The students with a folder, sorted; and (name, sentence) for folders of nobody."""
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

    A file with a second name (a hard link) is accepted if it belongs to the user who owns the
    folder, and that user is not the grader. Otherwise a student could hand in a link to the
    notebook of another.
    """
    return info.st_nlink == 1 or (info.st_uid == folder.st_uid and info.st_uid != os.geteuid())


def _kind(entry: os.DirEntry, folder: os.stat_result) -> str:
    """What the entry is, in words; "" for a regular file of the student's own."""
    info = entry.stat(follow_symlinks=False)
    if stat.S_ISREG(info.st_mode):
        return "" if _own(info, folder) else "a hard link to a file elsewhere"
    if stat.S_ISLNK(info.st_mode):
        return "a link"
    return "a folder" if stat.S_ISDIR(info.st_mode) else "a device or a pipe"


def _listed(fd: int) -> tuple[list[str], list[str], list[str]]:
    """(names of the regular files, names of the folders, sentences about what is neither)."""
    names, inside, says, folder = [], [], [], os.fstat(fd)
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
            elif kind == "a folder":
                inside.append(entry.name)
            else:
                says.append(f"`{shown(entry.name)}` is {kind} and was not opened.")
    return sorted(names), sorted(inside), sorted(says)


def _notebooks(names: list[str]) -> list[str]:
    """The names of notebooks: of files neither hidden nor kept by a program for itself.

    `._x.ipynb` is macOS's, `.~x.ipynb` Jupyter's; `x-checkpoint.ipynb` is Jupyter's copy of `x`.
    """
    found = [n for n in names if n.lower().endswith(".ipynb") and not n.startswith(".")]
    return [n for n in found if not n.endswith("-checkpoint.ipynb")] or found


def _chosen(names: list[str], topic: str) -> tuple[str | None, list[str]]:
    """The notebook to grade among the names, and sentences about the choice."""
    wanted, notebooks = f"{topic}.ipynb", _notebooks(names)
    others = [n for n in names if not n.lower().endswith(".ipynb")]
    others = [n for n in others if n not in IGNORED and not n.startswith(".")]
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


def _within(fd: int, folder: str) -> list[str]:
    """The names of the notebooks in a folder of the submission, which may have gone meanwhile."""
    with contextlib.suppress(OSError), _opened(folder, _FOLDER, fd) as inner:
        return _notebooks(_listed(inner)[0])
    return []


def _below(fd: int, folders_: list[str], topic: str) -> tuple[str, str, list[str]]:
    """(folder, notebook, sentences) one folder down, as in an unpacked archive; "" for none."""
    wanted = f"{topic}.ipynb"
    usual = [f for f in folders_ if f not in IGNORED and not f.startswith(".")]
    found = [(f, name) for f in usual[:MAX_FOLDERS] for name in _within(fd, f)]
    named = [pair for pair in found if pair[1] == wanted]
    for pairs in (named, found):
        if len(pairs) == 1:
            folder, name = pairs[0]
            says = f"`{shown(name)}` was taken from the folder `{shown(folder)}`"
            return folder, name, [says + ("." if named else f"; its name should be `{wanted}`.")]
    if not usual:
        return "", "", []
    some = ", ".join(f"`{shown(f)}`" for f in usual[:5]) + (" and more" if usual[5:] else "")
    what = f"{len(found)} notebooks, none of which could be chosen" if found else "no notebook"
    where = f"folder{'s' * (len(usual) > 1)} {some}"
    return "", "", [f"In the {where} there is {what}: put `{wanted}` beside, not into a folder."]


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
    """The time of handing in, from nbgrader's timestamp.txt: naive, in UTC; and sentences."""
    if "timestamp.txt" not in names:
        return None, []
    try:
        text = _bytes("timestamp.txt", fd, 200)[0].decode().strip()
        when = parse_utc(text) if text else None
        if when is None or when.year in YEARS:
            return when, []
    except UnknownZone as error:
        return None, [f"In timestamp.txt {error}; the time of handing in is not known."]
    except Exception:  # dateutil lets through whatever it stumbles over
        pass
    return None, ["timestamp.txt could not be read, so the time of handing in is not known."]


class UnknownZone(ValueError):
    """The zone of a time has more than one meaning; the message says what to write."""


def _zone(name: str | None, offset: int | None) -> tzinfo | None:
    """The zone of a time that dateutil has read: None where there is none."""
    from dateutil import tz

    if name is not None and name not in _UTC:
        raise UnknownZone(
            f"the time zone {shown(name)!r} is not known for certain: write UTC, or an offset "
            "such as +0100"
        )
    return tz.UTC if name and not offset else None if offset is None else tz.tzoffset(None, offset)


def parse_utc(text: str) -> datetime:
    """A time such as "2015-02-02 15:58:23.948203 UTC": naive, in UTC.

    The zone may be UTC, an offset from it (`+0100`, `+01:00`, `+01`) or a place (`Europe/Paris`);
    without one it is UTC. Raises ValueError for text that is not a time, and its kind
    `UnknownZone` for the abbreviation of a zone, most of which stand for more than one.
    """
    from dateutil import parser, tz

    text = re.sub(
        r"(?<![A-Za-z])(?:UTC|GMT)(?=[+-]\d)", "", text.strip()
    )  # dateutil takes its sign amiss
    before, _, last = text.rpartition(" ")
    if "/" in last:
        place = tz.gettz(last) if _ZONE.fullmatch(last) else None
        if place is None:
            raise UnknownZone(f"there is no time zone {shown(last)!r}")
        when = parser.parse(before, tzinfos=_zone).replace(tzinfo=place)
    else:
        when = parser.parse(f"{before} UTC" if last in _UTC else text, tzinfos=_zone)
    return when.astimezone(UTC).replace(tzinfo=None) if when.tzinfo else when


def secret(course: Course, student: str, topic: str) -> str:
    """What nbgrader's exchange put beside the submission to find its feedback by; "" if nothing."""
    with contextlib.suppress(OSError, UnicodeDecodeError), _folder(course, student, topic) as fd:
        text = _bytes(SECRET, fd, 1000)[0].decode("ascii").strip()
        return text if text.isalnum() else ""
    return ""


def collect(course: Course, student: str, topic: str) -> Handed:
    """Read one submission. Never raises for anything that lies in the student's folder."""
    limit = of_notebook(course, topic).hand_in_mb * 2**20
    try:
        with _folder(course, student, topic) as fd:
            names, inside, says = _listed(fd)
            name, more = _chosen(names, topic)
            folder = ""
            if name is None:
                folder, name, found = _below(fd, inside, topic)
                more = found if name else more + found
            timestamp, late = _timestamp(names, fd)
            says += more + late
            if not name:
                return Handed(student, None, timestamp, tuple(says))
            with _opened(folder or ".", _FOLDER, fd) as place:
                data, size = _bytes(name, place, limit)
            if size > limit:
                says.append(
                    f"The notebook is {size / 2**20:.0f} MiB and was not read; the limit is "
                    f"{limit // 2**20} MiB. Clear its outputs and hand it in again."
                )
                return Handed(student, None, timestamp, tuple(says))
            return Handed(student, data, timestamp, tuple(says), name=shown(name))
    except FileNotFoundError:
        return Handed(student, says=("Nothing was handed in.",), exists=False)
    except OSError as error:
        return Handed(
            student, says=(f"The submission could not be opened: {error.strerror or error}.",)
        )
