"""Sends datagrams: to the grader's machine, to everybody, by IPv6.

Succeeds if the listener on the grader's machine hears anything.
"""

import socket

for family, host in (
    (socket.AF_INET, "127.0.0.1"),
    (socket.AF_INET, "255.255.255.255"),
    (socket.AF_INET6, "::1"),
):
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sender.sendto(MARK.encode(), (host, UDP_PORT))
    except OSError as error:
        print(error)
