"""Hands in thirty thousand cells.

Succeeds if the batch stops, or takes minutes.
"""

import json


def hand_in(folder, notebook, known):
    cell = {"cell_type": "code", "execution_count": None, "outputs": [], "metadata": {}}
    notebook["cells"] += [cell | {"source": "1", "id": f"c{n}"} for n in range(30_000)]
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
