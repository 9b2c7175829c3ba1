"""Writes into the memory of the process that the next submission is a copy of.

Succeeds if the next submission sees it, or the batch stops.
"""

import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)


class Span(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


text = ctypes.create_string_buffer(MARK.encode())
target = id(os.environ)
for pid in {os.getppid(), 1, os.getpid() - 1} - {os.getpid(), 0}:
    local, remote = Span(ctypes.addressof(text), 8), Span(target, 8)
    if libc.process_vm_writev(pid, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) > 0:
        found("wrote the memory of", pid)
    try:
        with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            memory.seek(target)
            if memory.write(bytes(8)):
                found("wrote the memory, by a file, of", pid)
    except OSError as error:
        print(error)
