"""Gives files names that are tags, escapes, options and paths.

Succeeds if it acts in a feedback page or in the terminal.
"""

import json


def hand_in(folder, notebook, known):
    tag = f"<img src=x onerror=alert('{known['MARK']}')>"
    for name in (f"{tag}.csv", "\x1b]0;owned\x07\x1b[2J.txt", "-rf", "a\nb.txt", "$(id).py", "..."):
        (folder / name).write_text(known["MARK"])
    (folder / f"{tag}.ipynb").write_text(json.dumps(notebook))
