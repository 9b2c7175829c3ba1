"""Where groups of processes can be made (cgroups v2), and what is counted there. Looks only."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "AUTOGRADER_CGROUP"
WANTED = ("memory", "pids")
GRADER = "autograder-grader-"  # a group that a grader has moved to, below the one it was given
MEND = (
    "start the grader in a group of its own, as in `systemd-run --user --scope -p Delegate=yes "
    f"autograder grade ...`, or name an empty one that it may write to by {VARIABLE}"
)
PROC = Path("/proc/self")


class NotToBeHad(RuntimeError):
    """No group can be had here; the message says why."""


@dataclass(frozen=True)
class Place:
    """A group below which others can be made, and what is counted there."""

    folder: Path
    counts: tuple[str, ...]


def words(path: Path) -> list[str]:
    return path.read_text().split()


def _plain(field: str) -> str:
    """A path of mountinfo, in which what would end a field is written in octal."""
    return field.encode().decode("unicode_escape").encode("latin-1").decode(errors="replace")


def own_group(proc: Path = PROC) -> Path:
    """The folder of the group that this process is in; raises `NotToBeHad`."""
    try:
        groups = (proc / "cgroup").read_text().splitlines()
        mounts = [line.split() for line in (proc / "mountinfo").read_text().splitlines()]
    except OSError as error:
        raise NotToBeHad(f"{error.filename}: {error.strerror}") from None
    mine = next((line[3:] for line in groups if line.startswith("0::")), None)
    if mine is None:
        raise NotToBeHad("this kernel has no cgroups v2")
    for fields in mounts:
        root, point = (_plain(field) for field in fields[3:5])
        if fields[fields.index("-") + 1] == "cgroup2" and Path(mine).is_relative_to(root):
            below = Path(mine).relative_to(root)
            if ".." not in below.parts:
                return Path(point, below)
    raise NotToBeHad("the cgroup v2 file system is not mounted where the grader's group is seen")


def find(proc: Path = PROC) -> Place:
    """Where groups can be made: below what `AUTOGRADER_CGROUP` names, or the grader's own.

    Looks only. The grader's own group is taken if no other process is in it: a group that has
    groups below it may hold no processes, and other processes are not ours to move. Raises
    `NotToBeHad`.
    """
    named = os.environ.get(VARIABLE, "")
    folder = Path(named) if named else own_group(proc)
    if not named and folder.name.startswith(GRADER):
        folder = folder.parent  # an earlier box of this process, or of its parent, has moved it
    try:
        there, given = (words(folder / f"cgroup.{n}") for n in ("controllers", "subtree_control"))
        others = set(words(folder / "cgroup.procs")) - {str(os.getpid())}
    except OSError as error:
        raise NotToBeHad(f"{folder} is no group that can be read ({error.strerror})") from None
    counts = tuple(name for name in WANTED if name in there)
    if not counts:
        raise NotToBeHad(f"neither memory nor processes can be counted below {folder}")
    if not os.access(folder, os.W_OK) or not os.access(folder / "cgroup.procs", os.W_OK):
        raise NotToBeHad(f"{folder} cannot be written to")
    if not set(counts) <= set(given):
        is_root = not (folder / "cgroup.type").exists()
        if is_root and not named:
            raise NotToBeHad("the grader is in the machine's root group, which is not its own")
        if others and not is_root:
            raise NotToBeHad(f"{len(others)} other processes are in {folder}, too")
    return Place(folder, counts)
