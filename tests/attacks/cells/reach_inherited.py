"""Sends on every socket that it inherited, and asks each for the other end's name.

Succeeds if the listener or another process hears anything.
"""

import os
import socket

for descriptor in range(4, 256):
    try:
        with socket.socket(fileno=os.dup(descriptor)) as inherited:
            found("a socket", descriptor, inherited.getpeername())
            inherited.send(MARK.encode())
    except OSError:
        pass
