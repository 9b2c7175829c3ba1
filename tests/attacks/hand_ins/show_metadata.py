"""Writes script into names, tags, titles, languages and attachments.

Succeeds if it acts in formgrader or a feedback page.
"""

import json


def hand_in(folder, notebook, known):
    script = f"</title><script>alert('{known['MARK']}')</script>"
    notebook["metadata"] |= {"title": script, "authors": [{"name": script}], "widgets": {script: 1}}
    notebook["metadata"]["language_info"] = {"name": "python", "pygments_lexer": script}
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = script if number == 1 else cell.get("id", f"c{number}")
        cell["metadata"] |= {"tags": [script], "name": script}
        if cell["cell_type"] == "markdown":
            svg = {"image/svg+xml": f"<svg onload=\"alert('{known['MARK']}')\"></svg>"}
            cell["attachments"] = {"x.svg": svg}
            cell["source"] = "![x](attachment:x.svg)"
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
