"""One call of one function, as the sandbox makes it: fresh arguments in, plain data out."""

from __future__ import annotations

import copy
import errno
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np

from autograder.sandbox import wire
from autograder.sandbox.job import Answer, Call, Status

CELL_FILE = "<ipython-cell "  # how the file name of a student's cell starts; Numba asks for it
MAX_MESSAGE = 500
NOTHING = wire.encode(None)  # in place of a value where a call gave none


class ForbiddenCall(BaseException):
    """Student code called a function that the exercise does not allow."""


def line_of(error: BaseException) -> int | None:
    """The line, within the student's own cell, that the error came from."""
    found, step = None, error.__traceback__
    while step is not None:  # not `traceback.extract_tb`, which reads every source file
        if step.tb_frame.f_code.co_filename.startswith(CELL_FILE):
            found = step.tb_lineno
        step = step.tb_next
    return found


def text_of(error: BaseException) -> str:
    """The error's message, at most `MAX_MESSAGE` characters, whatever its `__str__` does."""
    try:
        return str(error)[:MAX_MESSAGE]
    except BaseException:
        return ""


def limit_met(error: BaseException) -> Status | None:
    """Which limit an exception says was met; None for any other exception."""
    if isinstance(error, MemoryError):
        return Status.MEMORY
    if isinstance(error, BlockingIOError) and error.errno == errno.EAGAIN:
        return Status.PROCESSES
    if type(error) is RuntimeError and text_of(error) == "can't start new thread":
        return Status.PROCESSES
    if isinstance(error, OSError) and error.errno in (errno.EFBIG, errno.ENOSPC):
        return Status.FILE
    return None


def failed(error: BaseException) -> Answer:
    """The answer that says a call raised."""
    if isinstance(error, ForbiddenCall):
        return Answer(Status.FORBIDDEN, message=text_of(error))
    kind, limit = type(error), limit_met(error)
    return Answer(
        limit or Status.ERROR,
        error=kind.__name__[:80],
        bases=tuple(base.__name__[:80] for base in kind.__mro__[1:-1])[:8],
        message="" if limit else text_of(error),
        line=line_of(error),
    )


def _same(one: Any, other: Any) -> bool:
    """Are the two values the same plain data, bit for bit?"""
    if type(one) is np.ndarray and type(other) is np.ndarray:
        alike = one.shape == other.shape and one.dtype == other.dtype
        return alike and one.tobytes() == other.tobytes()
    return wire.encode(one) == wire.encode(other)


def attempt(function: Callable, call: Call) -> tuple[Answer, bytes]:
    """Call the function with its own copy of the arguments: the answer, and its value encoded."""
    args, kwargs = copy.deepcopy((call.args, call.kwargs))
    try:
        value = wire.encode(function(*args, **kwargs))
        changed = tuple(i for i, given in enumerate(call.args) if not _same(args[i], given))
    except wire.WireError as error:
        return Answer(Status.TOO_LARGE, message=str(error)[:MAX_MESSAGE]), NOTHING
    except BaseException as error:  # a student's sys.exit() costs this call, no more
        return failed(error), NOTHING
    return Answer(Status.OK, changed=changed), value


def perform(function: Callable, call: Call) -> Answer:
    """The answer of one call, its value as it looks after the wire."""
    answer, value = attempt(function, call)
    return replace(answer, value=wire.decode(value)) if value is not NOTHING else answer


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
    """In the body, guards replace the named functions, in modules and among the student's names.

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
