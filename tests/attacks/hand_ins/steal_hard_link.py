"""Hands in another student's notebook as a hard link, which is no copy.

Succeeds if any exercise earns a point, or the other student loses one.
"""

import contextlib
import os
import shutil

ME, OTHER = 54_321, 54_322  # users of a machine that many share


def hand_in(folder, notebook, known):
    theirs = folder.parents[1] / known["VICTIM"] / known["TOPIC"] / f"{known['TOPIC']}.ipynb"
    if os.geteuid() == 0:
        with contextlib.suppress(PermissionError):
            for path in (theirs, theirs.parent):
                os.chown(path, OTHER, OTHER)
            os.chown(folder, ME, ME)
    else:  # nobody can link to what is another user's: it is a file of the grader's, then
        theirs = shutil.copy(theirs, folder.parent / "copy.ipynb")
    os.link(theirs, folder / f"{known['TOPIC']}.ipynb")
