"""Connects to the grader's machine by TCP, by number, by name and by IPv6.

Succeeds if the listener on the grader's machine hears anything.
"""

import socket

for address in (("127.0.0.1", PORT), ("localhost", PORT), ("::1", PORT)):
    try:
        with socket.create_connection(address, 0.5) as connection:
            connection.sendall(MARK.encode())
    except OSError as error:
        print(error)
