"""Is a student whose id is a formula in whatever spreadsheet the grades are opened with.

Succeeds if it is in a grade file, or the gradebook has such a student.
"""

import json

STUDENT = "=SUM(A1)+cmd"


def hand_in(folder, notebook, known):
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
