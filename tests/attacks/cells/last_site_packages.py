"""Writes into Python's packages, start-up files and caches, for the next submission to run.

Succeeds if a file with the mark exists afterwards, or the next submission prints it.
"""

import os
import site
import sys

text = f"print('{MARK}')"
for folder in [
    *sys.path,
    *site.getsitepackages(),
    site.getusersitepackages(),
    "/cache",
    sys.prefix,
]:
    for name in ("usercustomize.py", "sitecustomize.py", f"{MARK}.pth", "numpy/__init__.py"):
        try:
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, name), "a") as file:
                file.write(text)
        except OSError:
            pass
