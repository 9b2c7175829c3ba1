"""Changes the grader's own code, configuration and checks.

Succeeds if a file with the mark exists afterwards.
"""

import os

names = ["autograder/judging/score.py", "autograder/checks/__init__.py", "nbgrader_config.py"]
names += [f"solutions/{MARK}.md", f"source/{TOPIC}/{MARK}.ipynb"]
for folder in (ROOT, COURSE, "/box"):
    for name in names:
        try:
            with open(os.path.join(folder, name), "a") as file:
                file.write(f"\n# {MARK}\n")
        except OSError as error:
            print(error)
