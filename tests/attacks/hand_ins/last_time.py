"""Is handed in in the year 1, which some write in a way that nobody reads again.

Succeeds if the batch stops, or any command after it.
"""

import json


def hand_in(folder, notebook, known):
    (folder / "timestamp.txt").write_text("0001-01-02 00:00:00 UTC\n")
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
