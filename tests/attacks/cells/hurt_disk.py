"""Fills every place it can write to.

Succeeds if the grader's disk holds what it wrote.
"""

import os

for folder in ("/", "/tmp", "/tmp/work", "/var/tmp", "/cache", "/dev", "/usr/tmp", ROOT, COURSE):
    try:
        with open(os.path.join(folder, MARK), "wb") as file:
            for _ in range(300):
                file.write(bytes(2**20))
    except OSError as error:
        print(folder, error.errno)
