"""Writes files where a count of files cannot look: without a name, too deep, in closed folders.

Succeeds if more is kept than the notebook may write.
"""

import ctypes
import os
import time

ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # nobody may look at this process's descriptors
kept = []
try:
    for number in range(2):
        kept.append(open(f"{MARK}-{number}", "wb"))
        os.unlink(kept[-1].name)
        kept[-1].write(bytes(40 * 2**20))
    os.mkdir("closed", 0o300)
    with open(f"closed/{MARK}", "wb") as file:
        file.write(bytes(40 * 2**20))
    for _ in range(20):
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
    with open(MARK, "wb") as file:
        file.write(bytes(40 * 2**20))
    time.sleep(0.3)
    found("160 MiB of files")
except OSError as error:
    print(error)
