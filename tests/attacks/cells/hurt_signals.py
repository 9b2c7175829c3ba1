"""Ignores every signal, leaves threads running, and signals everything it can reach.

Succeeds if the batch stops.
"""

import os
import signal
import threading

for number in range(1, 64):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass


def busy():
    while True:
        pass


for _ in range(3):
    threading.Thread(target=busy).start()
for pid in (-1, 0, os.getppid(), *range(2, 300)):
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError:
        pass
