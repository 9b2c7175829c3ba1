"""Reads what a student's process sends, for as long and as much as it may."""

from __future__ import annotations

import contextlib
import time

from autograder.runner import frames, wire
from autograder.runner.job import Job

GRACE = 1.5  # seconds a process has to stop by itself before it is killed
MAX_REPLY = 96 * 2**20


def watch(fd: int, job: Job) -> tuple[bytes, str]:
    """Collect the frames until the process ends, is late, or says too much; and why it stopped.

    The second value is "" where it finished, else "died", "late" (the cell or exercise), "over"
    (the notebook as a whole) or "flood".
    """
    end = time.monotonic() + job.total_seconds
    deadline, collected, size = end, [], 0
    reader = frames.Reader(fd)
    while True:
        try:
            kind, payload = reader.read(min(deadline, end))
        except (frames.ChannelClosed, ConnectionError):
            return b"".join(collected), "died"
        except frames.Late:
            return b"".join(collected), "over" if end <= deadline else "late"
        size += len(payload)
        if size > MAX_REPLY:
            return b"".join(collected), "flood"
        if kind == frames.END:
            return b"".join(collected), ""
        collected.append(frames.pack(kind, payload))
        if kind == frames.CELL:
            deadline = time.monotonic() + job.cell_seconds + GRACE
        elif kind == frames.EXAM:
            with contextlib.suppress(Exception):
                seconds = job.exams[wire.decode(payload)].seconds
                deadline = time.monotonic() + seconds + GRACE
