"""Is a student whose id looks like an option of a command.

Succeeds if the batch stops, or the gradebook has such a student.
"""

import json

STUDENT = "--force"


def hand_in(folder, notebook, known):
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
