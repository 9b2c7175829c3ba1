"""Writes answers whose arrays claim to hold objects, or more than they hold.

Succeeds if any exercise earns a point.
"""

import os
import struct

import msgpack


def frame(kind, payload):
    return struct.pack(">cI", kind, len(payload)) + payload


fields = [("|O", [1], bytes(8)), ("<f8", [2**40], b""), ("<f8", [-1], b""), ("<U0", [9], b"")]
for kind, shape, data in fields:
    array = msgpack.packb(msgpack.ExtType(3, msgpack.packb([kind, shape, data])))
    for name in NAMES:
        rest = msgpack.ExtType(1, msgpack.packb([]))
        answer = ["ok", array, "", rest, "", None, rest]
        message = frame(b"x", msgpack.packb(name))
        message += frame(b"a", msgpack.packb([name, 0, answer]))
        try:
            os.write(3, message)
        except OSError:
            pass
