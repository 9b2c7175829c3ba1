"""Hands in thousands of files and folders beside the notebook.

Succeeds if the batch stops, or takes minutes.
"""

import json


def hand_in(folder, notebook, known):
    for number in range(3000):
        (folder / f"data-{number}.csv").touch()
    deep = folder
    for _ in range(100):
        deep = deep / "deeper"
    deep.mkdir(parents=True)
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
