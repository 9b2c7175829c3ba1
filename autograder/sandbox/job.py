"""What goes into the sandbox and what comes back: plain data only."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from autograder.sandbox import wire

# The two moments of a notebook at which a function may be called, as it stood then.
CHECK = "check"  # when its own check cell had run without an error
AT_END = "end"  # when all cells had run


class Status(StrEnum):
    """How one call of a student's function ended."""

    OK = "ok"  # it returned; `value` is what it returned, as data
    ERROR = "error"  # it raised; `error`, `message`, `line` say what and where
    MISSING = "missing"  # no function of that name was defined
    TIMEOUT = "timeout"  # it used up its time by the clock
    CPU = "cpu"  # it used up its processor time
    MEMORY = "memory"  # it asked for more memory than allowed
    PROCESSES = "processes"  # it started more processes or threads than allowed
    FILE = "file"  # it wrote a larger file than allowed, or more in all
    DIED = "died"  # the process ended: os._exit, a crash, a signal
    TOO_LARGE = "too_large"  # the returned value is larger than the wire allows
    FORBIDDEN = "forbidden"  # it called something the exercise does not allow; `message` names it
    NOT_RUN = "not_run"  # an earlier call of the same exercise ended the process


@dataclass(frozen=True)
class Call:
    """One call to make: exercise and function name are the same word throughout the course."""

    function: str
    args: tuple
    kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What one call came back with."""

    status: Status
    value: Any = None
    error: str = ""  # exception type name, e.g. "ValueError"
    bases: tuple[str, ...] = ()  # names of its base classes
    message: str = ""  # its text, cut to 500 characters
    line: int | None = None  # line number within the student's cell
    changed: tuple[int, ...] = ()  # positions of arguments the call changed in place

    def to_data(self, value: bytes) -> list[Any]:
        """The answer as plain data for the wire, with its value, which is encoded already."""
        rest = (self.error, self.bases, self.message, self.line, self.changed)
        return [str(self.status), value, *rest]

    @classmethod
    def from_data(cls, data: Any, together: wire.Budget | None = None) -> Answer:
        """An answer from data that came out of the sandbox; types are checked, text is cut.

        `together` limits how many items the values of all answers may have. Raises ValueError.
        """
        status, value, error, bases, message, line, changed = data
        plain = isinstance(error, str) and isinstance(message, str)
        plain = plain and isinstance(bases, tuple) and all(isinstance(b, str) for b in bases)
        plain = plain and isinstance(changed, tuple) and all(type(i) is int for i in changed)
        if not plain or not (line is None or type(line) is int):
            raise ValueError("not an answer")
        try:
            value = wire.decode(value, together) if type(value) is bytes else None
        except wire.WireError:
            return cls(Status.TOO_LARGE)
        return cls(Status(status), value, error[:80], bases[:8], message[:500], line, changed[:20])


@dataclass(frozen=True)
class CellResult:
    """What a cell printed (cut to the limit), and its error, as text."""

    stdout: str = ""
    error: str = ""  # "" or "NameError: name 'x' is not defined"
    traceback: str = ""
    skipped: str = ""  # why the cell was not run, if it was not
    line: int | None = None  # of the cell, where the error came from


@dataclass(frozen=True)
class Exam:
    """The calls of one exercise, made in one process, and what that process may use.

    `check` is the position, among the job's cells, of the cell that checks the exercise; -1 where
    there is none. `moments` are those that are still to be tried.
    """

    calls: tuple[Call, ...]
    forbidden: tuple[str, ...] = ()
    seconds: float = 10.0
    memory_mb: int = 1024
    cpu_seconds: float = 20.0
    processes: int = 64
    file_mb: int = 64
    check: int = -1
    moments: tuple[str, ...] = (CHECK, AT_END)


@dataclass(frozen=True)
class Job:
    """One submission: its code cells in order, then the calls, exercise by exercise.

    `apart` are the positions of the cells that are the assignment's own and must not touch the
    student's names.

    The limits here are the notebook's: of one cell (`cell_seconds`, `output_bytes`), and of
    everything together. An exam's own limits count within them.
    """

    cells: tuple[str, ...]
    exams: dict[str, Exam]
    cell_seconds: float = 10.0
    total_seconds: float = 60.0
    memory_mb: int = 2048
    output_bytes: int = 100_000
    cpu_seconds: float = 120.0
    processes: int = 64
    file_mb: int = 64
    disk_mb: int = 64
    apart: tuple[int, ...] = ()

    def to_data(self) -> list[Any]:
        """The job as plain data for the wire."""
        exams = [
            [name, [[c.function, c.args, c.kwargs] for c in e.calls], *_rest(e, "calls")]
            for name, e in self.exams.items()
        ]
        return [self.cells, exams, *_rest(self, "cells", "exams")]

    @classmethod
    def from_data(cls, data: Any) -> Job:
        """The job from the data that `to_data` wrote."""
        cells, exams, *limits = data
        return cls(
            tuple(cells),
            {
                name: Exam(tuple(Call(*call) for call in calls), tuple(forbidden), *rest)
                for name, calls, forbidden, *rest in exams
            },
            *limits,
        )


def _rest(one: Any, *without: str) -> list[Any]:
    """The values of a record's fields but those named, in order."""
    return [getattr(one, f.name) for f in fields(one) if f.name not in without]


@dataclass(frozen=True)
class Result:
    """What came back for a Job. `fault` is "" or a sentence: why the notebook as a whole failed.

    `answers` holds the answers of each function as it stood when its check had run, or at the end
    where no check had (not named in `at_check`); `again` holds the answers at the end, for
    functions that were called at both moments.
    """

    cells: tuple[CellResult, ...]
    answers: dict[str, tuple[Answer, ...]]
    fault: str = ""
    again: dict[str, tuple[Answer, ...]] = field(default_factory=dict)
    at_check: frozenset[str] = frozenset()
