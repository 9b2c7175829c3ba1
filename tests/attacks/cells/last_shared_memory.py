"""Leaves data in shared memory and shared folders for the next submission.

Succeeds if a file with the mark exists afterwards, or the next submission sees it.
"""

from multiprocessing import shared_memory

for folder in ("/dev/shm", "/tmp", "/var/tmp", "/run/lock", "/dev/mqueue"):
    try:
        with open(f"{folder}/{MARK}-shared", "w") as file:
            file.write(MARK)
    except OSError as error:
        print(error)
try:
    block = shared_memory.SharedMemory(MARK, create=True, size=4096)
    block.buf[: len(MARK)] = MARK.encode()
except OSError as error:
    print(error)
