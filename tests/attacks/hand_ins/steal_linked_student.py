"""Is a link to another student, folder and all.

Succeeds if any exercise earns a point.
"""


def hand_in(folder, notebook, known):
    theirs = folder.parents[1] / known["VICTIM"] / known["TOPIC"] / f"{known['TOPIC']}.ipynb"
    folder.rmdir()
    folder.parent.rmdir()
    folder.parent.symlink_to(theirs.parents[1])
