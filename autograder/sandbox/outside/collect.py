"""Reads what a student's process sends, for as long and as much as it may."""

from __future__ import annotations

import time

from autograder.sandbox import frames, wire
from autograder.sandbox.job import Job

GRACE = 1.5  # seconds a process has to stop by itself before it is killed
MAX_REPLY = 96 * 2**20
FRAME = 64  # bytes that a frame counts for, be it empty: so much it takes to keep one


def watch(fd: int, job: Job) -> tuple[bytes, str]:
    """Collect the frames until the process ends, is late, or says too much; and why it stopped.

    The second value is "" where it finished, else "died", "late" (the cell or exercise), "over"
    (the notebook as a whole) or "flood".
    """
    end = time.monotonic() + job.total_seconds
    deadline, collected, size = end, [], 0
    seconds = {(frames.CELL, wire.encode(i)): job.cell_seconds for i in range(len(job.cells))}
    seconds |= {
        (frames.EXAM, wire.encode([name, moment])): exam.seconds
        for name, exam in job.exams.items()
        for moment in exam.moments
    }
    reader = frames.Reader(fd)
    while True:
        try:
            kind, payload = reader.read(min(deadline, end))
        except (frames.ChannelClosed, ConnectionError):
            return b"".join(collected), "died"
        except frames.Late:
            return b"".join(collected), "over" if end <= deadline else "late"
        size += len(payload) + FRAME
        if size > MAX_REPLY:
            return b"".join(collected), "flood"
        if kind == frames.END:
            return b"".join(collected), ""
        collected.append(frames.pack(kind, payload))
        if (more := seconds.pop((kind, payload), None)) is not None:  # who repeats it gains no time
            deadline = time.monotonic() + more + GRACE
