"""Prints without end.

Succeeds if the batch stops or the feedback is larger than a megabyte.
"""

import os

os.write(1, b"x" * 10**6)
while True:
    print("x" * 10**6)
