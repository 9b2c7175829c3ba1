"""The process that holds a student's code: runs the cells, then each exercise's calls.

Nothing here is trusted once the first cell has run. It writes frames to one pipe; whoever reads
them decides nothing by them except what values the student's functions return.
"""

from __future__ import annotations
import __future__

import ast
import importlib
import linecache
import math
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

from autograder.sandbox import frames, wire
from autograder.sandbox.inside.apart import Apart, is_harmless
from autograder.sandbox.inside.call import (
    CELL_FILE,
    NOTHING,
    attempt,
    forbidden,
    limit_met,
    line_of,
    text_of,
)
from autograder.sandbox.inside.shell import Capped
from autograder.sandbox.job import AT_END, CHECK, Answer, Exam, Job, Status

FUTURE = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
MAX_FILES = 256
_FINISHED = 87  # how a process ends that has made its calls, and no function that calls `_exit`
CPU_GRACE = 2  # seconds between the limit that a call may come back from and the one that kills


class OutOfTime(BaseException):
    """A cell, or an exercise's calls, used up the time by the clock."""


class OutOfCpu(BaseException):
    """A cell, or an exercise's calls, used up the processor time."""


@contextmanager
def alarm(seconds: float, cpu_seconds: float) -> Iterator[None]:
    """Raises `OutOfTime` or `OutOfCpu` in the body when one is used up, and again if swallowed."""

    def out_of_time(number: int, *_: Any) -> None:
        raise OutOfTime if number == signal.SIGALRM else OutOfCpu

    signal.signal(signal.SIGALRM, out_of_time)
    signal.signal(signal.SIGPROF, out_of_time)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)


def _limit(what: int, soft: float) -> None:
    hard = resource.getrlimit(what)[1]
    value = int(soft) if hard == resource.RLIM_INFINITY else min(int(soft), hard)
    resource.setrlimit(what, (value, value))


def _soft_limit(what: int, soft: float) -> None:
    """Set the soft limit for one exercise; the hard limit, set once for all, stays."""
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (min(int(soft), hard), hard))


_virtual = 0  # when it was last to be seen


def note_virtual_bytes() -> int:
    """This process's address space in bytes; the last known size where /proc is out of reach."""
    global _virtual
    try:
        with open("/proc/self/statm") as file:
            _virtual = int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        pass
    return _virtual


_others = 0  # threads that the user had already when the lane began


def note_threads() -> None:
    """Count the threads that the user runs already, which count towards the limit on processes."""
    global _others
    _others = 0
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if path.stat().st_uid == os.getuid():
                _others += len(os.listdir(path / "task"))
        except OSError:
            continue


def set_limits(job: Job) -> None:
    """Limits on processes, files, file size, core dumps, CPU and memory, for good."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NPROC, _others + max(_most(job, "processes")) + len(job.exams))
    _limit(resource.RLIMIT_NOFILE, MAX_FILES)
    _limit(resource.RLIMIT_FSIZE, max(_most(job, "file_mb")) * 2**20)
    _limit(resource.RLIMIT_CPU, math.ceil(job.cpu_seconds) + CPU_GRACE)
    _limit(resource.RLIMIT_AS, note_virtual_bytes() + max(_most(job, "memory_mb")) * 2**20)


def _most(job: Job, name: str) -> list[int]:
    """The values of the limit `name`: the notebook's, and each of its exercises'."""
    return [getattr(job, name), *(getattr(exam, name) for exam in job.exams.values())]


def _use(limits: Job | Exam, kept: int = 0) -> None:
    """Set the limits for what runs now: the notebook's for cells, an exercise's for its calls.

    `kept` is the number of our own processes that wait beside this one.
    """
    _soft_limit(resource.RLIMIT_AS, note_virtual_bytes() + limits.memory_mb * 2**20)
    _soft_limit(resource.RLIMIT_NPROC, _others + limits.processes + kept)
    _soft_limit(resource.RLIMIT_FSIZE, limits.file_mb * 2**20)


def _error_text(error: BaseException, job: Job) -> tuple[str, str]:
    """(one line, short traceback with the student's own frames only)."""
    if isinstance(error, OutOfTime):
        line = f"this cell took too long and was stopped (the limit is {job.cell_seconds:g} s)"
        return line, line
    if isinstance(error, OutOfCpu):
        line = "this cell was stopped: the notebook's cells used more than "
        line += f"{job.cpu_seconds:g} s of processor time"
        return line, line
    text = text_of(error.msg if isinstance(error, SyntaxError) else error)
    line = f"{type(error).__name__}: {text}".rstrip(": ")
    line += {
        Status.MEMORY: f" (the limit is {job.memory_mb} MiB of memory)",
        Status.PROCESSES: f" (the limit is {job.processes} processes and threads)",
        Status.FILE: f" (the limit is {job.file_mb} MiB a file, {job.disk_mb} MiB in all)",
    }.get(limit_met(error), "")
    if isinstance(error, SyntaxError):
        return line, _shown("".join(traceback.format_exception_only(type(error), error)))
    frames_of_cells = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(CELL_FILE)
    ]
    shown = "".join(traceback.format_list(frames_of_cells[-6:]))
    return line, _shown(f"{shown}{line}")


def _shown(text: str) -> str:
    """A traceback's text as people read it: cells are called by their numbers."""
    return text.replace(CELL_FILE, "<cell ")[-4000:]


def _line(error: BaseException) -> int | None:
    """The line of the cell at which the error stopped it, if that is known."""
    return error.lineno if isinstance(error, SyntaxError) else line_of(error)


@dataclass(frozen=True)
class _Code:
    """A cell as plain Python: its parts, compiled, and its statements."""

    parts: list[CodeType]
    body: list[ast.stmt]


@dataclass(frozen=True)
class _Kept:
    """A process that holds the notebook as it stood, and waits: its id, and what wakes it."""

    pid: int
    wake: int
    exams: tuple[str, ...]


class Child:
    """Runs one job and writes frames to `fd`.

    An exercise's function is called as it stood when its check cell had run without an error. All
    calls are made when all cells have run, so that none can tell a cell what it was asked. Where
    a cell might change what such a function uses, a fork keeps the process as it stood before.
    """

    def __init__(self, shell: InteractiveShell, job: Job, fd: int) -> None:
        self.shell, self.job, self.fd = shell, job, fd
        self.out = Capped(job.output_bytes)
        self.begun = self.spent()  # a fork starts from nothing, an unsafe box may not
        self.flags = 0  # of `from __future__ import …`, which hold for later cells too
        self.names = Apart(shell.user_ns, job.exams)
        self.checks = {exam.check: name for name, exam in job.exams.items()}
        self.checked: dict[str, Any] = {}  # each function whose check has run, as it was then
        self.standing: list[str] = []  # those of them that still are as they were
        self.kept: list[_Kept] = []

    def send(self, kind: bytes, value: Any) -> None:
        frames.write_all(self.fd, frames.pack(kind, wire.encode(value)))

    def run(self) -> None:
        """All cells, then all exercises."""
        sys.stdout = sys.stderr = self.out
        _use(self.job)
        for index, source in enumerate(self.job.cells):
            code = self.compiled(index, source)
            if self.standing and self.changes(index, source, code):
                self.keep()
            self.send(frames.CELL, index)
            done = self.run_cell(index, source, code)
            self.send(frames.CELL_DONE, [index, *done])
            if index in self.checks and source.strip() and not done[1]:
                self.has_passed(self.checks[index])
        self.run_exams()
        self.send(frames.END, "")

    def changes(self, index: int, source: str, code: _Code | None) -> bool:
        """May the cell change what a function uses whose check has passed already?"""
        if index in self.job.apart or not source.strip():
            return False
        return code is None or not is_harmless(code.body, self.names)

    def has_passed(self, name: str) -> None:
        """Note the function of that name, as its check has run without an error."""
        self.checked[name] = self.shell.user_ns.get(name)
        if CHECK in self.job.exams[name].moments:
            self.standing.append(name)

    def keep(self) -> None:
        """Fork a process that waits, for the exercises that stand as they do now."""
        names, self.standing = tuple(self.standing), []
        read, wake = os.pipe()
        used = self.cpu_used
        try:
            _use(self.job, len(self.kept) + 1)
            pid = os.fork()
        except OSError:  # the student's own processes are too many: they are called at the end
            for name in names:
                del self.checked[name]
            return
        if pid:
            os.close(read)
            self.kept.append(_Kept(pid, wake, names))
            return
        try:
            os.close(wake)
            self.begun = self.spent() - used
            if os.read(read, 1):
                for name in names:
                    self.run_exam(name, CHECK)
                os._exit(_FINISHED)
        finally:
            os._exit(1)

    def run_exams(self) -> None:
        """Call each exercise's function as it stood at each of the moments that count for it."""
        anew = [name for name, exam in self.job.exams.items() if AT_END in exam.moments]
        anew = [name for name in anew if self.is_anew(name)]
        plan = [(name, CHECK) for kept in self.kept for name in kept.exams]
        plan += [(name, CHECK) for name in self.standing] + [(name, AT_END) for name in anew]
        self.send(frames.PLAN, [list(sitting) for sitting in plan])
        for kept in self.kept:
            self.wake(kept)
        for name in self.standing:
            self.run_exam(name, CHECK)
        for name in anew:
            self.run_exam(name, AT_END)

    def is_anew(self, name: str) -> bool:
        """Has the function's check not passed, or was the function defined anew after its check?"""
        now = self.shell.user_ns.get(name)
        return name not in self.checked or (callable(now) and now is not self.checked[name])

    def wake(self, kept: _Kept) -> None:
        """Let the kept process make its calls. If it dies in one, this process ends, too."""
        try:
            os.write(kept.wake, b"+")
            _, status = os.waitpid(kept.pid, 0)
        except OSError:
            status = 1
        if os.waitstatus_to_exitcode(status) != _FINISHED:
            os._exit(1)

    def run_cell(
        self, index: int, source: str, code: _Code | None
    ) -> tuple[str, str, str, int | None]:
        """What the cell printed, its error in one line, its traceback, its line."""
        if not source.strip():
            return "", "", "", None

        self.shell.compile.cell = index
        error: BaseException | None = None
        apart = index in self.job.apart
        names = self.names if apart else self.shell.user_ns
        try:
            with alarm(self.job.cell_seconds, self.cpu_left()), self.shell.display_trap:
                if code is None:
                    error = self.run_by_ipython(source, apart)
                else:
                    for part in code.parts:
                        exec(part, names, names)
        except BaseException as raised:
            error = raised
        if apart:
            self.names.lend()
        if error is None:
            return self.out.take(), "", "", None
        return self.out.take(), *_error_text(error, self.job), _line(error)

    def run_by_ipython(self, source: str, apart: bool) -> BaseException | None:
        """Run a cell that is not plain Python by IPython; returns its error."""
        before = dict(self.shell.user_ns)
        result = self.shell.run_cell(source, store_history=False)
        importlib.invalidate_caches()  # it may have written a module
        if apart:
            self.names.take_back(before)
        return result.error_before_exec or result.error_in_exec

    @property
    def cpu_used(self) -> float:
        """Seconds of the processor that the notebook has used."""
        return self.spent() - self.begun

    @staticmethod
    def spent() -> float:
        """Seconds of the processor that this process and its ended children have used."""
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.process_time() + children.ru_utime + children.ru_stime

    def cpu_left(self) -> float:
        """Seconds of the processor that the notebook has left."""
        return max(self.job.cpu_seconds - self.cpu_used, 0.01)

    def compiled(self, index: int, source: str) -> _Code | None:
        """The cell's code, its last expression as a part that displays it.

        None for what is not plain Python (magics, shell commands, top-level await): that is for
        IPython, which takes a millisecond more.
        """
        name = f"{CELL_FILE}{index}>"
        try:
            tree = ast.parse(source)
            body = list(tree.body)
            shows = bool(tree.body) and isinstance(tree.body[-1], ast.Expr)
            shows = shows and not source.rstrip().endswith(";")
            last = ast.Interactive([tree.body.pop()]) if shows else None
            trees = [(tree, "exec"), *([(last, "single")] if last else [])]
            parts = [compile(t, name, mode, self.flags, dont_inherit=True) for t, mode in trees]
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        self.flags |= parts[0].co_flags & FUTURE
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        return _Code(parts, body)

    def run_exam(self, name: str, moment: str) -> None:
        """The calls of one exercise, one answer each; the first that is too late is the last.

        A call that ends the process, or that cannot be interrupted, is seen by the watcher, and
        the box tries again without this exercise.
        """
        namespace, exam = self.shell.user_ns, self.job.exams[name]
        self.send(frames.EXAM, [name, moment])
        _use(exam, len(self.kept))
        cpu = min(exam.cpu_seconds, self.cpu_left())
        with forbidden(exam.forbidden, namespace), alarm(exam.seconds, cpu):
            for index, call in enumerate(exam.calls):
                function = namespace.get(call.function)
                there = "" if function is None else type(function).__name__[:80]
                answer, value = Answer(Status.MISSING, message=there), NOTHING
                if callable(function):
                    answer, value = attempt(function, call)
                if answer.error in _OUT:
                    answer = Answer(_OUT[answer.error])
                self.send(frames.ANSWER, [name, moment, index, answer.to_data(value)])
                if answer.status in _OUT.values():
                    break


_OUT = {OutOfTime.__name__: Status.TIMEOUT, OutOfCpu.__name__: Status.CPU}
