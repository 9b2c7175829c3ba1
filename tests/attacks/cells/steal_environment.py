"""Looks for the grader's secrets in the environment, its own and its parents'.

Succeeds if the secret is found.
"""

import os

if SECRET in str(dict(os.environ)):
    found("a secret in the environment")
for pid in ("self", os.getppid(), 1):
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            if SECRET.encode() in file.read():
                found("a secret in", pid)
    except OSError as error:
        print(error)
