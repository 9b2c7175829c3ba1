"""What the grader found in one submission, as it is kept in the metadata of the graded notebook.

A report is written by `Report.as_data` and read by `Report.of`, which looks at every part of it:
what is on the disk may be of another version, or of another program.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from autograder.judging.outcome import Outcome
from autograder.judging.score import CriterionResult, Verdict

T = TypeVar("T")


class ReportError(ValueError):
    """This is no report of the grader's; the message is a sentence that says what it lacks."""


class _Data:
    """A mapping from JSON, of which only what has the right type is taken."""

    def __init__(self, value: Any, what: str) -> None:
        if not isinstance(value, dict):
            raise ReportError(f"{what} is not there or cannot be read.")
        self.value, self.what = value, what

    def get(self, name: str, kind: type[T], *default: T) -> T:
        """The value of that name, of that type; the default only where there is no value."""
        value = self.value.get(name, *default)
        if not isinstance(value, kind):
            raise ReportError(f"{self.what} has no `{name}` that can be read.")
        return value

    def number(self, name: str) -> float:
        """The finite number of that name."""
        value = self.value.get(name)
        try:
            if isinstance(value, (int, float)) and math.isfinite(value):
                return value
        except OverflowError:  # an integer that no float holds
            pass
        raise ReportError(f"{self.what} has no number `{name}` that can be read.")

    def items(self, name: str, make: Callable[[Any], T], *default: list) -> tuple[T, ...]:
        """The list of that name, each of its items made by `make`."""
        value = self.value.get(name, *default)
        if not isinstance(value, (list, tuple)):
            raise ReportError(f"{self.what} has no list `{name}` that can be read.")
        return tuple(map(make, value))

    def texts(self, name: str) -> tuple[str, ...]:
        """The list of texts of that name."""
        found = self.items(name, lambda item: item)
        if not all(isinstance(item, str) for item in found):
            raise ReportError(f"{self.what} has no texts `{name}` that can be read.")
        return found

    def mapping(self, name: str, kind: type | tuple[type, ...]) -> dict[str, Any]:
        """The mapping of that name, from texts to values of that type or None."""
        found = self.get(name, dict)
        if not all(value is None or isinstance(value, kind) for value in found.values()):
            raise ReportError(f"{self.what} has no `{name}` that can be read.")
        return found


def _criterion(value: Any) -> CriterionResult:
    data = _Data(value, "A criterion of the report")
    points, earned = data.number("points"), data.number("earned")
    unknown = Outcome.OK if earned >= points else Outcome.NOT_RECORDED
    try:
        outcome = Outcome(data.get("outcome", str, unknown))
    except ValueError:
        raise ReportError("A criterion of the report has an outcome that is not known.") from None
    name, message = data.get("name", str), data.get("message", str)
    return CriterionResult(name, points, earned, message, outcome, data.get("error", str, ""))


def _verdict(value: Any) -> Verdict:
    data = _Data(value, "A verdict of the report")
    try:
        ended = Outcome(data.get("ended", str, Outcome.OK))
    except ValueError:
        raise ReportError("A verdict of the report has an outcome that is not known.") from None
    return Verdict(
        data.get("exercise", str),
        data.number("points"),
        data.number("earned"),
        data.items("criteria", _criterion),
        data.get("mistake", str),
        data.texts("notes"),
        data.get("read", str, ""),
        ended,
        data.get("at_check", bool, False),
    )


@dataclass(frozen=True)
class StoppedCell:
    """A cell that did not run to its end, and the exercises that lose points because of it.

    `cell` is its position in the notebook and `begins` its first line; `line` is where in the
    cell it stopped, if that is known, and `error` why.
    """

    cell: int
    begins: str
    line: int | None
    error: str
    exercises: tuple[str, ...]

    @classmethod
    def of(cls, value: Any) -> StoppedCell:
        """A stopped cell from JSON; raises `ReportError`."""
        data = _Data(value, "A stopped cell of the report")
        line = None if data.value.get("line") is None else data.get("line", int)
        texts = data.get("begins", str), line, data.get("error", str)
        return cls(data.get("cell", int), *texts, data.texts("exercises"))


@dataclass(frozen=True)
class Report:
    """What the grader found in one submission.

    `key` tells this grading from any other of the same submission. `says` are sentences about the
    whole submission. `ran` is False where nothing of the file could be read or run, and `unsafe`
    True where it ran without the sandbox. `hidden` names the cells of which a part was not
    released. `seconds` is what the grading took. `grades` holds the automatic score of each
    graded cell, None where a person decides, and `comments` the comment of each answer cell.
    """

    key: str
    student: str
    topic: str
    says: tuple[str, ...]
    unsafe: bool
    ran: bool
    hidden: tuple[str, ...]
    seconds: float
    grades: dict[str, float | None]
    comments: dict[str, str | None]
    exercises: tuple[Verdict, ...]
    stops: tuple[StoppedCell, ...] = ()

    @classmethod
    def of(cls, value: Any) -> Report:
        """A report from JSON; raises `ReportError`.

        Reports of earlier versions hold no stopped cells and no outcomes; the outcome of a
        criterion that lost points is then `Outcome.NOT_RECORDED`.
        """
        data = _Data(value, "The report")
        return cls(
            data.get("key", str),
            data.get("student", str),
            data.get("topic", str),
            data.texts("says"),
            data.get("unsafe", bool),
            data.get("ran", bool),
            data.texts("hidden"),
            data.number("seconds"),
            data.mapping("grades", (int, float)),
            data.mapping("comments", str),
            data.items("exercises", _verdict),
            data.items("stops", StoppedCell.of, []),
        )

    def as_data(self) -> dict[str, Any]:
        """The report as plain data, ready for `json.dumps`."""
        return dataclasses.asdict(self)

    @property
    def points(self) -> dict[str, tuple[float, float]]:
        """Points earned and possible, by exercise."""
        return {verdict.exercise: (verdict.earned, verdict.points) for verdict in self.exercises}
