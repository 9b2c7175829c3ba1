"""Frames on a pipe: one kind byte, four length bytes, a payload on the wire's encoding."""

from __future__ import annotations

import os
import select
import struct
import time
from collections.abc import Iterator

_HEAD = struct.Struct(">cI")
START = struct.Struct(">cIII")  # of a job: "+", MiB of memory, ms of CPU, MiB of disk
MAX_PAYLOAD = 64 * 2**20

JOB, CELL, CELL_DONE, PLAN, EXAM, ANSWER, END = b"J", b"c", b"C", b"p", b"x", b"a", b"E"


class ChannelClosed(Exception):
    """The process at the other end of the pipe is gone."""


class Late(Exception):
    """Nothing came within the time allowed."""


def write_all(fd: int, data: bytes, _write=os.write) -> None:
    """Write every byte."""
    view = memoryview(data)
    while view:
        view = view[_write(fd, view) :]


def pack(kind: bytes, payload: bytes) -> bytes:
    """The frame as bytes."""
    return _HEAD.pack(kind, len(payload)) + payload


def parse(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The complete frames in the data, stopping silently at the first that is not whole."""
    at = 0
    while at + _HEAD.size <= len(data):
        kind, length = _HEAD.unpack_from(data, at)
        end = at + _HEAD.size + length
        if length > MAX_PAYLOAD or end > len(data):
            return
        yield kind, data[at + _HEAD.size : end]
        at = end


class Reader:
    """Reads frames from a descriptor, in blocks, since each frame is small."""

    def __init__(self, fd: int) -> None:
        self.fd, self.rest = fd, bytearray()

    def _fill(self, count: int, deadline: float) -> None:
        """Have `count` bytes; raises `ChannelClosed` or `Late`."""
        while len(self.rest) < count:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise Late
            part = os.read(self.fd, 1 << 20)
            if not part:
                raise ChannelClosed
            self.rest += part

    def read(self, deadline: float, limit: int = MAX_PAYLOAD) -> tuple[bytes, bytes]:
        """The next frame."""
        self._fill(_HEAD.size, deadline)
        kind, length = _HEAD.unpack_from(self.rest)
        if length > limit:
            raise ChannelClosed
        end = _HEAD.size + length
        self._fill(end, deadline)
        payload = bytes(memoryview(self.rest)[_HEAD.size : end])
        del self.rest[:end]
        return kind, payload


def read_exactly(fd: int, count: int, deadline: float | None = None) -> bytes:
    """`count` bytes; raises `ChannelClosed` or `Late`."""
    parts = []
    while count:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([fd], [], [], left)[0]:
                raise Late
        part = os.read(fd, min(count, 1 << 20))
        if not part:
            raise ChannelClosed
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def read(fd: int, deadline: float | None = None, limit: int = MAX_PAYLOAD) -> tuple[bytes, bytes]:
    """The next frame."""
    kind, length = _HEAD.unpack(read_exactly(fd, _HEAD.size, deadline))
    if length > limit:
        raise ChannelClosed
    return kind, read_exactly(fd, length, deadline)
