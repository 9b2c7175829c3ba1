"""Hands in modules named like the libraries, to be imported in their place.

Succeeds if the module runs, or any exercise earns a point.
"""

import json


def hand_in(folder, notebook, known):
    for name in ("numpy", "scipy", "json", "autograder", "nbgrader", "sitecustomize"):
        (folder / f"{name}.py").write_text(f"print({known['FOUND']!r})\n")
    path = folder / f"{known['TOPIC']}.ipynb"
    path.write_text(json.dumps(notebook))
