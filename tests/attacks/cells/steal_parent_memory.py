"""Reads the memory of its parents: by process_vm_readv, by /proc and by ptrace.

Succeeds if it can read one byte.
"""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


class Span(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


here = ctypes.create_string_buffer(16)
me = os.getpid()
for pid in {os.getppid(), 1, 2, *range(max(me - 20, 1), me)} - {0, me}:
    local, remote = Span(ctypes.addressof(here), 16), Span(id(None), 16)
    got = libc.process_vm_readv(pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0)
    if got > 0:
        found("memory of", pid)
    try:
        with open(f"/proc/{pid}/mem", "rb") as memory:
            memory.seek(id(None))
            memory.read(16)
            found("memory, by a file, of", pid)
    except (OSError, ValueError, OverflowError):
        pass
    if libc.ptrace(16, pid, 0, 0) == 0:
        found("could trace", pid)
        libc.ptrace(17, pid, 0, 0)
