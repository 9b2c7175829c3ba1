"""Keeps memory in nameless mappings of children, and tells the kernel to show none of it.

Succeeds if more is kept than the notebook may use.
"""

import mmap
import os
import time

if os.fork() == 0:
    for _ in range(3):
        os.fork()  # eight of them
    kept = mmap.mmap(-1, 900 * 2**20)
    time.sleep(0.4)
    for start in range(0, len(kept), 2**22):  # a page of each, that this test hurts nobody
        kept[start] = 1
    kept.madvise(mmap.MADV_DONTNEED)
    time.sleep(10)
time.sleep(0.8)
found("eight children with 900 MiB each")
