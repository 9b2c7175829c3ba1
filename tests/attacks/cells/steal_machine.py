"""Collects what tells one machine from another: host name, users, mounts, boot.

Succeeds if the host's name or its users are shown.
"""

import os

for path in ("/etc/hostname", "/etc/passwd", "/etc/shadow", "/etc/machine-id", "/root/.profile"):
    try:
        with open(path) as file:
            found(path, len(file.read()))
    except OSError as error:
        print(error)
print(os.listdir("/"))
