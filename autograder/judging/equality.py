"""Is an answer right, and are two answers the same? What scoring and naming a mistake share."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from autograder.exercise.compare import ANSWER, Close
from autograder.exercise.declare import Case, Criterion, Exercise
from autograder.exercise.difference import among
from autograder.sandbox.inside.call import perform
from autograder.sandbox.job import Answer, Call, Status

FORM = "your answer is not of the form asked for"


def answers_of(function: Any, cases: list[Case]) -> tuple[Answer, ...]:
    """The answers of a function that we trust (a reference, a mistake), called in this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a wrong variant may divide by zero; nobody needs to know
        return tuple(perform(function, Call(function.__name__, c.args, c.kwargs)) for c in cases)


# Where a message says more: that the limit was the notebook's, or why there is no function.
_TOLD = {Status.TIMEOUT, Status.CPU, Status.MEMORY, Status.FILE, Status.NOT_RUN, Status.MISSING}


def trouble(answer: Answer, exercise: Exercise) -> str:
    """The sentence for a call that did not return."""
    where = f" (line {answer.line} of your cell)" if answer.line else ""
    detail = f": {answer.message}" if answer.message else ""
    if answer.error == "NotImplementedError":
        return "this function is not written yet"
    if answer.error == "BdbQuit":
        return f"your function stops at a `breakpoint()` that was left in it{where}: take it out"
    limits = exercise.limits
    if answer.status in _TOLD and answer.message:
        return answer.message
    return {
        Status.ERROR: f"your function raised {answer.error}{detail}{where}",
        Status.MISSING: f"no function named `{exercise.name}` was found in your notebook",
        Status.TIMEOUT: f"your function took too long (the limit is {limits.seconds:g} s "
        "for all calls): is there a loop that never ends?",
        Status.CPU: f"your function used too much processor time (the limit is "
        f"{limits.cpu_seconds:g} s for all calls and all threads)",
        Status.MEMORY: f"your function asked for more than {limits.memory_mb} MiB of memory",
        Status.PROCESSES: f"your function started too many processes or threads (the limit is "
        f"{limits.processes})",
        Status.FILE: f"your function wrote too much to files (the limit is {limits.file_mb} MiB "
        "for one file)",
        Status.DIED: "your function ended the Python process instead of returning",
        Status.TOO_LARGE: "your function returned far more data than was asked for",
        Status.FORBIDDEN: f"your function calls `{answer.message}`, which this exercise does not "
        f"allow: {exercise.because}",
        Status.NOT_RUN: "not tried, because an earlier call did not come back",
    }[answer.status]


def _part(criterion: Criterion, value: Any) -> tuple[Any, bool]:
    """The part of the value that the criterion looks at, and True; else the value, and False."""
    try:
        return criterion.select(value), True
    except Exception:
        return value, False  # not even the right container: let the comparison say so


def check(
    criterion: Criterion,
    answer: Answer,
    expected: Answer,
    case: Case,
    exercise: Exercise,
    detail: bool = True,
) -> str | None:
    """What is wrong with the answer, in the criterion's eyes, as a sentence; None if it is right.

    `expected` may be the answer of a mistake, which need not have the form asked for either.
    """
    equal = criterion.equal if detail else criterion.same
    if expected.status is Status.ERROR:
        if answer.status is Status.OK:
            return f"your function should raise {expected.error} here but returned a value"
        same = expected.error in (answer.error, *answer.bases)
        return None if answer.status is Status.ERROR and same else trouble(answer, exercise)
    if answer.status is not Status.OK:
        return trouble(answer, exercise)
    (given, formed), (right, should_be) = (_part(criterion, a.value) for a in (answer, expected))
    if formed is should_be:
        says = equal(given, right, case)
        return _by_name(says, criterion.place, expected.value, exercise) if says else None
    return equal(given, expected.value, case) or FORM


def _by_name(
    says: str, place: int | tuple[int, ...] | None, expected: Any, exercise: Exercise
) -> str:
    """The sentence with the docstring's names for the items of a tuple that is returned."""
    names = exercise.returns
    if not isinstance(expected, tuple) or len(names) != len(expected):
        return says
    if isinstance(place, int):
        return says.replace(ANSWER, f"`{names[place]}`", 1)
    if place is not None:
        names = [names[one] for one in place]
    return re.sub(rf"item (\d+) of {ANSWER}", lambda item: f"`{names[int(item[1])]}`", says)


def together(criterion: Criterion, answered: Iterable[tuple[Answer, Answer]]) -> str:
    """In what way the answers to several inputs differ from the expected ones, if all are numbers.

    About one wrong number nothing can be said; that ten numbers are all twice what they should
    be can be seen. `answered` are pairs of an answer and the expected answer.
    """
    if not isinstance(criterion.equal, Close) or not criterion.equal.detail:
        return ""
    pairs = [
        tuple(_part(criterion, one.value)[0] for one in pair)
        for pair in answered
        if all(one.status is Status.OK for one in pair)
    ]
    if not pairs or not all(_is_number(value) for pair in pairs for value in pair):
        return ""
    return among(*zip(*pairs))


def _is_number(value: Any) -> bool:
    plain = isinstance(value, float) or (type(value) is int and abs(value) < 2**1000)
    return plain or (
        isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind in "if"
    )


def failing(exercise: Exercise, case: Case, answer: Answer, other: Answer) -> tuple[str, ...]:
    """The names of the criteria by which the answer to this input is not the other one."""
    return tuple(
        criterion.name
        for criterion in exercise.criteria
        if criterion.group == case.group
        and check(criterion, answer, other, case, exercise, detail=False) is not None
    )
