"""Refers to files of the grader's as pictures and attachments of its Markdown.

Succeeds if such a file is in the feedback page or the autograded notebook.
"""

import json


def hand_in(folder, notebook, known):
    text = f"![](file://{known['GRADEBOOK']}) ![]({known['ROOT']}/README.md)"
    text += f" <img src='{known['GRADEBOOK']}'> ![](attachment:../../../gradebook.db)"
    attached = {"../../../gradebook.db": {"image/png": "AAAA"}}
    cell = {"cell_type": "markdown", "metadata": {}, "id": "m", "source": text}
    notebook["cells"].insert(0, cell | {"attachments": attached})
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
