"""What an exercise is: the reference, its inputs, what counts as right, and the known mistakes.

A topic's exercises are declared in `autograder/checks/<topic>/`, a package whose module-level tuple
`EXERCISES` everything else reads: release, grading, feedback, tests.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from operator import itemgetter
from typing import Any

import numpy as np

from autograder.exercise.compare import Close
from autograder.exercise.draw import BAD, REFUSES
from autograder.exercise.variants import (
    FORMS,
    Alternative,
    DeclarationError,
    Mistake,
    answering,
    mistakes,
)

USUAL = "usual"
CHECK = "-check"  # what the name of an exercise's graded cell adds to the exercise's own
REFUSE = "refuse_calls"  # the helper by which a visible check looks for forbidden calls


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

    `select` picks the part of the returned value that this criterion looks at, or is its place in
    a tuple, or the places of several;
    `equal(answer, expected, case)` returns None when right, else a sentence for the student
    that does not contain the expected value.
    """

    name: str
    points: float
    group: str = USUAL
    select: Callable[[Any], Any] | int | tuple[int, ...] = lambda value: value
    equal: Callable[[Any, Any, Case], str | None] = field(default_factory=Close)
    # of the part or parts, where `select` was that
    place: int | tuple[int, ...] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if isinstance(self.select, (int, tuple)):
            places = self.select if isinstance(self.select, tuple) else (self.select,)
            object.__setattr__(self, "place", self.select)
            object.__setattr__(self, "select", itemgetter(*places))

    @cached_property
    def same(self) -> Callable[[Any, Any, Case], str | None]:
        """The comparator `equal` where only "right or wrong" is asked: without its slow details."""
        return replace(self.equal, detail=False) if isinstance(self.equal, Close) else self.equal


@dataclass(frozen=True, eq=False)
class Refusals:
    """Bad input: the first usual one with some of its arguments replaced.

    `inputs` maps what is wrong ("order -1") to the arguments to replace, each by its name, each
    with its new value or with a function of the old one.
    """

    inputs: Mapping[str, Mapping[str, Any]]

    def cases(self, function: Callable, first: Case) -> list[Case]:
        """A case for each kind of bad input, made from the case `first`.

        Raises `DeclarationError` for an argument that the function does not have.
        """
        bound = inspect.signature(function).bind(*first.args, **first.kwargs)
        found = []
        for kind, changes in self.inputs.items():
            given = dict(bound.arguments)
            for name, new in changes.items():
                if name not in inspect.signature(function).parameters:
                    raise DeclarationError(f"{function.__name__} has no argument {name!r}")
                given[name] = new(given[name]) if callable(new) else new
            arguments = inspect.BoundArguments(bound.signature, given)
            found.append(Case(arguments.args, kind, BAD, arguments.kwargs))
        return found


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
    the criteria compare with. `refuses` says what is to be refused with a `ValueError`, as changes
    of the first of them: see `Refusals`. `refusal` is the criterion that looks at that, and need
    not be given. `forbidden` names ("scipy.linalg.solve_toeplitz", one after another in a text)
    what a solution may not call; `because` says why, to the student. `answers` names the problems
    of the exam and the homeworks (keys of `release.problems.PROBLEMS`) that it asks. `read` is
    the heading of the chapter's section that explains what is asked.
    """

    function: Callable
    cases: Callable[[np.random.Generator], Iterable[Case]]
    criteria: tuple[Criterion, ...]
    mistakes: str | tuple[str | Mistake, ...]
    alternatives: tuple[Alternative, ...] = ()
    forbidden: str | tuple[str, ...] = ()
    because: str = "writing it yourself is the point of the exercise"
    limits: Limits = Limits()
    answers: tuple[str, ...] = ()
    read: str = ""
    refuses: Mapping[str, Mapping[str, Any]] | Refusals | None = None
    refusal: Criterion = Criterion(REFUSES, 1, BAD)

    def __post_init__(self) -> None:
        """Replace what was declared in its short form by the full form."""
        full = {"mistakes": mistakes(self.mistakes)}
        if isinstance(self.forbidden, str):
            full["forbidden"] = tuple(self.forbidden.split())
        if isinstance(self.refuses, Mapping):
            full["refuses"] = Refusals(self.refuses)
        if self.refuses is not None and self.refusal not in self.criteria:
            full["criteria"] = (*self.criteria, self.refusal)
        for name, value in full.items():
            object.__setattr__(self, name, value)

    def draw(self, rng: np.random.Generator) -> list[Case]:
        """Fresh inputs: those that have an answer, and those that are to be refused."""
        cases = list(self.cases(rng))
        return cases + (self.refuses.cases(self.function, cases[0]) if self.refuses else [])

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def points(self) -> float:
        return sum(criterion.points for criterion in self.criteria)

    @cached_property
    def returns(self) -> tuple[str, ...]:
        """The names that the docstring gives to what the function returns, in order."""
        text = inspect.getdoc(self.function) or ""
        section = re.search(r"^Returns\n-+\n((?:.+\n|\n(?!\w.*\n---))*)", text + "\n", re.M)
        lines = re.findall(r"^(\w+(?:, \w+)*) : ", section[1] if section else "", re.M)
        return tuple(name for line in lines for name in line.split(", "))

    @cached_property
    def wrong(self) -> tuple[tuple[Callable, str], ...]:
        """Each mistake as (callable, sentence)."""
        return tuple((m.of(self.function), m.says) for m in self.mistakes)

    @cached_property
    def right(self) -> tuple[tuple[Callable, str], ...]:
        """Each correct version as (callable, what is different), other forms of answer included."""
        forms = ((answering(form, self.function), why) for form, why in FORMS)
        return (*((a.of(self.function), a.why) for a in self.alternatives), *forms)

    @property
    def where(self) -> str:
        """The sentence that says where the chapter explains what is asked, or ""."""
        topic = self.function.__module__.rpartition(".")[2]
        return f"Where to read: “{self.read}”, in the chapter `{topic}`." if self.read else ""
