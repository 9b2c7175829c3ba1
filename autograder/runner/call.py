"""One call of one function, as the sandbox makes it: fresh arguments in, plain data out."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from autograder.runner import wire
from autograder.runner.job import Answer, Call, Status

CELL_FILE = "<cell "  # how the file name of a student's cell starts
MAX_MESSAGE = 500


class ForbiddenCall(BaseException):
    """Student code called a function that the exercise does not allow."""


def line_of(error: BaseException) -> int | None:
    """The line, within the student's own cell, that the error came from."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename.startswith(CELL_FILE)]
    return lines[-1] if lines else None


def text_of(error: BaseException) -> str:
    """The error's message, at most `MAX_MESSAGE` characters, whatever its `__str__` does."""
    try:
        return str(error)[:MAX_MESSAGE]
    except BaseException:
        return ""


def failed(error: BaseException) -> Answer:
    """The answer that says a call raised."""
    if isinstance(error, ForbiddenCall):
        return Answer(Status.FORBIDDEN, message=text_of(error))
    kind = type(error)
    return Answer(
        Status.MEMORY if isinstance(error, MemoryError) else Status.ERROR,
        error=kind.__name__[:80],
        bases=tuple(base.__name__[:80] for base in kind.__mro__[1:-1])[:8],
        message=text_of(error),
        line=line_of(error),
    )


def perform(function: Callable, call: Call) -> Answer:
    """Call the function with its own copy of the arguments; what it returned, as data."""
    before = [wire.encode(arg) for arg in call.args]
    args = [wire.decode(data) for data in before]
    kwargs = wire.decode(wire.encode(call.kwargs))
    try:
        value = function(*args, **kwargs)
        data = wire.encode(value)
        changed = tuple(i for i, arg in enumerate(args) if wire.encode(arg) != before[i])
    except wire.WireError as error:
        return Answer(Status.TOO_LARGE, message=str(error)[:MAX_MESSAGE])
    except BaseException as error:  # a student's sys.exit() costs this call, no more
        return failed(error)
    return Answer(Status.OK, value=wire.decode(data), changed=changed)


def _guard(module: ModuleType, attribute: str, name: str) -> tuple[Any, Callable]:
    """(the original or None where it is not loaded yet, what to put in its place).

    Refuses calls that come from a student's cell; a library's own calls go through.
    """
    original = vars(module).get(attribute)

    def guarded(*args: Any, **kwargs: Any) -> Any:
        if sys._getframe(1).f_code.co_filename.startswith(CELL_FILE):
            raise ForbiddenCall(name)
        return (original or module.__getattr__(attribute))(*args, **kwargs)

    return original, guarded


@contextmanager
def forbidden(names: Iterable[str], namespace: dict[str, Any]) -> Iterator[None]:
    """In the body, guards stand in for the named functions, in modules and in student's names.

    Modules that nobody has imported are left alone: importing one here would take the student's
    time. A help for honest students, who are told the name; the static check outside decides.
    """
    undo = []
    for name in names:
        module_name, _, attribute = name.rpartition(".")
        module = sys.modules.get(module_name)
        if module is None:
            continue
        original, guard = _guard(module, attribute, name)
        if original is None and not hasattr(module, "__getattr__"):
            continue
        places = [vars(module)]
        if original is not None:
            places += [namespace] * any(value is original for value in namespace.values())
        for place in places:
            for key in [k for k, v in place.items() if v is original] or [attribute]:
                undo.append((place, key, place.get(key)))
                place[key] = guard
    try:
        yield
    finally:
        for place, key, value in reversed(undo):
            if value is None:
                place.pop(key, None)
            else:
                place[key] = value
