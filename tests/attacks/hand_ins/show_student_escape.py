"""Is a student whose id writes into the terminal and turns the text around.

Succeeds if it acts in the terminal, or the gradebook has such a student.
"""

import json

STUDENT = "\x1b]0;owned\x07\u202eada\n\x9b2J"


def hand_in(folder, notebook, known):
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
