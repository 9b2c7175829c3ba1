"""Reads the solutions, the references and the gradebook where the grader keeps them.

Succeeds if any exercise earns a point, or a secret's text is printed.
"""

import json
import os


def code(name, text):
    if not name.endswith(".ipynb"):
        return [text]
    cells = json.loads(text)["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


for folder in (ROOT, COURSE, os.path.expanduser("~root"), "/home", "/proc/1/root", "/proc/1/cwd"):
    for where, _, files in os.walk(folder):
        if "/.venv" in where or "/submitted" in where or "/proc/1/root/" in where + "/":
            continue
        for name in files:
            if not name.endswith((".py", ".md", ".ipynb")):
                continue
            try:
                with open(os.path.join(where, name), errors="ignore") as file:
                    text = file.read()
                parts = code(name, text)
            except (OSError, ValueError, KeyError):
                continue
            if "BEGIN SOLUTION" in text or "def levinson_durbin" in text:
                for part in parts:
                    try:
                        exec(part, globals())
                    except Exception:
                        continue
                if WHERE == "answer":
                    found("a solution", name)
