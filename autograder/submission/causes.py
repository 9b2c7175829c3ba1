"""Why a function is not there, or does not find what it needs: cells that stopped.

A cell that meets an error does not run the statements below the error. A student who reads, five
cells further down, that a name is not defined looks in the wrong place.
"""

from __future__ import annotations

import ast
import dataclasses
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from autograder.judging.score import Verdict
from autograder.sandbox.job import Answer, CellResult, Status
from autograder.source.forbidden import LARGE, MAX_NODES, Source
from autograder.source.syntax import parsed
from autograder.submission.assignment import Slot
from autograder.submission.report import StoppedCell

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
LONGEST = 60  # characters of a cell's first line
DEEP = 20  # cells that stopped because of one another
_CHANGES = {"append", "extend", "insert", "add", "update", "setdefault"}
_UNKNOWN = re.compile(r"name '(\w+)' is not defined")
_BINDS = re.compile(
    r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*=(?!=)"
    r"|\bimport[ \t]+(\w+)[ \t]*$|\bas[ \t]+(\w+)",
    re.M,
)
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def _sets(node: ast.AST) -> Iterator[str]:
    """The names that a statement gives a meaning to, or changes, when it runs."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield part.name
        elif isinstance(part, (ast.Import, ast.ImportFrom)):
            yield from (a.asname or a.name.partition(".")[0] for a in part.names)
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        elif isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store):
            yield from (n.id for n in ast.walk(part.value) if isinstance(n, ast.Name))
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            if part.func.attr in _CHANGES and isinstance(part.func.value, ast.Name):
                yield part.func.value.id
        if not isinstance(part, _INNER):
            waiting += ast.iter_child_nodes(part)


def sets(source: str, line: int = 0) -> set[str]:
    """The names that a cell's statements set at its top level, from those on at `line`."""
    body = parsed(source).body if len(source) <= LARGE else []
    if not body:  # not code that can be read: what it looks like
        return {name for found in _BINDS.findall(source) for name in found if name}
    found = (name for node in body if (node.end_lineno or 0) >= line for name in _sets(node))
    return set(islice(found, MAX_NODES))


@dataclass(frozen=True)
class Stop:
    """A cell that did not run to its end.

    `begins` is the cell's first line, `line` the line of the cell that stopped, and `lacks` the
    names that the cell would have set. `error` is "" where the cell was left out; `why` then says
    why it was.
    """

    cell: int
    begins: str
    error: str
    why: str
    line: int | None
    lacks: frozenset[str]
    part: str = ""

    @classmethod
    def of(cls, cell: int, slot: Slot, result: CellResult) -> Stop:
        lines = [line.strip() for line in slot.source.splitlines() if line.strip()]
        begins = lines[0].replace("`", "'") if lines else ""
        begins = begins if len(begins) <= LONGEST else f"{begins[:LONGEST]}…"
        whole = result.error.startswith("SyntaxError") or not result.line
        lacks = frozenset(sets(slot.source, 0 if whole else result.line))
        why = result.skipped.removeprefix("this cell ")
        name = slot.part.name if slot.part else ""
        return cls(cell, begins, result.error, why, result.line, lacks, name)

    def __str__(self) -> str:
        """How the cell stopped, as the end of a sentence that begins with the cell."""
        error = self.error.removeprefix("this cell ")
        where = f" (line {self.line} of the cell)" if self.line else ""
        if not self.error:
            return self.why
        if error.startswith(("SyntaxError", "IndentationError", "TabError")):
            return f"did not run, because Python {VERSION} cannot read it: {error}{where}"
        return error if error != self.error else f"stopped: {error}{where}"

    def recorded(self, exercises: Sequence[str]) -> StoppedCell:
        """The cell for the report, with the exercises that fail because of it."""
        why = self.error or self.why
        return StoppedCell(self.cell, self.begins, self.line, why, tuple(exercises))


class Causes:
    """The cells of a notebook that stopped, and what did not work because of them."""

    def __init__(self, slots: Sequence[Slot], results: Mapping[int, CellResult]) -> None:
        self.sources = [slot.source for slot in slots if slot.kind == "code"]
        self.stopped = [
            Stop.of(i, slots[i], result)
            for i, result in results.items()
            if (result.error or result.skipped) and not _is_test(slots[i])
        ]
        self.unknown: dict[str, set[str]] = {}  # by exercise: names that its function did not find

    def _of(self, name: str, seen: tuple[str, ...] = ()) -> Iterator[Stop]:
        """The cells because of which a name is not there, first the cell that failed first."""
        for stop in self.stopped if name not in seen and len(seen) < DEEP else ():
            if name in stop.lacks:
                for other in _UNKNOWN.findall(stop.error):
                    yield from self._of(other, (*seen, name))
                yield stop

    def told(self, answers: tuple[Answer, ...], name: str) -> tuple[Answer, ...]:
        """The answers, with a sentence for a function that is not there."""
        unknown = self.unknown.setdefault(name, set())
        for answer in answers:
            if answer.error == "NameError":
                unknown.update(_UNKNOWN.findall(answer.message))
        missing = [answer for answer in answers if answer.status is Status.MISSING]
        if not missing:
            return answers
        unknown.add(name)
        says = self._missing(name, missing[0].message)
        return tuple(
            dataclasses.replace(a, message=says) if a.status is Status.MISSING else a
            for a in answers
        )

    @cached_property
    def _set_anywhere(self) -> set[str]:
        """The names that any cell sets at its top level."""
        return {name for source in self.sources for name in sets(source)}

    def _missing(self, name: str, there: str) -> str:
        """Why there is no function of that name; "" where no cell defines one.

        `there` is the type of the object that bears the name, "" where no object does.
        """
        for stop in self._of(name):
            if name in stop.lacks:
                return f"there is no `{name}`, because the cell that defines it {stop}"
        defined = f"`{name}` is defined in your notebook, but"
        if name in self._set_anywhere and there:
            kind = re.sub(r"\W", "", there)[:LONGEST]
            return f"{defined} at its end that name stands for a {kind}, which cannot be called"
        if name in self._set_anywhere:
            return f"{defined} something further down deletes it"
        if any(re.search(rf"\bdef\s+{re.escape(name)}\b", source) for source in self.sources):
            return f"{defined} only inside another function or class, where it cannot be called"
        return ""

    def found(self, verdicts: Sequence[Verdict], source: Source) -> dict[Stop, list[str]]:
        """The cells because of which functions fail, in order, with the names of the functions.

        A function's own answer cell is left out: the verdict on the function tells of it.
        """
        blamed: dict[Stop, list[str]] = {}
        for verdict in verdicts if self.stopped else ():
            if verdict.earned == verdict.points:
                continue
            name = verdict.exercise
            reached = {other for body in source.reached(name) for other in body.outer}
            for wanted in sorted(self.unknown.get(name, set()) | reached):
                for stop in self._of(wanted):
                    if stop.part != name and name not in blamed.setdefault(stop, []):
                        blamed[stop].append(name)
        return {stop: blamed[stop] for stop in self.stopped if blamed.get(stop)}


def says(blamed: Mapping[Stop, Sequence[str]]) -> list[str]:
    """A sentence for each cell that stopped and what fails because of it."""
    sentences = []
    for stop, names in blamed.items():
        *others, last = [f"`{name}`" for name in names]
        functions = f"{', '.join(others)} and {last}" if others else last
        fail = "fail" if others else "fails"
        sentences.append(
            f"The cell that begins `{stop.begins}` {stop}; {functions} {fail} because of it."
        )
    return sentences


def _is_test(slot: Slot) -> bool:
    """Is the cell a check, which may fail, as that is what it is for?"""
    return slot.part is not None and slot.part.grade and not slot.part.solution
