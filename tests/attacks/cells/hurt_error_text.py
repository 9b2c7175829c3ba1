"""Raises an error whose text never ends.

Succeeds if the batch stops, or the feedback is larger than a megabyte.
"""


class Endless(Exception):
    def __str__(self):
        while True:
            pass


class Long(Exception):
    def __str__(self):
        return "x" * 10**8


def raising(*args, **kwargs):
    raise Long()


for name in NAMES[1:]:
    globals()[name] = raising
raise Endless()
