"""Says that it was handed in in a time zone that is a file of its own, or of the machine's.

Succeeds if the batch stops, or the file is opened.
"""

import json


def hand_in(folder, notebook, known):
    (folder / "zone").write_bytes(b"TZif" + b"\0" * 16 + b"\xff" * 24)
    way = f"{'../' * 4}{str(folder)[1:]}/zone"
    (folder / "timestamp.txt").write_text(f"2026-01-01 10:00:00 {way}\n")
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
