"""Asks for a kernel of its own choice, by name and by path.

Succeeds if another program than the grader's runs it, or any exercise earns a point.
"""

import json


def hand_in(folder, notebook, known):
    names = {"name": "../../../bin/sh", "language": "python", "display_name": "sh"}
    notebook["metadata"] |= {"kernelspec": names, "nbgrader": {"timeout": -1}}
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
