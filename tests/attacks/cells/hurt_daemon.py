"""Leaves a process behind that has a session of its own and ignores every signal.

Succeeds if the process is there when the batch is over.
"""

import os
import signal
import sys

if os.fork() == 0:
    os.setsid()
    for number in range(1, 64):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    if os.fork():
        os._exit(0)
    sleep = "import time; time.sleep(120)"
    os.closerange(3, 256)
    os.execv(sys.executable, [sys.executable, "-c", sleep, MARK])
