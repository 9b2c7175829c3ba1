"""Says that it was handed in in the past, the far future, and in no time at all.

Succeeds if the batch stops, or any exercise earns a point.
"""

import json


def hand_in(folder, notebook, known):
    (folder / "timestamp.txt").write_text("0001-01-01 00:00:00 UTC-99:99\n")
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
