"""Keeps memory in System V segments that no process has mapped, which no limit counts.

Succeeds if one can be filled and let go.
"""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
for _ in range(40):
    segment = libc.shmget(0, 2**26, 0o1600)
    place = libc.shmat(segment, None, 0) if segment >= 0 else None
    if place in (None, ctypes.c_void_p(-1).value):
        break
    ctypes.memset(place, 1, 2**20)
    libc.shmdt(ctypes.c_void_p(place))
    found("memory that nobody has")
