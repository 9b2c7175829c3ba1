"""The process that holds a student's code: runs the cells, then each exercise's calls.

Nothing here is trusted once the first cell has run. It writes frames to one pipe; whoever reads
them decides nothing by them except what values the student's functions return.
"""

from __future__ import annotations
import __future__

import ast
import io
import linecache
import resource
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from autograder.runner import frames, wire
from autograder.runner.call import CELL_FILE, NOTHING, attempt, forbidden, text_of
from autograder.runner.job import Answer, Exam, Job, Status

FUTURE = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
MAX_PROCESSES, MAX_FILES, MAX_FILE_BYTES = 64, 256, 64 * 2**20


class OutOfTime(BaseException):
    """A cell used up its time."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raises `OutOfTime` in the body after that many seconds, and again should it be swallowed."""

    def out_of_time(*_: Any) -> None:
        raise OutOfTime

    signal.signal(signal.SIGALRM, out_of_time)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


class _Compiler(CachingCompiler):
    cell = 0

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return f"{CELL_FILE}{self.cell}>"


class _Capped(io.TextIOBase):
    """Keeps the first `limit` characters written and drops the rest."""

    def __init__(self, limit: int) -> None:
        self.parts: list[str] = []
        self.left = limit

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.left > 0:
            self.parts.append(text[: self.left])
            self.left -= len(text)
            if self.left <= 0:
                self.parts.append("\n[output cut here]\n")
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


def _virtual_bytes() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def set_limits(job: Job) -> None:
    """Limits on processes, files, file size, core dumps, CPU and memory, for good."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NPROC, MAX_PROCESSES)
    _limit(resource.RLIMIT_NOFILE, MAX_FILES)
    _limit(resource.RLIMIT_FSIZE, MAX_FILE_BYTES)
    _limit(resource.RLIMIT_CPU, job.total_seconds + 5)
    _limit(resource.RLIMIT_AS, _virtual_bytes() + job.memory_mb * 2**20)


def _error_text(error: BaseException) -> tuple[str, str]:
    """(one line, short traceback with the student's own frames only)."""
    if isinstance(error, OutOfTime):
        line = "this cell took too long and was stopped"
        return line, line
    line = f"{type(error).__name__}: {text_of(error)}".rstrip(": ")
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
        self.flags = 0  # of `from __future__ import …`, which hold for later cells too

    def send(self, kind: bytes, value: Any) -> None:
        frames.write_all(self.fd, frames.pack(kind, wire.encode(value)))

    def run(self) -> None:
        """All cells, then all exercises."""
        sys.stdout = sys.stderr = self.out
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
            with alarm(self.job.cell_seconds), self.shell.display_trap:
                if code is None:
                    result = self.shell.run_cell(source, store_history=False)
                    error = result.error_before_exec or result.error_in_exec
                else:
                    for part in code:
                        exec(part, self.shell.user_global_ns, self.shell.user_ns)
        except BaseException as raised:
            error = raised
        return (self.out.take(), *(_error_text(error) if error else ("", "")))

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
        _soft_limit(resource.RLIMIT_AS, _virtual_bytes() + exam.memory_mb * 2**20)
        with forbidden(exam.forbidden, namespace), alarm(exam.seconds):
            for index, call in enumerate(exam.calls):
                function = namespace.get(call.function)
                answer, value = Answer(Status.MISSING), NOTHING
                if callable(function):
                    answer, value = attempt(function, call)
                if answer.error == OutOfTime.__name__:
                    answer = Answer(Status.TIMEOUT)
                self.send(frames.ANSWER, [name, index, answer.to_data(value)])
                if answer.status is Status.TIMEOUT:
                    break
