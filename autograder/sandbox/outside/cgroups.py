"""Groups of processes that the kernel counts together (cgroups v2), where they can be had.

Each launch of a box makes a group below the grader's own, and in it one for the warm parent and
one for each lane; a job's process is forked into its lane's. There the kernel counts what the
watch must add up: memory, of every kind and in every burst, processes, and the processor's time.

Where no group can be had the watch and the rlimits go on alone. Student code cannot see its group.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.sandbox.outside.place import GRADER, NotToBeHad, Place, find, words

# Counted as memory, and no job's wish, beside the files in /tmp: those in the other two folders in
# memory, and what a fork copies of the warm parent's.
BESIDES_MB = 32
# Moves itself, then is the program; a box that could not be moved says so by not being counted.
ENTER = ("/bin/sh", "-c", '{ echo 0 > "$0"; } 2>/dev/null; exec "$@"')
_BOX = "autograder-box-"
_END_SECONDS = 1.0
_MIB = 2**20


def _write(path: Path, text: str) -> None:
    """Write to a file of the kernel's; it is never created."""
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


_kept: list[int] = []  # the lock on the group that this process has moved to, while it lives


def _locked(folder: Path, how: int) -> int:
    """A descriptor that holds a lock on the folder until it is closed, or its process ends."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(fd, how)
    except OSError:
        os.close(fd)
        raise
    return fd


def _new(folder: Path, prefix: str) -> Path:
    return Path(tempfile.mkdtemp(prefix=prefix, dir=folder))


def _give(folder: Path, counts: Sequence[str]) -> None:
    """Tell the kernel to count these things for the groups below the folder."""
    if not set(counts) <= set(words(folder / "cgroup.subtree_control")):
        _write(folder / "cgroup.subtree_control", " ".join(f"+{name}" for name in counts))


def _prepare(place: Place) -> None:
    """Tell the kernel to count the groups below; this process leaves the place before."""
    if set(place.counts) <= set(words(place.folder / "cgroup.subtree_control")):
        return
    me, leaf = str(os.getpid()), None
    if me in words(place.folder / "cgroup.procs") and (place.folder / "cgroup.type").exists():
        leaf = _new(place.folder, GRADER)
        _kept.append(_locked(leaf, fcntl.LOCK_SH))
        _write(leaf / "cgroup.procs", me)
    try:
        _give(place.folder, place.counts)
    except OSError:
        if leaf is not None:
            _write(place.folder / "cgroup.procs", me)
            leaf.rmdir()
        raise


def _remove(folder: Path, seconds: float) -> None:
    """End everything in the group and remove it, and those below it."""
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError):
            _write(folder / "cgroup.kill", "1")
        try:
            for below in (entry for entry in folder.iterdir() if entry.is_dir()):
                below.rmdir()
            return folder.rmdir()
        except FileNotFoundError:
            return None
        except OSError:  # they are still ending; what stays, the next grader removes
            if time.monotonic() >= end:
                return None
            time.sleep(0.002)


def sweep(folder: Path) -> None:
    """Remove what graders that were killed have left: no living one holds a lock on it."""
    for left in [*folder.glob(f"{_BOX}*"), *folder.glob(f"{GRADER}*")]:
        with contextlib.suppress(OSError):
            fd = _locked(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
            try:
                if left.name.startswith(_BOX):
                    _remove(left, _END_SECONDS)
                else:
                    left.rmdir()  # what it had started may live on
            finally:
                os.close(fd)


class Group:
    """The group of one lane's jobs. Without a folder there is none, and nothing is counted."""

    def __init__(self, folder: Path | None = None, user: int = -1) -> None:
        self.folder, self.fds = folder, ()
        self._limits, self._before = (0, 0), (0, 0)
        if folder is None:
            return
        self.fds = (os.open(folder, os.O_PATH), os.open(folder / "cpu.stat", os.O_RDONLY))
        if user >= 0:  # whoever forks a process into the group must be allowed to
            os.chown(folder / "cgroup.procs", user, -1)
        for name, value in (("memory.swap.max", "0"), ("memory.oom.group", "1")):
            with contextlib.suppress(OSError):
                _write(folder / name, value)

    def limit(self, memory_mb: int, processes: int) -> None:
        """What the next job may use."""
        if self.folder is None:
            return
        if self._limits != (memory_mb, processes):
            limits = {"memory.max": memory_mb * _MIB, "pids.max": processes}
            for name, value in limits.items():
                with contextlib.suppress(OSError):  # not counted here: the watch does
                    _write(self.folder / name, str(value))
            self._limits = (memory_mb, processes)
        self._before = self._events()

    def _events(self) -> tuple[int, int]:
        """How often memory was short at this group's own limit, and how many were ended here."""
        try:
            events = words(self.folder / "memory.events")
            short, ended = (int(events[events.index(name) + 1]) for name in ("oom", "oom_kill"))
        except (OSError, ValueError, IndexError):
            return 0, 0
        return short, ended

    def ended_by_kernel(self) -> str:
        """Why the kernel has ended processes of this job, if it has.

        "memory" at the job's own limit; "others" where the machine, or a group around this one,
        was short of memory, which is no fault of the job's.
        """
        if self.folder is None:
            return ""
        short, ended = (now - was for now, was in zip(self._events(), self._before, strict=True))
        if ended <= 0:
            return ""
        return "memory" if short > 0 else "others"

    def kill(self) -> None:
        """End every process of the group, wherever it went, when no other job is to follow.

        Linux 6.18 kills at once whatever is forked into a group in which this was ever done.
        """
        if self.folder is not None:
            with contextlib.suppress(OSError):
                _write(self.folder / "cgroup.kill", "1")

    def close(self) -> None:
        """Close the group's descriptors; `Groups.remove` removes the group."""
        for fd in self.fds:
            os.close(fd)
        self.folder, self.fds = None, ()


class Groups:
    """The groups of one launch: of the warm parent, of each lane, and one around them."""

    def __init__(self, place: Place, users: Sequence[int]) -> None:
        self.lanes: list[Group] = []
        with _lock(place.folder):
            sweep(place.folder)
            _prepare(place)
            self.folder = _new(place.folder, _BOX)
            self._fd = _locked(self.folder, fcntl.LOCK_SH)
        try:
            _give(self.folder, place.counts)
            if max(users) >= 0:  # they can move only what is in here already, and only in here
                os.chmod(self.folder / "cgroup.procs", 0o666)
            (self.folder / "warm").mkdir(mode=0o700)
            for number, user in enumerate(users):
                (self.folder / f"lane{number}").mkdir(mode=0o700)
                self.lanes.append(Group(self.folder / f"lane{number}", user))
        except OSError:
            self.remove()
            raise
        self.enter = (*ENTER, str(self.folder / "warm" / "cgroup.procs"))

    def remove(self) -> None:
        """End the processes in the groups, and remove the groups."""
        for lane in self.lanes:
            lane.close()
        _remove(self.folder, _END_SECONDS)
        os.close(self._fd)


class NoGroups:
    """Stands in for `Groups` where no group can be had."""

    enter: tuple[str, ...] = ()

    def __init__(self, lanes: int) -> None:
        self.lanes = [Group() for _ in range(lanes)]

    def remove(self) -> None:
        """There is nothing to remove."""


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """A lock, so that one grader at a time removes old groups and makes its own."""
    fd = _locked(folder, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(fd)


def groups(users: Sequence[int]) -> Groups | NoGroups:
    """Groups for so many lanes, whose warm parents have these user ids (-1: the grader's own)."""
    try:
        return Groups(find(), users)
    except (NotToBeHad, OSError, ValueError):
        return NoGroups(len(users))
