"""What an exercise is: the reference, its inputs, what counts as right, and the known mistakes.

A topic's exercises are declared in `autograder/checks/<topic>/`, a package whose module-level tuple
`EXERCISES` everything else reads: release, grading, feedback, tests.
"""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from autograder.exercise.compare import Close

USUAL = "usual"


class DeclarationError(Exception):
    """An exercise is declared in a way that cannot work; the message says where and how."""


@dataclass(frozen=True)
class Case:
    """One call of the student's function: its inputs, and what kind of input they are.

    `kind` is read by students ("a frame of silence", "40 samples of an AR(2) process"): it
    describes the input and never gives away the answer. `group` ties the case to criteria.
    """

    args: tuple
    kind: str
    group: str = USUAL
    kwargs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Criterion:
    """A named part of the score: full points if every case of its group is right, else none.

    `select` picks the part of the returned value that this criterion looks at;
    `equal(answer, expected, case)` returns None when right, else a sentence for the student
    that does not contain the expected value.
    """

    name: str
    points: float
    group: str = USUAL
    select: Callable[[Any], Any] = lambda value: value
    equal: Callable[[Any, Any, Case], str | None] = field(default_factory=Close)

    @cached_property
    def same(self) -> Callable[[Any, Any, Case], str | None]:
        """`equal` for whom it is enough to know whether: its sentence may be shorter."""
        return replace(self.equal, detail=False) if isinstance(self.equal, Close) else self.equal


def edited(function: Callable, old: str, new: str) -> Callable:
    """The function with one piece of its source replaced, compiled in its own module's names.

    Raises `DeclarationError` unless `old` occurs exactly once in the source.
    """
    source = textwrap.dedent(inspect.getsource(function))
    if source.count(old) != 1:
        raise DeclarationError(
            f"{function.__name__}: {old!r} occurs {source.count(old)} times in its source, not once"
        )
    namespace = dict(vars(inspect.getmodule(function)))
    exec(compile(source.replace(old, new), f"<{function.__name__}, edited>", "exec"), namespace)
    return namespace[function.__name__]


@dataclass(frozen=True)
class Variant:
    """A whole other version of the reference, as a function or as an edit of its source."""

    function: Callable | None = None
    edit: tuple[str, str] | None = None

    def of(self, reference: Callable) -> Callable:
        """The callable itself."""
        if (self.function is None) == (self.edit is None):
            raise DeclarationError(f"{reference.__name__}: give a variant a function or an edit")
        return self.function or edited(reference, *self.edit)


@dataclass(frozen=True)
class Mistake(Variant):
    """A known wrong version, and the one sentence that helps whoever made it."""

    says: str = ""


@dataclass(frozen=True)
class Alternative(Variant):
    """A correct version that is written or answers differently and must score full."""

    why: str = ""


@dataclass(frozen=True)
class Limits:
    """What one exercise may use, all its calls together; see `autograder.course.limits`."""

    seconds: float = 5.0  # by the clock
    memory_mb: int = 1024
    cpu_seconds: float = 10.0  # of the processor
    processes: int = 64  # and threads
    file_mb: int = 64  # each file


@dataclass(frozen=True)
class Exercise:
    """One graded function.

    `cases(rng)` draws fresh inputs for one student; the reference's answers to them are what
    the criteria compare with. `forbidden` lists dotted names ("scipy.linalg.solve_toeplitz")
    that a solution may not call; `because` says why, to the student. `answers` names the problems
    of the exam and the homeworks (keys of `release.problems.PROBLEMS`) that it asks. `read` is
    the heading of the chapter's section that explains what is asked.
    """

    function: Callable
    cases: Callable[[np.random.Generator], list[Case]]
    criteria: tuple[Criterion, ...]
    mistakes: tuple[Mistake, ...]
    alternatives: tuple[Alternative, ...] = ()
    forbidden: tuple[str, ...] = ()
    because: str = "writing it yourself is the point of the exercise"
    limits: Limits = Limits()
    answers: tuple[str, ...] = ()
    read: str = ""

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def points(self) -> float:
        return sum(criterion.points for criterion in self.criteria)

    @cached_property
    def wrong(self) -> tuple[tuple[Callable, str], ...]:
        """Each mistake as (callable, sentence)."""
        return tuple((m.of(self.function), m.says) for m in self.mistakes)

    @property
    def where(self) -> str:
        """The sentence that says where to read about it, or ""."""
        topic = self.function.__module__.rpartition(".")[2]
        return f"Where to read: “{self.read}”, in the chapter `{topic}`." if self.read else ""
