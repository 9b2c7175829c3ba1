"""What the boxes are made of: which layers this machine has, and which box is chosen.

The first box is bubblewrap with namespaces for each job, and the filter of system calls where
libseccomp is there. The second, where user namespaces are refused, is Landlock, that filter (it
is not optional there), and a user of each lane's own where the grader is root. rlimits and the
watch over a job's processes are in both.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from autograder.sandbox import landlock
from autograder.sandbox.errors import SandboxUnavailable
from autograder.sandbox.outside import seccomp
from autograder.sandbox.settings import FIRST_USER, LANDLOCK, NAMESPACES, NOBODY, USERS, Settings

CHOICE = "AUTOGRADER_BOX"
INSTALL = (
    "install it with `apt-get install bubblewrap` and run `autograder doctor`; where nothing can "
    f"be installed, {CHOICE}=landlock asks for the box that does without"
)
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32")
_SYSTEM += ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/alternatives", "/etc/fonts")


@functools.cache
def namespaces_refused() -> str:
    """ "" where bubblewrap can make the first box, else what it says. Tried once."""
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxUnavailable(f"bubblewrap (`bwrap`) is not installed: {INSTALL}")
    command = [program, "--unshare-user-try", "--unshare-pid", "--unshare-net", "--unshare-ipc"]
    command += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    command += ["unshare", "--user", "true"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    says = done.stderr.strip().splitlines()
    return (says[-1][:200] if says else "refused") if done.returncode else ""


def second_lacks() -> str:
    """ "" where the second box can be made, else what it needs."""
    version = landlock.abi()
    if not version:
        return "Landlock is not in this kernel (Linux 5.13 or newer, with `landlock` in its lsm=)"
    if version < landlock.SIGNALS_CONFINED and os.getuid() != 0:
        return "Linux 6.12 or newer is needed, or a grader that is root, to keep processes apart"
    try:
        seccomp.build(shared=True)
    except seccomp.NoSeccomp as error:
        return str(error)
    return ""


def chosen() -> str:
    """Which box: what `AUTOGRADER_BOX` names, else the first, else the second.

    Raises `SandboxUnavailable` where neither can be made.
    """
    wanted = os.environ.get(CHOICE, "")
    if wanted not in ("", NAMESPACES, LANDLOCK):
        raise SandboxUnavailable(f"{CHOICE} is {wanted!r}: give {NAMESPACES!r} or {LANDLOCK!r}")
    if wanted == NAMESPACES or not (refused := wanted or namespaces_refused()):
        return NAMESPACES
    if lacks := second_lacks():
        first = "" if wanted else f"user namespaces are refused ({refused}), and "
        raise SandboxUnavailable(
            f"{first}the box without them cannot be made: {lacks}; run `autograder doctor`"
        )
    return LANDLOCK


def filtered(settings: Settings) -> Settings:
    """The settings with the filter of system calls, which the second box cannot be without."""
    if not settings.has("seccomp"):
        return settings
    shared = settings.kind == LANDLOCK
    signals = not shared or settings.abi >= landlock.SIGNALS_CONFINED
    try:
        return dataclasses.replace(settings, filter=seccomp.build(shared, signals))
    except seccomp.NoSeccomp as error:
        if shared:
            raise SandboxUnavailable(str(error)) from None
        return settings


def users(settings: Settings) -> tuple[int, ...]:
    """The id that each lane of the warm parent has outside; -1 where it is the grader's own."""
    lanes = range(len(settings.lanes))
    if os.getuid() != 0:
        return tuple(-1 for _ in lanes)
    if settings.kind == LANDLOCK:
        return tuple(settings.user + lane for lane in lanes)
    return tuple(NOBODY for _ in lanes)


def _apart(paths: Iterable[Path]) -> list[Path]:
    """The paths that lie in no other of the paths: `/lib` is a second name of a part of `/usr`."""
    found = sorted(set(paths))
    return [path for path in found if not any(path.is_relative_to(f) for f in found if f != path)]


def around(folder: Path, hidden: Sequence[Path]) -> Iterator[Path]:
    """Paths that together cover the folder, except for the hidden folders below it."""
    if folder in hidden:
        return
    if not any(path.is_relative_to(folder) for path in hidden):
        yield folder
        return
    for entry in folder.iterdir():
        yield from around(entry, hidden)


def shut(
    settings: Settings, python: Iterable[Path], masked: Sequence[Path], scratch: str
) -> Settings:
    """The settings of the second box: what may be read, where to write, and as whom.

    `python` are the folders of Python and its packages, `masked` what of ours lies among them.
    """
    folders = _apart(Path(os.path.realpath(f)) for f in (*python, *_SYSTEM) if os.path.exists(f))
    hidden = [Path(os.path.realpath(folder)) for folder in masked]
    parts = [part for folder in folders for part in around(folder, hidden)]
    user = FIRST_USER + os.getpid() % (USERS - len(settings.lanes)) if os.getuid() == 0 else -1
    return dataclasses.replace(
        settings,
        abi=landlock.abi(),
        read=tuple(map(str, parts)),
        listed=tuple(str(folder) for folder in folders if folder not in parts),
        scratch=scratch,
        user=user,
    )
