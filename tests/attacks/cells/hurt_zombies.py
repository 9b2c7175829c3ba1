"""Starts processes that end at once and that nobody waits for.

Succeeds if the batch stops, or a process is left.
"""

import os

for _ in range(1000):
    try:
        if os.fork() == 0:
            os._exit(0)
    except OSError:
        break
