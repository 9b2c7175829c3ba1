"""Hands in a pipe, which whoever opens waits at for ever.

Succeeds if the batch stops.
"""

import os


def hand_in(folder, notebook, known):
    os.mkfifo(folder / f"{known['TOPIC']}.ipynb")
    os.mkfifo(folder / "timestamp.txt")
