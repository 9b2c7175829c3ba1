"""What a Dask worker does: one warm box in its process, and submissions that come as data.

A worker needs the course's code and a sandbox. It has no gradebook, no folder of the course's, and
no submission but those that it was sent; what the worker needs of the course comes with them.
"""

from __future__ import annotations

import atexit
import hashlib
import pickle
import threading
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from autograder.batch import pool, version

HERE = version.fingerprint()  # of the code as it was when this process loaded it; grows with
# each course whose own packages are asked for
GRADED, FAILED, REFUSED, NO_BOX = "graded", "failed", "refused", "no box"

Reply = tuple[str, Any]  # one of the above, and an assessment or a sentence


class _Station:
    """The box of this process, and the work that it was last prepared for."""

    def __init__(self) -> None:
        self.box: Any = None
        self.preload: tuple[str, ...] = ()
        self.prepared = b""
        self.assess: Callable[[Any], Any] | None = None

    def is_prepared(self, sent: bytes) -> bool:
        """Is the box prepared for this work, given as the bytes that were sent?"""
        return hashlib.sha256(sent).digest() == self.prepared

    def prepare(self, sent: bytes) -> None:
        """Have a box for the work; another batch that needs the same modules keeps it warm."""
        if self.is_prepared(sent):
            return
        from autograder.batch import processes
        from autograder.sandbox.outside.box import Box

        work = pickle.loads(zlib.decompress(sent))
        if self.box is None or self.preload != tuple(work.preload):
            self.close()
            self.box, self.preload = Box(preload=work.preload), tuple(work.preload)
        self.assess = processes.assessor(work, self.box).assess
        self.prepared = hashlib.sha256(sent).digest()

    def close(self) -> None:
        """End the box; the next submission gets another."""
        if self.box is not None:
            self.box.close()
        self.box, self.prepared, self.assess = None, b"", None


_station = _Station()
_one = threading.Lock()
atexit.register(_station.close)


def _unfit(here: dict[str, str], work: bytes) -> str:
    """Why this worker cannot do the work of a machine that has `here`; "" if it can."""
    from distributed import get_worker

    threads = get_worker().state.nthreads
    if threads != 1:
        return f"has {threads} threads and one box: start it with --nthreads 1"
    packages = version.packages_of(here)
    now = version.fingerprint(version.packages_of(HERE) | packages)
    for name in now.keys() - HERE.keys():
        HERE[name] = now[name]
    if not _station.is_prepared(work) and HERE != now:
        return "loaded the course's code before it changed: restart it"
    if why := version.difference(here, HERE):
        return f"{why}: install the same there, and restart it"
    return ""


def graded(here: dict[str, str], work: bytes, handed: Sequence[bytes]) -> list[Reply]:
    """Grade a few submissions, for a grader whose machine has `here`; a reply for each.

    What went wrong is a sentence. `FAILED` concerns one submission; `REFUSED` and `NO_BOX` concern
    every submission, and are the last reply.
    """
    from distributed import get_worker

    if why := _unfit(here, work):
        return [(REFUSED, f"the worker at {get_worker().address} {why}")]
    replies: list[Reply] = []
    for one in handed:
        replies.append(_graded(work, one))
        if replies[-1][0] == NO_BOX:
            break
    return replies


def _graded(work: bytes, handed: bytes) -> Reply:
    from distributed import get_worker

    from autograder.sandbox.outside.box import SandboxUnavailable

    with _one:
        try:
            _station.prepare(work)
            return GRADED, _station.assess(pickle.loads(handed))
        except SandboxUnavailable as error:
            _station.close()
            return NO_BOX, f"on the worker at {get_worker().address}: {error}"
        except Exception as error:
            return FAILED, pool.reason(error)
