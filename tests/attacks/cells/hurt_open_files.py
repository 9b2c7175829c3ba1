"""Opens files, sockets and pipes until there are no more.

Succeeds if the batch stops.
"""

import os
import socket

kept = []
for make in (os.pipe, socket.socketpair, lambda: open("/dev/null")):
    try:
        while True:
            kept.append(make())
    except OSError as error:
        print(error.errno)
