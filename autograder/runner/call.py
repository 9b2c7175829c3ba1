"""One call of one function, as the sandbox makes it: fresh arguments in, plain data out."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from autograder.runner import wire
from autograder.runner.job import Answer, Call, Status

MAX_MESSAGE = 500


def line_of(error: BaseException, file_prefix: str = "<cell ") -> int | None:
    """The line, within the student's own cell, that the error came from."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(file_prefix)]
    return lines[-1] if lines else None


def failed(error: BaseException) -> Answer:
    """The answer that says a call raised."""
    kind = type(error)
    status = Status.MEMORY if isinstance(error, MemoryError) else Status.ERROR
    try:
        message = str(error)[:MAX_MESSAGE]
    except BaseException:
        message = ""
    return Answer(
        status,
        error=kind.__name__[:80],
        bases=tuple(base.__name__[:80] for base in kind.__mro__[1:-1])[:8],
        message=message,
        line=line_of(error),
    )


def perform(function: Callable, call: Call) -> Answer:
    """Call the function with its own copy of the arguments; what it returned, as data."""
    before = [wire.encode(arg) for arg in call.args]
    args = [wire.decode(data) for data in before]
    try:
        value = function(*args, **wire.decode(wire.encode(call.kwargs)))
    except BaseException as error:  # a student's sys.exit() costs this call, no more
        return failed(error)
    try:
        data = wire.encode(value)
    except wire.WireError as error:
        return Answer(Status.TOO_LARGE, message=str(error))
    changed = tuple(i for i, arg in enumerate(args) if wire.encode(arg) != before[i])
    return Answer(Status.OK, value=wire.decode(data), changed=changed)
