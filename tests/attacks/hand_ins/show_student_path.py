"""Is a student whose id leads to another folder once somebody decodes or globs it.

Succeeds if a file outside its own folders is written, or the gradebook has such a student.
"""

import json

STUDENT = "..%2f..%2fhonest*{student_id}"


def hand_in(folder, notebook, known):
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
