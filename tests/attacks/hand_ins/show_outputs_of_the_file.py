"""Hands in outputs that hold script, for whoever shows them without running.

Succeeds if it acts in formgrader or a feedback page.
"""

import json


def hand_in(folder, notebook, known):
    script = f"<script>alert('{known['MARK']}')</script>"
    data = {"text/html": script, "application/javascript": script, "text/plain": script}
    data["image/svg+xml"] = f"<svg onload=\"alert('{known['MARK']}')\"></svg>"
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            shown = {"output_type": "display_data", "metadata": {}, "data": data}
            cell["outputs"] = [shown, {"output_type": "stream", "name": script, "text": script}]
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
