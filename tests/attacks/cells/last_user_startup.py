"""Writes start-up files of the user's own Python: usercustomize and .pth files.

Succeeds if a file with the mark exists afterwards.
"""

import os
import site

for folder in {site.getusersitepackages(), os.path.expanduser("~/.local/lib")}:
    try:
        os.makedirs(folder, exist_ok=True)
        for name in ("usercustomize.py", f"{MARK}.pth"):
            with open(os.path.join(folder, name), "a") as file:
                file.write(f"# {MARK}\n")
    except OSError as error:
        print(error)
