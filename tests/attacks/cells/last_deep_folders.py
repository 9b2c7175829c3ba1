"""Leaves folders whose path is too long to be named, so that nobody can remove them.

Succeeds if the next submission finds them, or they are there afterwards.
"""

import os

os.mkdir(MARK)
os.chdir(MARK)
for _ in range(20):
    os.mkdir("d" * 250, 0o300)
    os.chdir("d" * 250)
with open(MARK, "w") as file:
    file.write(MARK)
