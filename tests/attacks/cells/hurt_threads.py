"""Starts threads until there are no more, and leaves them running.

Succeeds if the batch stops.
"""

import threading
import time

try:
    for _ in range(500):
        threading.Thread(target=time.sleep, args=(600,)).start()
except RuntimeError as error:
    print(error)
