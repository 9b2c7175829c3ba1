"""What a batch came to: one row a student, as a table to print or as data."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from autograder.judging.words import many, number

LEGEND_WIDTH = 100
WITHOUT_SANDBOX = "WITHOUT THE SANDBOX: student code had your rights on this machine"


@dataclass(frozen=True, order=True)
class Row:
    """One student: the score as the gradebook has it, and what there is to say.

    `state` is graded, kept (graded before and unchanged), absent (nothing handed in), refused
    (a folder that cannot be graded) or failed (the grader's own fault). `exercises` gives points
    earned and possible as judged; a person's score in the gradebook overrides their sum.
    """

    student: str
    score: float = 0.0
    max_score: float = 0.0
    exercises: dict[str, tuple[float, float]] = field(default_factory=dict, compare=False)
    says: tuple[str, ...] = ()
    seconds: float = 0.0
    state: str = "graded"
    waiting: bool = False  # a person has something to grade
    penalty: float = 0.0  # for being late; not taken off the score, as in nbgrader
    unread: bool = False  # nothing of what was handed in could be read or run
    named: bool = False  # asked for by name, not by a pattern or as one of all

    @property
    def counts(self) -> bool:
        """Does the row have a score?"""
        return self.state in ("graded", "kept")

    @property
    def needs_someone(self) -> bool:
        """Was the submission not graded as it should be, or asked for by name and not there?"""
        left_out = self.state in ("refused", "failed") or (self.state == "absent" and self.named)
        return left_out or self.unread


def pointed_out(rows: Iterable[Row]) -> list[Row]:
    """The rows, with a sentence for students whose ids look the same, and are two.

    A letter with an accent, or a Korean syllable, can be one character or several.
    """
    rows = list(rows)
    looks = [unicodedata.normalize("NFC", row.student) for row in rows]
    often = {look for look, count in Counter(looks).items() if count > 1}
    says = (
        "There are two ids that look like this one and are written by other characters (Unicode "
        "NFC and NFD): it may be one student's work in two folders.",
    )
    return [
        replace(row, says=row.says + says) if look in often else row
        for row, look in zip(rows, looks)
    ]


@dataclass(frozen=True)
class Summary:
    """What a batch or a dry run came to: its rows in the order of the students' names."""

    topic: str
    max_score: float
    rows: tuple[Row, ...]
    seconds: float
    unsafe: bool = False

    @property
    def attention(self) -> bool:
        """Was there a submission that could not be graded as it should?"""
        return any(row.needs_someone for row in self.rows)


@dataclass(frozen=True)
class Batch(Summary):
    """What a batch came to: a row for every student."""

    def as_json(self) -> dict[str, Any]:
        """Plain data, ready for `json.dumps`."""
        return dataclasses.asdict(self)

    def __str__(self) -> str:
        """The table, the sentences about each student, and a line of summary."""
        names = list(dict.fromkeys(name for row in self.rows for name in row.exercises))
        legend = sum(len(name) + 2 for name in names) > LEGEND_WIDTH - 40
        heads = [f"({i})" for i in range(1, len(names) + 1)] if legend else names
        wide = max((len(row.student) for row in self.rows), default=7)
        wide = min(max(wide, 7), 30)
        columns = [max(len(head), 5) for head in heads]
        lines = [
            "  ".join(["student".ljust(wide), "score".rjust(11), *map(str.rjust, heads, columns)])
        ]
        lines += [self._line(row, names, columns, wide) for row in self.rows]
        if legend:
            lines.append("")
            lines += [f"{head} {name}" for head, name in zip(heads, names)]
        notes = [(row.student, says) for row in self.rows for says in row.says]
        lines += ["", *(f"{student}: {says}" for student, says in notes)] if notes else []
        return "\n".join([*lines, "", self.summary()])

    def _line(self, row: Row, names: list[str], columns: list[int], wide: int) -> str:
        if not row.counts:
            return f"{row.student[:wide].ljust(wide)}  {row.state.rjust(11)}"
        score = f"{number(row.score)}/{number(row.max_score)}" + ("*" if row.waiting else "")
        points = [number(row.exercises[n][0]) if n in row.exercises else "-" for n in names]
        return "  ".join(
            [row.student[:wide].ljust(wide), score.rjust(11), *map(str.rjust, points, columns)]
        )

    def summary(self) -> str:
        """One line: how many submissions were graded, in what time, and their mean score."""
        counted = [row for row in self.rows if row.counts]
        fresh = sum(row.state == "graded" for row in counted)
        words = [f"{many(fresh, 'submission')} of {self.topic} graded in {self.seconds:.1f} s"]
        if fresh < len(counted):
            words.append(f"{len(counted) - fresh} had been graded before and have not changed")
        if counted and self.max_score:
            mean = sum(row.score for row in counted) / len(counted) / self.max_score
            words.append(f"mean score {mean:.0%}")
        if any(row.waiting for row in counted):
            words.append("* a person has something to grade: open /formgrader in `jupyter lab`")
        if self.unsafe:
            words.append(WITHOUT_SANDBOX)
        return "; ".join(words) + "."
