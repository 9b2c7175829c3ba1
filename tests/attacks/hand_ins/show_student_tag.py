"""Is a student whose id is a tag with an event handler.

Succeeds if it acts in a page, or the gradebook has such a student.
"""

import json

STUDENT = "<img src=x onerror=alert(1)>"


def hand_in(folder, notebook, known):
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
