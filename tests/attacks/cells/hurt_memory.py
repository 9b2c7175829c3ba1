"""Takes all the memory it can, in itself and in shared memory.

Succeeds if the batch stops.
"""

blocks = []
try:
    while True:
        blocks.append(bytearray(2**28))
except MemoryError:
    pass
with open("/dev/shm/fill", "wb") as file:
    while True:
        file.write(bytes(2**20))
