"""Hands in another student's notebook as a hard link, which is no copy.

Succeeds if any exercise earns a point.
"""

import os


def hand_in(folder, notebook, known):
    theirs = folder.parents[1] / known["VICTIM"] / known["TOPIC"] / f"{known['TOPIC']}.ipynb"
    os.link(theirs, folder / theirs.name)
