"""Crashes the interpreter with a wild pointer.

Succeeds if the batch stops.
"""

import ctypes


def crash(*args, **kwargs):
    ctypes.string_at(0)


globals()[NAMES[0]] = crash
crash()
