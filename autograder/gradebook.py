"""nbgrader's gradebook, read in a few queries and written one submission a transaction.

The tables are nbgrader's. There is one writer: the process that runs the batch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from autograder.course import CourseError
from autograder.database import Database, as_interval, as_time

Penalty = Callable[[float, float], float | None]
BOOKS = "submitted_assignment sa JOIN submitted_notebook sn ON sn.assignment_id = sa.id"


@dataclass(frozen=True)
class GradedCell:
    """A cell that has a score or a comment: the gradebook's row for the master version."""

    id: str
    name: str
    type: str  # GradeCell, SolutionCell or TaskCell
    max_score: float = 0.0


@dataclass(frozen=True)
class Structure:
    """What the gradebook knows of an assignment of one notebook."""

    assignment_id: str
    notebook_id: str
    notebook: str
    duedate: datetime | None
    cells: tuple[GradedCell, ...]
    sources: dict[str, dict[str, Any]]

    @property
    def max_score(self) -> float:
        return sum(cell.max_score for cell in self.cells)


@dataclass
class Marks:
    """What the gradebook holds for one student: by cell name."""

    timestamp: datetime | None = None
    penalty: float = 0.0
    auto: dict[str, float | None] = field(default_factory=dict)
    manual: dict[str, float | None] = field(default_factory=dict)
    extra: dict[str, float | None] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    comments: dict[str, str] = field(default_factory=dict)

    def score(self, name: str) -> float:
        """A cell's score as nbgrader counts it: a person's over the automatic one, plus extra."""
        given = self.manual.get(name)
        given = self.auto.get(name) if given is None else given
        return (given or 0.0) + (self.extra.get(name) or 0.0)

    @property
    def total(self) -> float:
        return sum(self.score(name) for name in self.auto)


class Gradebook:
    """The gradebook of a course; a context manager. Raises `CourseError` if there is none yet."""

    def __init__(self, db_url: str) -> None:
        self.db = Database(db_url)

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.db.close()

    def structure(self, topic: str) -> Structure:
        """The assignment's cells; raises `CourseError` if it was never released."""
        again = f"run `autograder release {topic}`"
        try:
            rows = self.db.run("SELECT id, duedate FROM assignment WHERE name = :name", name=topic)
        except Exception as error:
            raise CourseError(f"the gradebook cannot be read ({error}): {again}") from None
        if not rows:
            raise CourseError(f"the gradebook knows no assignment {topic!r}: {again}")
        assignment = rows[0]
        books = self.db.run(
            "SELECT id, name FROM notebook WHERE assignment_id = :a", a=assignment["id"]
        )
        if len(books) != 1:
            raise CourseError(
                f"{topic} has {len(books)} notebooks; assignments of one can be graded"
            )
        cells = self.db.run(
            "SELECT b.id, b.name, b.type, COALESCE(g.max_score, t.max_score, 0.0) AS max_score "
            "FROM base_cell b LEFT JOIN grade_cells g ON g.id = b.id "
            "LEFT JOIN task_cells t ON t.id = b.id WHERE b.notebook_id = :n",
            n=books[0]["id"],
        )
        sources = self.db.run("SELECT * FROM source_cell WHERE notebook_id = :n", n=books[0]["id"])
        return Structure(
            assignment["id"],
            books[0]["id"],
            books[0]["name"],
            as_time(assignment["duedate"]),
            tuple(GradedCell(**cell) for cell in cells),
            {row["name"]: row for row in sources},
        )

    def marks(self, structure: Structure, student: str | None = None) -> dict[str, Marks]:
        """What is in the gradebook for each student (or for one), by student."""
        who = "sa.assignment_id = :assignment" + (
            " AND sa.student_id = :student" if student else ""
        )
        keys = {"assignment": structure.assignment_id} | ({"student": student} if student else {})
        found: dict[str, Marks] = {}
        for row in self.db.run(
            "SELECT sa.student_id, sa.timestamp, sn.late_submission_penalty "
            f"FROM {BOOKS} WHERE {who}",
            **keys,
        ):
            penalty = row["late_submission_penalty"] or 0.0
            found[row["student_id"]] = Marks(as_time(row["timestamp"]), penalty)
        for row in self.db.run(
            "SELECT sa.student_id, b.name, g.auto_score, g.manual_score, g.extra_credit, "
            f"g.needs_manual_grade FROM {BOOKS} JOIN grade g ON g.notebook_id = sn.id "
            f"JOIN base_cell b ON b.id = g.cell_id WHERE {who}",
            **keys,
        ):
            marks, name = found[row["student_id"]], row["name"]
            marks.auto[name], marks.manual[name] = row["auto_score"], row["manual_score"]
            marks.extra[name] = row["extra_credit"]
            if row["needs_manual_grade"]:
                marks.waiting.add(name)
        for row in self.db.run(
            f"SELECT sa.student_id, b.name, c.manual_comment FROM {BOOKS} "
            "JOIN comment c ON c.notebook_id = sn.id JOIN base_cell b ON b.id = c.cell_id "
            f"WHERE {who} AND c.manual_comment IS NOT NULL",
            **keys,
        ):
            found[row["student_id"]].comments[row["name"]] = row["manual_comment"]
        return found

    def students(self) -> set[str]:
        """The ids of all students of the course."""
        return {row["id"] for row in self.db.run("SELECT id FROM student")}

    def write(
        self,
        structure: Structure,
        student: str,
        timestamp: datetime | None,
        grades: dict[str, float | None],
        comments: dict[str, str | None],
        penalty: Penalty | None = None,
    ) -> Marks:
        """Record one graded submission in one transaction; what the gradebook then holds.

        `grades` and `comments` are by cell name; None asks a person to grade. Scores and
        comments that a person gave are kept. `penalty(score, seconds late)` is asked if the
        submission is late.
        """
        with self.db.transaction():
            self.db.insert("student", {"id": student})
            book, extension = self._submission(structure, student, timestamp)
            graded, commented = self._cells("grade", book), self._cells("comment", book)
            for cell in structure.cells:
                keys = {"cell_id": cell.id, "notebook_id": book}
                if cell.type != "SolutionCell":
                    self._grade(cell, keys, cell.id in graded, grades)
                if cell.type != "GradeCell":
                    self._comment(keys, cell.id in commented, comments.get(cell.name))
            self._late(structure, student, book, timestamp, extension, penalty)
        return self.marks(structure, student)[student]

    def _cells(self, table: str, book: str) -> set[str]:
        rows = self.db.run(f"SELECT cell_id FROM {table} WHERE notebook_id = :b", b=book)
        return {row["cell_id"] for row in rows}

    def _submission(
        self, structure: Structure, student: str, timestamp: datetime | None
    ) -> tuple[str, timedelta]:
        """The submitted notebook's id, made if it is not there, and the student's extension."""
        keys = {"assignment_id": structure.assignment_id, "student_id": student}
        self.db.insert("submitted_assignment", {"id": uuid4().hex, **keys})
        row = self.db.run(
            "SELECT id, extension FROM submitted_assignment "
            "WHERE assignment_id = :assignment_id AND student_id = :student_id",
            **keys,
        )[0]
        self.db.run(
            "UPDATE submitted_assignment SET timestamp = :t WHERE id = :id",
            t=timestamp,
            id=row["id"],
        )
        keys = {"notebook_id": structure.notebook_id, "assignment_id": row["id"]}
        self.db.insert("submitted_notebook", {"id": uuid4().hex, **keys, "flagged": False})
        book = self.db.run(
            "SELECT id FROM submitted_notebook "
            "WHERE notebook_id = :notebook_id AND assignment_id = :assignment_id",
            **keys,
        )[0]["id"]
        return book, as_interval(row["extension"])

    def _grade(
        self, cell: GradedCell, keys: dict[str, str], known: bool, grades: dict[str, float | None]
    ) -> None:
        if not known:
            row = {"id": uuid4().hex, **keys, "needs_manual_grade": True}
            self.db.insert("grade", row)
        if cell.type == "GradeCell":
            auto = grades.get(cell.name)
            self.db.run(
                "UPDATE grade SET auto_score = :auto, "
                "needs_manual_grade = CASE WHEN manual_score IS NOT NULL THEN :yes ELSE :ask END "
                "WHERE cell_id = :cell_id AND notebook_id = :notebook_id",
                auto=auto,
                yes=True,
                ask=auto is None,
                **keys,
            )

    def _comment(self, keys: dict[str, str], known: bool, text: str | None) -> None:
        if not known:
            self.db.insert("comment", {"id": uuid4().hex, **keys})
        self.db.run(
            "UPDATE comment SET auto_comment = :text "
            "WHERE cell_id = :cell_id AND notebook_id = :notebook_id",
            text=text,
            **keys,
        )

    def _late(
        self,
        structure: Structure,
        student: str,
        book: str,
        timestamp: datetime | None,
        extension: timedelta,
        penalty: Penalty | None,
    ) -> None:
        """nbgrader's rule: none unless late; never below zero nor above the score."""
        amount = None
        if timestamp is not None and structure.duedate is not None and penalty is not None:
            seconds = (timestamp - structure.duedate - extension).total_seconds()
            if seconds > 0:
                score = self.marks(structure, student)[student].total
                amount = penalty(score, seconds)
                amount = None if amount is None else min(max(amount, 0.0), score)
        self.db.run(
            "UPDATE submitted_notebook SET late_submission_penalty = :p WHERE id = :id",
            p=amount,
            id=book,
        )
