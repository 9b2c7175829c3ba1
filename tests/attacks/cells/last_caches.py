"""Poisons the caches of numba, Matplotlib and Python, from which code is loaded.

Succeeds if a file with the mark exists afterwards, or the next submission sees it.
"""

import os
import sys

folders = [os.environ.get(n) for n in ("NUMBA_CACHE_DIR", "MPLCONFIGDIR", "XDG_CACHE_HOME")]
folders += ["/cache", "/cache/numba", os.path.expanduser("~/.cache"), sys.pycache_prefix]
for folder in filter(None, folders):
    try:
        os.makedirs(folder, exist_ok=True)
        for name in (f"{MARK}.pyc", "matplotlibrc", "fontlist-v390.json"):
            with open(os.path.join(folder, name), "a") as file:
                file.write(f"# {MARK}\n")
    except OSError as error:
        print(error)
