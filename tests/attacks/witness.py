"""Looks for what others left: marked files in reach, names, modules and environment."""

import os
import sys

for folder in ("/tmp", "/dev/shm", "/cache", "/var/tmp", os.path.expanduser("~")):
    for where, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            if MARK in name:
                found("a marked file", os.path.join(where, name))
for name, module in list(sys.modules.items()):
    if MARK in name or hasattr(module, MARK.replace("-", "_")):
        found("a marked module", name)
for name, value in os.environ.items():
    if MARK in name + value:
        found("a marked variable", name)
