"""Reads what another student handed in, and hands it in as its own.

Succeeds if any exercise earns a point.
"""

import json
import os

for root in (COURSE, "..", "../..", "../../..", "/proc/1/root" + COURSE):
    for step in ("submitted", "autograded", "."):
        path = os.path.join(root, step, VICTIM, TOPIC, TOPIC + ".ipynb")
        try:
            with open(path) as file:
                cells = json.load(file)["cells"]
        except (OSError, ValueError):
            continue
        for cell in cells:
            if cell["cell_type"] == "code":
                try:
                    exec("".join(cell["source"]), globals())
                except Exception:
                    continue
