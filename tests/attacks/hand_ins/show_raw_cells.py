"""Writes raw cells that say they are HTML, and are.

Succeeds if it acts in formgrader or a feedback page.
"""

import json


def hand_in(folder, notebook, known):
    text = f"<script>alert('{known['MARK']}')</script>"
    for kind in ("text/html", "text/latex", "slides"):
        about = {"raw_mimetype": kind, "format": kind}
        cell = {"cell_type": "raw", "metadata": about, "source": text, "id": kind.split("/")[-1]}
        notebook["cells"].insert(0, cell)
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
