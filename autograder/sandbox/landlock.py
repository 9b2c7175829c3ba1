"""Landlock, by ctypes: a process gives up files, the network and signals, for good.

No library in Debian wraps these three system calls, whose numbers all processors share. What a
kernel does not know yet is left out (best effort); `abi` says how much the kernel knows.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

_CREATE, _ADD_RULE, _RESTRICT, _VERSION, _PATH_BENEATH = 444, 445, 446, 1, 1
_libc = ctypes.CDLL(None, use_errno=True)

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
_FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | 1 << 14  # and truncation
_ALL_FILES = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}  # new in each version
_DEVICES = 1 << 6 | 1 << 11 | 1 << 15  # making them, and ioctl on them
_ALL_NET, _ALL_SCOPES = 3, 3  # TCP (version 4); abstract sockets and signals (version 6)
READ = EXECUTE | READ_FILE | READ_DIR
SIGNALS_CONFINED = 6  # from this version on


def abi() -> int:
    """The version of Landlock that this kernel has; 0 for none."""
    return max(_libc.syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint(_VERSION)), 0)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"Landlock, {what}: {os.strerror(number)}")
    return result


def _handled(version: int) -> int:
    rights = 0
    for since, more in _ALL_FILES.items():
        rights |= more if since <= version else 0
    return rights


def ruleset(
    read: Iterable[str], write: Iterable[str], version: int, listed: Iterable[str] = ()
) -> int:
    """A descriptor of a set of rules: what may be read, and what written; nothing else.

    Parameters
    ----------
    read, write : folders (and all below) or single files. Those that are not there are left out.
    version : of Landlock, as `abi` gave it.
    listed : folders in which only names may be read, of what is below too.
    """
    handled = _handled(version)
    fields = [handled]
    fields += [_ALL_NET] if version >= 4 else []
    fields += [_ALL_SCOPES] if version >= SIGNALS_CONFINED else []
    attributes = struct.pack(f"{len(fields)}Q", *fields)
    size = ctypes.c_size_t(len(attributes))
    rules = _checked(_libc.syscall(_CREATE, attributes, size, ctypes.c_uint(0)), "rules")
    writing = READ | handled & ~_DEVICES
    for paths, rights in ((read, READ), (listed, READ_DIR), (write, writing)):
        for path in paths:
            _allow(rules, path, rights & handled)
    return rules


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= _FILE_RIGHTS
        rule = struct.pack("=Qi", rights, fd)
        number = ctypes.c_uint(_PATH_BENEATH)
        _checked(_libc.syscall(_ADD_RULE, rules, number, rule, ctypes.c_uint(0)), path)
    finally:
        os.close(fd)


def restrict(rules: int) -> None:
    """From here on this process and its children keep to the rules (needs no_new_privs)."""
    _checked(_libc.syscall(_RESTRICT, rules, ctypes.c_uint(0)), "restriction")
