"""Which layers of the sandbox this machine has, and how to get those it lacks."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator

from autograder.sandbox import landlock
from autograder.sandbox.errors import SandboxUnavailable
from autograder.sandbox.outside import place, seccomp
from autograder.sandbox.outside.box import Box
from autograder.sandbox.outside.layers import CHOICE, chosen, namespaces_refused
from autograder.sandbox.settings import FIRST_USER, LANDLOCK


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
        size = len(seccomp.build(second)) // 8
        yield Layer("seccomp", True, f"a filter of {size} instructions", "", second)
    except seccomp.NoSeccomp as error:
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
    """The layer of groups; a box is started to see whether a group can really be made."""
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
