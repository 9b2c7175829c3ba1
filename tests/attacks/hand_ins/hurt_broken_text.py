"""Hands in text that is none: halves of characters, null bytes, other encodings.

Succeeds if the batch stops.
"""

import json


def hand_in(folder, notebook, known):
    cell = {"cell_type": "code", "execution_count": None, "outputs": [], "metadata": {}}
    notebook["cells"].insert(0, cell | {"id": "odd", "source": "x = '\ud800\x00\udfff'"})
    cell["metadata"] = {"nbgrader": {"grade_id": "\ud800", "points": "many"}}
    notebook["cells"].insert(0, cell | {"id": "\ud800", "source": ["\x00", "\ufeff"]})
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
