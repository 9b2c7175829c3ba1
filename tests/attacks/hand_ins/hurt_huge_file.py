"""Hands in a file of a hundred gibibytes, all holes.

Succeeds if the batch stops, or reads it.
"""

import os


def hand_in(folder, notebook, known):
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_bytes(b"{")
    os.truncate(path, 2**36)
