"""Opens raw, packet, virtual-machine and Bluetooth sockets.

Succeeds if one of them carries a packet to the listener.
"""

import socket

for family in ("AF_PACKET", "AF_VSOCK", "AF_BLUETOOTH", "AF_CAN", "AF_TIPC", "AF_ALG"):
    try:
        socket.socket(getattr(socket, family), socket.SOCK_RAW).close()
        print(family)
    except (OSError, AttributeError) as error:
        print(family, error)
try:
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
        header = UDP_PORT.to_bytes(2, "big") * 2 + (8 + len(MARK)).to_bytes(2, "big") + bytes(2)
        raw.sendto(header + MARK.encode(), ("127.0.0.1", 0))
except OSError as error:
    print(error)
