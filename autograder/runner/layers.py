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

from autograder.runner import filters, landlock, place
from autograder.runner.settings import (
    FIRST_USER,
    LANDLOCK,
    NAMESPACES,
    NOBODY,
    USERS,
    Settings,
)

CHOICE = "AUTOGRADER_BOX"
INSTALL = (
    "install it with `apt-get install bubblewrap` and run `autograder doctor`; where nothing can "
    f"be installed, {CHOICE}=landlock asks for the box that does without"
)
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32")
_SYSTEM += ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/alternatives", "/etc/fonts")


class SandboxUnavailable(RuntimeError):
    """The sandbox cannot be set up here; the message says what to do."""


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
        filters.build(shared=True)
    except filters.NoSeccomp as error:
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


@dataclasses.dataclass(frozen=True)
class Layer:
    """One layer on this machine; `needed` says whether the chosen box cannot be without it."""

    name: str
    there: bool
    detail: str
    mend: str = ""
    needed: bool = False


def machine() -> Iterator[Layer]:
    """Which layers this machine has, and how to get those it lacks."""
    try:
        kind, why = chosen(), ""
    except SandboxUnavailable as error:
        kind, why = "", str(error)
    second = kind == LANDLOCK
    try:
        refused = namespaces_refused()
    except SandboxUnavailable as error:
        refused = str(error)
    first = "as root: sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000 "
    first += "kernel.apparmor_restrict_unprivileged_userns=0 (those that exist); in a container, "
    first += "allow user namespaces"
    yield Layer("namespaces", not refused, refused or "can be made", first, not second)
    version = landlock.abi()
    says = f"version {version}" + ("" if version >= 6 else ", which does not confine signals")
    mend = "Linux 6.12 or newer, with landlock among the modules of the boot option lsm="
    yield Layer("Landlock", version > 0, says if version else "not in this kernel", mend, second)
    try:
        size = len(filters.build(second)) // 8
        yield Layer("seccomp", True, f"a filter of {size} instructions", "", second)
    except filters.NoSeccomp as error:
        yield Layer("seccomp", False, str(error), "apt-get install libseccomp2", second)
    yield Layer("rlimits", True, "memory, processes, CPU, file size and open files, each process")
    yield Layer("watch", True, "memory, CPU and disk of all of a job's processes together")
    yield _cgroups()
    yield _separate_user(second)
    if why:
        yield Layer("box", False, why, "mend one of the above", True)
    else:
        yield Layer("box", True, f"{kind} ({CHOICE} chooses)", "", True)


def _cgroups() -> Layer:
    """Where a group seems to be had, a box is started to see."""
    from autograder.runner.box import Box

    try:
        found = place.find()
        with Box(preload=()) as box:
            box.wait_ready()
            there = box.counted
    except (place.NotToBeHad, SandboxUnavailable) as error:
        return Layer("cgroups", False, str(error), place.MEND)
    detail = f"{' and '.join(found.counts)} of a job's processes together, in {found.folder}"
    if not there:
        detail = f"no job's process could be started in a group below {found.folder}"
    return Layer("cgroups", there, detail, place.MEND)


def _separate_user(second: bool) -> Layer:
    if os.getuid() == 0:
        who = f"of ids from {FIRST_USER} on, one for each worker" if second else "nobody"
        return Layer("separate user", True, f"student code is {who}")
    who = "the grader's own user, kept from its files and processes by the layers above"
    return Layer("separate user", second is False, f"student code is {who}", "grade as root")


def filtered(settings: Settings) -> Settings:
    """With the filter of system calls, which the second box cannot be without."""
    if not settings.has("seccomp"):
        return settings
    shared = settings.kind == LANDLOCK
    signals = not shared or settings.abi >= landlock.SIGNALS_CONFINED
    try:
        return dataclasses.replace(settings, filter=filters.build(shared, signals))
    except filters.NoSeccomp as error:
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
    """Without those that lie in another of them: `/lib` is a second name of a part of `/usr`."""
    found = sorted(set(paths))
    return [path for path in found if not any(path.is_relative_to(f) for f in found if f != path)]


def around(folder: Path, hidden: Sequence[Path]) -> Iterator[Path]:
    """What covers the folder but for the hidden ones below it."""
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
