"""Connects to sockets that are files: the grader's own, Docker's, the desktop's.

Succeeds if one of them answers.
"""

import os
import socket

for path in (SOCKET, "/run/docker.sock", "/var/run/docker.sock", "/tmp/.X11-unix/X0", "/dev/log"):
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
            connection.sendall(MARK.encode())
            found("a socket", path)
    except OSError as error:
        print(os.path.basename(path), error)
