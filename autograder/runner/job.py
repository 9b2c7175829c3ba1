"""What goes into the sandbox and what comes back: plain data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How one call of a student's function ended."""

    OK = "ok"  # it returned; `value` is what it returned, as data
    ERROR = "error"  # it raised; `error`, `message`, `line` say what and where
    MISSING = "missing"  # no function of that name was defined
    TIMEOUT = "timeout"  # it used up its time (wall clock or CPU)
    MEMORY = "memory"  # it asked for more memory than allowed
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


@dataclass(frozen=True)
class CellResult:
    """What a cell printed (cut to the limit), and its error, as text."""

    stdout: str = ""
    error: str = ""  # "" or "NameError: name 'x' is not defined"
    traceback: str = ""
    skipped: str = ""  # why the cell was not run, if it was not


@dataclass(frozen=True)
class Exam:
    """The calls of one exercise, made in one process, and what that process may use."""

    calls: tuple[Call, ...]
    forbidden: tuple[str, ...] = ()
    seconds: float = 10.0
    memory_mb: int = 1024


@dataclass(frozen=True)
class Job:
    """One submission: its code cells in order, then the calls, exercise by exercise."""

    cells: tuple[str, ...]
    exams: dict[str, Exam]
    cell_seconds: float = 10.0
    total_seconds: float = 60.0
    memory_mb: int = 2048
    output_bytes: int = 100_000


@dataclass(frozen=True)
class Result:
    """What came back for a Job. `fault` is "" or a sentence: why the notebook as a whole failed."""

    cells: tuple[CellResult, ...]
    answers: dict[str, tuple[Answer, ...]]
    fault: str = ""
