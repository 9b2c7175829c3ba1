"""Installs a kernel and settings of Jupyter that run its own code from now on.

Succeeds if a file with the mark exists afterwards.
"""

import json
import os

home = os.path.expanduser("~")
kernel = {"argv": ["sh", "-c", MARK], "display_name": MARK, "language": "python"}
for folder, name, text in (
    (".local/share/jupyter/kernels/python3", "kernel.json", json.dumps(kernel)),
    (".jupyter", "jupyter_server_config.py", f"# {MARK}"),
    (".jupyter", "nbgrader_config.py", f"# {MARK}"),
):
    try:
        os.makedirs(os.path.join(home, folder), exist_ok=True)
        with open(os.path.join(home, folder, name), "a") as file:
            file.write(text)
    except OSError as error:
        print(error)
