"""Writes answers that are small on the wire and huge once they are decoded.

Succeeds if the batch stops, or the grader takes minutes or gigabytes for it.
"""

import os
import struct

import msgpack

nothing = msgpack.ExtType(1, msgpack.packb([]))


def bomb(*args, **kwargs):
    lists = struct.pack(">BI", 0xDD, 12 * 2**20) + b"\x90" * (12 * 2**20)
    tuples = struct.pack(">BI", 0xDD, 4 * 2**20) + b"\xd4\x01\x90" * (4 * 2**20)
    for index, value in enumerate((lists, tuples, lists, tuples)):
        fields = ["ok", value, "", nothing, "", None, nothing]
        payload = msgpack.packb([NAMES[0], index, fields])
        data = memoryview(struct.pack(">cI", b"a", len(payload)) + payload)
        while data:
            data = data[os.write(3, data) :]
    return lists


globals()[NAMES[0]] = bomb
