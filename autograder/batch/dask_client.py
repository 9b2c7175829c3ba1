"""A batch on a Dask cluster: submissions go out as data, results come back to one writer.

The writer reads the submissions, so that workers share no folder with the writer; `dask_worker` is
the workers' side. A task is a few submissions, since each task costs the scheduler and a worker's
event loop some milliseconds; towards the end, and after a task that no worker survives, a task is
one submission. There are never more tasks under way than keep the workers busy. A worker that dies
costs nothing, since Dask gives its tasks to others; a scheduler that dies ends the batch, and what
came back by then is written.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
import logging
import pickle
import queue
import time
import uuid
import warnings
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.batch import pool
from autograder.batch.processes import Results, Work
from autograder.course import declared
from autograder.course.course import CourseError
from autograder.exercise.declare import Exercise, Limits
from autograder.submission import collect

CONNECT_SECONDS = 10.0
LOOK_SECONDS = 2.0  # how often the scheduler is asked who is there
PATIENCE_SECONDS = 300.0  # how long a queueing system may take to start the first worker
CHUNK = 4  # submissions in a task, at most
DEPTH = 2 * CHUNK  # submissions under way for each worker: a task in hand, another on its way


@dataclass(frozen=True)
class Away:
    """What a worker gets to know of the course: no folder, no gradebook, no configuration."""

    secret: str = field(repr=False)
    checks: str  # the package, which the worker finds as Python finds packages
    listed: tuple[str, ...]

    def topics(self) -> list[str]:
        """The course's topics, as `Course.topics` gives them."""
        return list(self.listed)

    def exercises(self, topic: str) -> tuple[Exercise, ...]:
        """A topic's exercises as `Course.exercises` gives them, from the worker's own code."""
        module = f"{self.checks}.{topic}"
        return declared.exercises_in(module, Path(*module.split(".")), [])


@dataclass(frozen=True)
class Declared:
    """The topic's exercises as they are declared where this is called, with the course's limits."""

    course: Away
    topic: str
    limits: dict[str, Limits]

    def __call__(self) -> tuple[Exercise, ...]:
        from autograder.batch import plan

        found = []
        for exercise in plan.declared(self.course, self.topic):
            wanted = self.limits[exercise.name]
            same = exercise.limits == wanted  # then it keeps what it has worked out already
            found.append(exercise if same else dataclasses.replace(exercise, limits=wanted))
        return tuple(found)


def packed(work: Work) -> bytes:
    """The work as bytes, as workers get it: without the course's folders and configuration."""
    limits = {exercise.name: exercise.limits for exercise in work.exercises()}
    course = work.course
    away = Away(course.secret, course.checks, tuple(course.topics()))
    exercises = Declared(away, work.assignment.topic, limits)
    sent = dataclasses.replace(work, course=away, exercises=exercises)
    return zlib.compress(pickle.dumps(sent))


def _errand() -> Callable[..., Any]:
    """What workers are told to do: a function that travels with its code.

    So the scheduler needs nothing of the course, and a worker that lacks it can say so.
    """

    def errand(handed: list[bytes], here: dict[str, str], work: bytes) -> list[tuple[str, Any]]:
        try:
            from autograder.batch.dask_worker import graded
        except ImportError as error:
            return [("refused", f"a worker lacks the course's code ({error}): install it there")]
        return graded(here, work, handed)

    return errand


def _knock(address: str) -> None:
    """Connect once, and raise what goes wrong: a Dask client would fail late, and log much."""
    from concurrent.futures import ThreadPoolExecutor

    from distributed import Security
    from distributed.comm import connect

    async def knock() -> None:
        certificates = Security().get_connection_args("client")
        comm = await connect(address, timeout=CONNECT_SECONDS, **certificates)
        await comm.close()

    with ThreadPoolExecutor(1) as elsewhere:  # there may be a loop in this thread: Jupyter's
        elsewhere.submit(asyncio.run, knock()).result()


@contextlib.contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of the scheduler at the address; raises `CourseError` where none answers."""
    try:
        from distributed import Client
    except ImportError:
        raise CourseError(
            "a cluster needs Dask: `pip install -e '.[dask]'`, here and on the workers"
        ) from None
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # we say it, in one sentence
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # versions that differ: the workers are asked for theirs
        try:
            _knock(address)
            client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            says = str(error).strip().splitlines() or [type(error).__name__]
            raise CourseError(
                f"no Dask scheduler answers at {address} ({says[0][:200]}): start one with `dask "
                "scheduler` and give the address that it prints; for tls:// name your certificates "
                "in distributed's configuration"
            ) from None
    try:
        yield client
    finally:
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            client.close(timeout=CONNECT_SECONDS)


def remotely(work: Work, students: Sequence[str], address: str) -> Results:
    """(student, assessment or `pool.Failed`) for everyone, as they come from the cluster."""
    if not students:
        return
    if work.unsafe:
        raise CourseError(
            "without the sandbox a student's code could reach the whole cluster: grade without it "
            "on a machine of your own, or not at all"
        )
    with connected(address) as client:
        yield from _Stream(client, address, work).results(students)


class _Stream:
    """Submissions out, results in."""

    def __init__(self, client: Any, address: str, work: Work) -> None:
        from autograder.batch import version

        self.client, self.address, self.work = client, address, work
        self.constant = version.fingerprint(work.course.packages()), packed(work)
        self.errand, self.batch = _errand(), uuid.uuid4().hex[:12]
        self.numbers = itertools.count()
        self.done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self.under_way: dict[str, tuple[Sequence[str], Any]] = {}
        self.workers, self.last_seen, self.next_look = 0, time.monotonic(), 0.0

    def results(self, students: Sequence[str]) -> Results:
        waiting = deque(students)
        while waiting or self.under_way:
            self._look()
            there = sum(len(some) for some, _ in self.under_way.values())
            room = DEPTH * max(self.workers, 1) - there
            if waiting and room >= there:  # half of it is done: several tasks at once
                self._send(list(self._tasks(waiting, room)))
            for future in self._some():
                results = self._results(future)
                some, _ = self.under_way.pop(future.key)
                future.release()
                if results is not None:
                    yield from zip(some, results)
                elif len(some) == 1:
                    yield some[0], pool.Failed("several workers ended while they had this")
                else:  # one of them is to blame, and the others need not suffer
                    self._send([[student] for student in some])

    def _tasks(self, waiting: deque[str], room: int) -> Iterator[list[str]]:
        """Take as many students as there is room for, so that all workers end at about one time."""
        while waiting and room > 0:
            size = min(CHUNK, room, max(len(waiting) // (2 * max(self.workers, 1)), 1))
            room -= size
            yield [waiting.popleft() for _ in range(min(size, len(waiting)))]

    def _send(self, tasks: Sequence[Sequence[str]]) -> None:
        """Read the submissions and send them as tasks, under keys that name no student."""
        topic, course = self.work.assignment.topic, self.work.course
        handed = [
            [pickle.dumps(collect.collect(course, student, topic)) for student in students]
            for students in tasks
        ]
        here, work = self.constant
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that a notebook is large
            try:
                futures = self.client.map(
                    self.errand,
                    handed,
                    key=[f"autograder-{self.batch}-{next(self.numbers)}" for _ in tasks],
                    pure=False,
                    here=here,
                    work=work,
                )
            except (OSError, RuntimeError):
                raise self._lost() from None
        for students, future in zip(tasks, futures):
            self.under_way[future.key] = students, future
            future.add_done_callback(self.done.put)

    def _some(self) -> list[Any]:
        """The tasks that are done; none if no task is done until the next look at the scheduler."""
        found = []
        with contextlib.suppress(queue.Empty):
            found.append(self.done.get(timeout=LOOK_SECONDS))
            while True:
                found.append(self.done.get_nowait())
        return found

    def _look(self) -> None:
        """Ask, now and then, whether the scheduler is there and which workers are."""
        now = time.monotonic()
        if now < self.next_look:
            return
        try:
            self.workers = len(self.client.nthreads())
        except (OSError, RuntimeError):
            raise self._lost() from None
        self.next_look = now + LOOK_SECONDS
        if self.workers:
            self.last_seen = now
        elif now - self.last_seen > PATIENCE_SECONDS:
            raise CourseError(
                f"the Dask scheduler at {self.address} has had no worker for "
                f"{PATIENCE_SECONDS:.0f} s: start some, and run this again"
            )

    def _lost(self) -> CourseError:
        return CourseError(
            f"the Dask scheduler at {self.address} is gone: what was graded until then is kept; "
            "start it again, and run this again, which goes on where it was"
        )

    def _results(self, future: Any) -> list[Any] | None:
        """What a worker replied, or None if it ended; raises what concerns the whole batch."""
        from concurrent.futures import CancelledError

        from distributed import KilledWorker

        from autograder.sandbox.outside.box import SandboxUnavailable

        try:
            replies = future.result()
        except KilledWorker:
            return None
        except (CancelledError, OSError):
            raise self._lost() from None
        except Exception as error:
            raise CourseError(
                f"a worker of {self.address} could not take the work ({pool.reason(error)}): it "
                "needs the same Python and packages as this machine"
            ) from None
        found = []
        for kind, reply in replies:
            if kind == "refused":
                raise CourseError(reply)
            if kind == "no box":
                raise SandboxUnavailable(reply)
            found.append(pool.Failed(reply) if kind == "failed" else reply)
        return found
