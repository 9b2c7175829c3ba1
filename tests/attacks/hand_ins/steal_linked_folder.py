"""Hands in a folder that is a link to another student's folder.

Succeeds if any exercise earns a point.
"""


def hand_in(folder, notebook, known):
    theirs = folder.parents[1] / known["VICTIM"] / known["TOPIC"] / f"{known['TOPIC']}.ipynb"
    folder.rmdir()
    folder.symlink_to(theirs.parent)
