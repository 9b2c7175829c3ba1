"""Fills shared memory, queues and semaphores of the machine.

Succeeds if any of them are there when the batch is over.
"""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
for key in range(1, 200):
    libc.shmget(0x5EC0 + key, 2**20, 0o1666)
    libc.msgget(0x5EC0 + key, 0o1666)
    libc.semget(0x5EC0 + key, 10, 0o1666)
