"""The second box, from inside: for machines that refuse user namespaces.

Each lane of the warm parent takes a user of its own (where the grader is root) and a Landlock
domain; each job's process a domain below that, and the filter of system calls. A job may write
in one folder, which is emptied after it. Unlike in the first box, other processes and the names
of files are there to be seen; they cannot be opened, signalled or traced.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from autograder.sandbox import landlock, linux
from autograder.sandbox.settings import Settings

_rules = -1
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_system = ("/proc/cpuinfo", "/proc/meminfo", "/dev/urandom", "/dev/zero", "/dev/random")


def folder(settings: Settings, number: int) -> str:
    """The folder in which the jobs of this lane may write."""
    return os.path.join(settings.scratch, f"lane{number}")


def enter_lane(settings: Settings, number: int) -> None:
    """Give up root, and confine this lane to what it and its jobs need."""
    global _rules
    mine = folder(settings, number)
    os.makedirs(mine, mode=0o700, exist_ok=True)
    linux.adopt_orphans()
    outer = -1
    if settings.has("landlock"):
        read = (*settings.read, *_system)
        rest = ((mine, "/dev/null"), settings.abi, settings.listed)
        _rules = landlock.ruleset(read, *rest)
        outer = landlock.ruleset((*read, "/proc"), *rest)
    if settings.user >= 0 and settings.has("user"):
        user = settings.user + number
        os.chown(mine, user, user)
        linux.become(user, reads_all=not all(map(_open_to_all, settings.read)))
    linux.gain_nothing()
    if outer < 0:
        return
    landlock.restrict(outer)
    os.close(outer)
    if _can_signal(os.getppid()):
        raise PermissionError(
            "signals are not confined here: Linux 6.12 or newer is needed, or a grader that is root"
        )


def _open_to_all(path: str) -> bool:
    """May any user reach and read the path? Not if Python lies below /root."""
    real = os.path.realpath(path)
    parents = (real, *map(str, Path(real).parents))
    return all(os.stat(folder).st_mode & 0o005 == 0o005 for folder in parents)


def _can_signal(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except PermissionError:
        return False
    return True


def enter_job(settings: Settings) -> None:
    """In the process of a job: a domain below the lane's, which can touch neither lane nor job."""
    if settings.has("landlock"):
        landlock.restrict(_rules)
        os.close(_rules)


def end_all(settings: Settings) -> None:
    """Kill every process of the job, wherever it went, and wait until they are gone.

    The kernel kills them in one call, so that no process can fork meanwhile. The call reaches
    this lane's domain, or user, and no further, which `enter_lane` has tried.
    """
    while True:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if settings.has("landlock"):
                os.kill(-1, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def empty(path: str) -> None:
    """Remove what a job wrote, however deep, and whatever rights it took from its own folders.

    From folder to folder by descriptors, one at a time: no path is too long, no nesting too deep.
    """
    try:
        here = os.open(path, _FOLDER)
    except OSError:
        return
    above: list[str] = []  # the folders that this one is in
    left = [_without_files(here)]  # for each of them, and this one, the folders still in it
    with contextlib.suppress(OSError):
        while left[-1] or above:
            if left[-1]:
                name = left[-1].pop()
                with contextlib.suppress(OSError):
                    os.chmod(name, 0o700, dir_fd=here)
                    here = _entered(name, here)
                    above.append(name)
                    left.append(_without_files(here))
            else:
                left.pop()
                here = _entered("..", here)
                with contextlib.suppress(OSError):
                    os.rmdir(above.pop(), dir_fd=here)
    os.close(here)


def _entered(name: str, here: int) -> int:
    """A descriptor of the folder `name` in the folder `here`, whose descriptor is closed."""
    there = os.open(name, _FOLDER, dir_fd=here)
    os.close(here)
    return there


def _without_files(folder: int) -> list[str]:
    """Remove all files of the folder; the names of the folders in it."""
    folders = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                with contextlib.suppress(OSError):
                    os.unlink(entry.name, dir_fd=folder)
    return folders
