"""Floods the channel with one frame of gigabytes, and with noise.

Succeeds if the batch stops.
"""

import os
import struct

os.write(3, struct.pack(">cI", b"a", 2**32 - 1))
try:
    while True:
        os.write(3, os.urandom(2**20))
except OSError:
    pass
