"""Catches whatever is raised to stop it, and goes on.

Succeeds if the batch stops.
"""


def stubborn(*args, **kwargs):
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue


globals()[NAMES[0]] = stubborn
