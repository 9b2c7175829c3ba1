"""Asks the kernel by netlink which interfaces there are, and for the others' messages.

Succeeds if an interface with an address other than its own loopback is seen.
"""

import os
import socket

for name in os.listdir("/sys/class/net") if os.path.isdir("/sys/class/net") else []:
    if name != "lo":
        found("an interface", name)
for index, name in socket.if_nameindex():
    if name != "lo":
        found("an interface", index, name)
for protocol in range(23):
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as link:
            link.bind((0, 1))
            print("bound", protocol)
    except OSError as error:
        print(protocol, error.errno)
