"""Waits for somebody to type, and for a pipe that nobody writes.

Succeeds if the batch stops.
"""

import os


def waiting(*args, **kwargs):
    os.read(os.pipe()[0], 1)


globals()[NAMES[0]] = waiting
try:
    input("name? ")
except BaseException as error:
    print(type(error).__name__)
