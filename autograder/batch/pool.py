"""Work on many items in several processes, in which a process that dies costs one item.

Each worker is a fork of this process and owns what `start` makes in it (a box). Results come back
as plain data, in the order in which they are ready.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from autograder.sandbox.linux import die_with_parent

Start = Callable[[int], AbstractContextManager[Callable[[Any], Any]]]
TRIES = 2


@dataclass(frozen=True)
class Failed:
    """Stands in place of a result, and says why there is none."""

    says: str


def cores() -> int:
    """How many processes can run at a time here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _serve(
    start: Start, number: int, pipe: Connection, others: Sequence[Connection], fatal: type
) -> None:
    """A worker's life: one item in, one result out, until the pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()  # and with it the box: nothing goes on behind a batch that was killed
    for other in others:
        other.close()
    try:
        with start(number) as work:
            while True:
                try:
                    item = pipe.recv()
                except EOFError:
                    return
                pipe.send(_tried(work, item, fatal))
    except fatal as error:
        with contextlib.suppress(OSError):
            pipe.send(error)
    except BrokenPipeError:  # nobody waits for the result any more
        return


def reason(error: Exception) -> str:
    """An unexpected error in the words of a sentence."""
    return f"{type(error).__name__}: {error}"[:300]


def _tried(work: Callable[[Any], Any], item: Any, fatal: type) -> Any:
    """The result, or why there is none."""
    try:
        return work(item)
    except fatal:
        raise
    except Exception as error:
        return Failed(reason(error))


class _Worker:
    def __init__(self, start: Start, number: int, others: Sequence[_Worker], fatal: type) -> None:
        fork = multiprocessing.get_context("fork")
        self.pipe, theirs = fork.Pipe()
        ours = [self.pipe, *(other.pipe for other in others)]
        self.process = fork.Process(
            target=_serve, args=(start, number, theirs, ours, fatal), daemon=True
        )
        self.process.start()
        theirs.close()
        self.item: Any = None
        self.tries = 0

    def give(self, item: Any, tries: int) -> None:
        self.item, self.tries = item, tries
        with contextlib.suppress(OSError):  # it died: the next read says so
            self.pipe.send(item)

    def end(self, gently: bool) -> None:
        self.pipe.close()
        if not gently:
            self.process.terminate()
        self.process.join()


def _hand_out(waiting: deque[tuple[Any, int]], workers: Sequence[_Worker]) -> None:
    for worker in workers:
        if worker.item is None and waiting:
            worker.give(*waiting.popleft())


def alone(start: Start, items: Sequence[Any], fatal: type) -> Iterator[tuple[Any, Any]]:
    """The results of `spread` from this process alone, for one item or where no fork is safe."""
    with start(0) as work:
        for item in items:
            yield item, _tried(work, item, fatal)


def width(count: int, jobs: int | None = None) -> int:
    """How many processes to use for so many items; 0 for this one alone.

    A process with several threads does not fork: the fork could inherit a locked lock.
    """
    alone = count < 2 or threading.active_count() > 1
    return 0 if alone else min(jobs or cores(), count)


def spread(
    start: Start, items: Sequence[Any], jobs: int, fatal: type = OSError
) -> Iterator[tuple[Any, Any]]:
    """Yield (item, result) for every item; the result is `Failed` where none came back.

    `start(n)` is a context manager that gives the function to apply; it is entered once in
    each worker, with the worker's number. `jobs` is how many work at a time; with 0 it is this
    process that works. An exception of type `fatal` ends everything and is raised here.
    """
    if jobs == 0:
        yield from alone(start, items, fatal)
        return
    waiting = deque((item, 1) for item in items)
    workers: list[_Worker] = []
    numbers, gently = itertools.count(), False
    try:
        while waiting or any(worker.item is not None for worker in workers):
            while waiting and len(workers) < jobs:
                workers.append(_Worker(start, next(numbers), workers, fatal))
            _hand_out(waiting, workers)
            for pipe in wait([w.pipe for w in workers if w.item is not None]):
                worker = next(w for w in workers if w.pipe is pipe)
                item, tried, worker.item = worker.item, worker.tries, None
                try:
                    result = pipe.recv()
                except (EOFError, OSError):
                    worker.end(gently=False)
                    workers.remove(worker)
                    if tried < TRIES:
                        waiting.append((item, tried + 1))
                        continue
                    result = Failed("the grading process ended twice while it worked on this")
                if isinstance(result, fatal):
                    raise result
                _hand_out(waiting, workers)  # before the caller takes its time with this one
                yield item, result
        gently = True
    finally:
        for worker in workers:
            worker.end(gently)
