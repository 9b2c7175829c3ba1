"""Sends what it knows as a question to a name server.

Succeeds if the listener on the grader's machine hears anything, or a name is found.
"""

import socket

question = b"\x13\x37\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
question += bytes([len(MARK)]) + MARK.encode() + b"\x07invalid\x00\x00\x01\x00\x01"
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
    for port in (53, UDP_PORT):
        try:
            sender.sendto(question, ("127.0.0.1", port))
        except OSError as error:
            print(error)
try:
    with open("/etc/resolv.conf") as file:
        if "nameserver" in file.read():
            found("a name server to ask")
except OSError as error:
    print(error)
