"""The process that holds a student's code: runs the cells, then each exercise's calls.

Nothing here is trusted once the first cell has run. It writes frames to one pipe; whoever reads
them decides nothing by them except what values the student's functions return.
"""

from __future__ import annotations
import __future__

import ast
import io
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
from pathlib import Path
from types import CodeType
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.sandbox import frames, wire
from autograder.sandbox.inside.call import (
    CELL_FILE,
    NOTHING,
    attempt,
    forbidden,
    limit_met,
    text_of,
)
from autograder.sandbox.job import Answer, Exam, Job, Status

FUTURE = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
MAX_FILES = 256
CPU_GRACE = 2  # seconds between the limit that a call may come back from and the one that kills


class OutOfTime(BaseException):
    """A cell, or an exercise's calls, used up the time by the clock."""


class OutOfCpu(BaseException):
    """The same for the time of the processor."""


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


class _Compiler(CachingCompiler):
    cell = 0

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return f"{CELL_FILE}{self.cell}>"


class _Capped(io.TextIOBase):
    """Keeps the first `limit` characters written and drops the rest."""

    def __init__(self, limit: int) -> None:
        self.parts: list[str] = []
        self.left = self.limit = limit

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.left > 0:
            self.parts.append(text[: self.left])
            self.left -= len(text)
            if self.left <= 0:
                self.parts.append(
                    f"\n[output cut here: the limit is {self.limit:,} characters a notebook]\n"
                )
        return len(text)

    def take(self) -> str:
        text, self.parts = "".join(self.parts), []
        return text


def make_shell() -> InteractiveShell:
    """An IPython shell without history, colours, profile or prompts. Made once, in the parent."""
    config = Config()
    config.HistoryManager.enabled = False  # no file, and no thread that a fork would lose
    shell = InteractiveShell.instance(
        config=config, colors="nocolor", history_load_length=0, compiler_class=_Compiler
    )
    shell.showtraceback = lambda *args, **kwargs: None
    shell.showsyntaxerror = lambda *args, **kwargs: None
    shell.displayhook.write_output_prompt = lambda: None
    shell.displayhook.log_output = lambda *args: None
    shell.register_magic_function(lambda line: None, "line", "matplotlib")
    shell.run_cell("pass", store_history=False)  # warm its transformers and compiler
    return shell


def _limit(what: int, soft: float) -> None:
    hard = resource.getrlimit(what)[1]
    value = int(soft) if hard == resource.RLIM_INFINITY else min(int(soft), hard)
    resource.setrlimit(what, (value, value))


def _soft_limit(what: int, soft: float) -> None:
    """For one exercise; the hard limit, set once, is what holds."""
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (min(int(soft), hard), hard))


_virtual = 0  # when it was last to be seen


def note_virtual_bytes() -> int:
    """This process's address space; as it was last known where /proc is out of reach."""
    global _virtual
    try:
        with open("/proc/self/statm") as file:
            _virtual = int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        pass
    return _virtual


_others = 0  # threads that the user had already when the lane began


def note_threads() -> None:
    """Count what the user runs already, where the limit on processes counts it too."""
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
    _limit(resource.RLIMIT_NPROC, _others + max(_most(job, "processes")))
    _limit(resource.RLIMIT_NOFILE, MAX_FILES)
    _limit(resource.RLIMIT_FSIZE, max(_most(job, "file_mb")) * 2**20)
    _limit(resource.RLIMIT_CPU, math.ceil(job.cpu_seconds) + CPU_GRACE)
    _limit(resource.RLIMIT_AS, note_virtual_bytes() + max(_most(job, "memory_mb")) * 2**20)


def _most(job: Job, name: str) -> list[int]:
    """What the notebook and each of its exercises may use."""
    return [getattr(job, name), *(getattr(exam, name) for exam in job.exams.values())]


def _use(limits: Job | Exam) -> None:
    """For what runs now: cells by the notebook's limits, an exercise's calls by their own."""
    _soft_limit(resource.RLIMIT_AS, note_virtual_bytes() + limits.memory_mb * 2**20)
    _soft_limit(resource.RLIMIT_NPROC, _others + limits.processes)
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
    line = f"{type(error).__name__}: {text_of(error)}".rstrip(": ")
    line += {
        Status.MEMORY: f" (the limit is {job.memory_mb} MiB of memory)",
        Status.PROCESSES: f" (the limit is {job.processes} processes and threads)",
        Status.FILE: f" (the limit is {job.file_mb} MiB a file, {job.disk_mb} MiB in all)",
    }.get(limit_met(error), "")
    if isinstance(error, SyntaxError):
        return line, "".join(traceback.format_exception_only(type(error), error))[-4000:]
    frames_of_cells = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(CELL_FILE)
    ]
    shown = "".join(traceback.format_list(frames_of_cells[-6:]))
    return line, f"{shown}{line}"[-4000:]


class Child:
    """Runs one job and writes frames to `fd`."""

    def __init__(self, shell: InteractiveShell, job: Job, fd: int) -> None:
        self.shell, self.job, self.fd = shell, job, fd
        self.out = _Capped(job.output_bytes)
        self.begun = time.process_time()  # a fork starts from nothing, an unsafe box may not
        self.flags = 0  # of `from __future__ import …`, which hold for later cells too

    def send(self, kind: bytes, value: Any) -> None:
        frames.write_all(self.fd, frames.pack(kind, wire.encode(value)))

    def run(self) -> None:
        """All cells, then all exercises."""
        sys.stdout = sys.stderr = self.out
        _use(self.job)
        for index, source in enumerate(self.job.cells):
            self.send(frames.CELL, index)
            self.send(frames.CELL_DONE, [index, *self.run_cell(index, source)])
        for name, exam in self.job.exams.items():
            self.send(frames.EXAM, name)
            self.run_exam(name, exam)
        self.send(frames.END, "")

    def run_cell(self, index: int, source: str) -> tuple[str, str, str]:
        """What the cell printed, its error in one line, its traceback."""
        if not source.strip():
            return "", "", ""

        self.shell.compile.cell = index
        code = self.compiled(index, source)
        error: BaseException | None = None
        try:
            with alarm(self.job.cell_seconds, self.cpu_left()), self.shell.display_trap:
                if code is None:
                    result = self.shell.run_cell(source, store_history=False)
                    error = result.error_before_exec or result.error_in_exec
                else:
                    for part in code:
                        exec(part, self.shell.user_global_ns, self.shell.user_ns)
        except BaseException as raised:
            error = raised
        return (self.out.take(), *(_error_text(error, self.job) if error else ("", "")))

    def cpu_left(self) -> float:
        """Seconds of the processor that the notebook has left."""
        return max(self.job.cpu_seconds - time.process_time() + self.begun, 0.01)

    def compiled(self, index: int, source: str) -> list[CodeType] | None:
        """The cell's code, its last expression as a part that displays it.

        None for what is not plain Python (magics, shell commands, top-level await): that is for
        IPython, which takes a millisecond more.
        """
        name = f"{CELL_FILE}{index}>"
        try:
            tree = ast.parse(source)
            shows = bool(tree.body) and isinstance(tree.body[-1], ast.Expr)
            shows = shows and not source.rstrip().endswith(";")
            last = ast.Interactive([tree.body.pop()]) if shows else None
            trees = [(tree, "exec"), *([(last, "single")] if last else [])]
            parts = [compile(t, name, mode, self.flags, dont_inherit=True) for t, mode in trees]
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        self.flags |= parts[0].co_flags & FUTURE
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        return parts

    def run_exam(self, name: str, exam: Exam) -> None:
        """The calls of one exercise, one answer each; the first that is too late is the last.

        In this same process: a call that ends it, or that cannot be interrupted, is seen by the
        watcher, and the box tries again without this exercise.
        """
        namespace = self.shell.user_ns
        _use(exam)
        cpu = min(exam.cpu_seconds, self.cpu_left())
        with forbidden(exam.forbidden, namespace), alarm(exam.seconds, cpu):
            for index, call in enumerate(exam.calls):
                function = namespace.get(call.function)
                answer, value = Answer(Status.MISSING), NOTHING
                if callable(function):
                    answer, value = attempt(function, call)
                if answer.error in _OUT:
                    answer = Answer(_OUT[answer.error])
                self.send(frames.ANSWER, [name, index, answer.to_data(value)])
                if answer.status in _OUT.values():
                    break


_OUT = {OutOfTime.__name__: Status.TIMEOUT, OutOfCpu.__name__: Status.CPU}
