"""Forks without end.

Succeeds if the batch stops, or a process is left.
"""

import os

while True:
    try:
        os.fork()
    except OSError:
        pass
