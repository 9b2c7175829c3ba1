"""Recurses until the stack of the interpreter itself overflows.

Succeeds if the batch stops.
"""

import sys

sys.setrecursionlimit(10**9)


class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")

    def __repr__(self):
        return repr(self)


def deep(*args, **kwargs):
    return repr(Deep())


globals()[NAMES[0]] = deep
deep()
