"""Opens sockets: to the grader's machine, to the world, by name, by path and abstract.

Succeeds if the listener on the grader's machine hears anything.
"""

import socket

for address in (("127.0.0.1", PORT), ("localhost", PORT), ("::1", PORT)):
    try:
        with socket.create_connection(address, 0.5) as connection:
            connection.sendall(MARK.encode())
    except OSError as error:
        print(error)
for path in ("\0" + MARK, "/run/docker.sock", "/tmp/.X11-unix/X0"):
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
            connection.sendall(MARK.encode())
            print("FOUND a socket")
    except OSError as error:
        print(error)
try:
    socket.getaddrinfo("localhost.localdomain", PORT)
except OSError as error:
    print(error)
