"""Writes its own feedback page and autograded notebook, and another's.

Succeeds if such a file says what the grader did not.
"""

import os

for step, ending in (("feedback", "html"), ("autograded", "ipynb"), ("release", "ipynb")):
    for student in (VICTIM, ATTACK):
        folder = os.path.join(COURSE, step, student, TOPIC)
        try:
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, f"{MARK}.{ending}"), "w") as file:
                file.write(f"<script>alert('{MARK}')</script>")
        except OSError as error:
            print(error)
