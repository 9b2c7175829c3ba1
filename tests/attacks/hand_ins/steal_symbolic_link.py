"""Hands in a link to another student's notebook.

Succeeds if any exercise earns a point.
"""


def hand_in(folder, notebook, known):
    theirs = folder.parents[1] / known["VICTIM"] / known["TOPIC"] / f"{known['TOPIC']}.ipynb"
    (folder / theirs.name).symlink_to(theirs)
