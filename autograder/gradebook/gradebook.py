"""nbgrader's gradebook, read in a few queries and written one submission a transaction.

The tables are nbgrader's. There is one writer: the process that runs the batch.
"""

from __future__ import annotations

import dataclasses
from uuid import uuid4

from autograder.course.course import CourseError
from autograder.gradebook.database import Database, as_interval, as_time
from autograder.gradebook.grades import GradedCell, Grading, Marks, Penalty, Structure, regraded

BOOKS = "submitted_assignment sa JOIN submitted_notebook sn ON sn.assignment_id = sa.id"


class Gradebook:
    """The gradebook of a course; a context manager. Raises `CourseError` if there is none yet."""

    def __init__(self, db_url: str, read_only: bool = False) -> None:
        self.db = Database(db_url, read_only)

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(self, *_: object) -> None:
        self.db.close()

    def structure(self, topic: str) -> Structure:
        """The assignment's cells; raises `CourseError` if it was never released."""
        again = f"run `autograder release {topic}`"
        rows = self.db.run("SELECT id, duedate FROM assignment WHERE name = :name", name=topic)
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
        keys = {"assignment": structure.assignment_id, "notebook": structure.notebook_id}
        who = "sa.assignment_id = :assignment AND sn.notebook_id = :notebook"
        if student:
            keys["student"], who = student, f"{who} AND sa.student_id = :student"
        cells = {f"cell{n}": cell.id for n, cell in enumerate(structure.cells)}
        names = {cell.id: cell.name for cell in structure.cells}
        # grades and comments have an index by cell and notebook, and none by notebook alone
        here = f"cell_id IN ({', '.join(f':{key}' for key in cells) or 'NULL'})"
        found: dict[str, Marks] = {}
        for row in self.db.run(
            "SELECT sa.student_id, sa.timestamp, sa.extension, sn.late_submission_penalty "
            f"FROM {BOOKS} WHERE {who}",
            **keys,
        ):
            found[row["student_id"]] = Marks(
                as_time(row["timestamp"]),
                row["late_submission_penalty"],
                as_interval(row["extension"]),
            )
        for row in self.db.run(
            "SELECT sa.student_id, g.cell_id, g.auto_score, g.manual_score, g.extra_credit, "
            f"g.needs_manual_grade FROM {BOOKS} JOIN grade g ON g.notebook_id = sn.id "
            f"WHERE {who} AND g.{here}",
            **keys,
            **cells,
        ):
            marks, name = found[row["student_id"]], names[row["cell_id"]]
            marks.auto[name], marks.manual[name] = row["auto_score"], row["manual_score"]
            marks.extra[name] = row["extra_credit"]
            if row["needs_manual_grade"]:
                marks.waiting.add(name)
        for row in self.db.run(
            f"SELECT sa.student_id, c.cell_id, c.auto_comment, c.manual_comment FROM {BOOKS} "
            f"JOIN comment c ON c.notebook_id = sn.id WHERE {who} AND c.{here}",
            **keys,
            **cells,
        ):
            marks, name = found[row["student_id"]], names[row["cell_id"]]
            marks.said[name] = row["auto_comment"]
            if row["manual_comment"] is not None:
                marks.comments[name] = row["manual_comment"]
        return found

    def students(self) -> set[str]:
        """The ids of all students of the course."""
        return {row["id"] for row in self.db.run("SELECT id FROM student")}

    def write(
        self,
        structure: Structure,
        student: str,
        grading: Grading,
        penalty: Penalty | None = None,
    ) -> Marks:
        """Record one graded submission in one transaction; returns what the gradebook then holds.

        Only what differs from what is there is written. `penalty` is called with student, score
        and seconds if the submission is late.
        """
        with self.db.transaction():
            self.db.insert("student", {"id": student})
            submitted, book = self._submission(structure, student)
            old = self.marks(structure, student)[student]
            new = regraded(structure, student, old, grading, penalty)
            for cell in structure.cells:
                keys = {"cell_id": cell.id, "notebook_id": book}
                if cell.type != "SolutionCell":
                    self._grade(cell, keys, old, new)
                if cell.type != "GradeCell":
                    self._comment(cell, keys, old, new)
            self._late(submitted, book, old, new)
        return new

    def penalise(self, structure: Structure, penalties: dict[str, float | None]) -> None:
        """Set the penalties of students who were graded before: those that are due now."""
        with self.db.transaction():
            for student, penalty in penalties.items():
                submitted, book = self._submission(structure, student)
                old = self.marks(structure, student)[student]
                self._late(submitted, book, old, dataclasses.replace(old, penalty=penalty))

    def _submission(self, structure: Structure, student: str) -> tuple[str, str]:
        """The ids of the submission and of its notebook, made if they are not there."""
        keys = {"assignment_id": structure.assignment_id, "student_id": student}
        self.db.insert("submitted_assignment", {"id": uuid4().hex, **keys})
        submitted = self.db.run(
            "SELECT id FROM submitted_assignment "
            "WHERE assignment_id = :assignment_id AND student_id = :student_id",
            **keys,
        )[0]["id"]
        keys = {"notebook_id": structure.notebook_id, "assignment_id": submitted}
        self.db.insert("submitted_notebook", {"id": uuid4().hex, **keys, "flagged": False})
        book = self.db.run(
            "SELECT id FROM submitted_notebook "
            "WHERE notebook_id = :notebook_id AND assignment_id = :assignment_id",
            **keys,
        )[0]["id"]
        return submitted, book

    def _grade(self, cell: GradedCell, keys: dict[str, str], old: Marks, new: Marks) -> None:
        name = cell.name
        if name not in old.auto:
            self.db.insert("grade", {"id": uuid4().hex, **keys, "needs_manual_grade": True})
        before = (old.auto.get(name), name in old.waiting) if name in old.auto else (None, True)
        if (new.auto[name], name in new.waiting) != before:
            self.db.run(
                "UPDATE grade SET auto_score = :auto, needs_manual_grade = :again "
                "WHERE cell_id = :cell_id AND notebook_id = :notebook_id",
                auto=new.auto[name],
                again=name in new.waiting,
                **keys,
            )

    def _comment(self, cell: GradedCell, keys: dict[str, str], old: Marks, new: Marks) -> None:
        if cell.name not in old.said:
            self.db.insert("comment", {"id": uuid4().hex, **keys})
        if new.said[cell.name] != old.said.get(cell.name):
            self.db.run(
                "UPDATE comment SET auto_comment = :text "
                "WHERE cell_id = :cell_id AND notebook_id = :notebook_id",
                text=new.said[cell.name],
                **keys,
            )

    def _late(self, submitted: str, book: str, old: Marks, new: Marks) -> None:
        if new.timestamp != old.timestamp:
            self.db.run(
                "UPDATE submitted_assignment SET timestamp = :t WHERE id = :id",
                t=new.timestamp,
                id=submitted,
            )
        if new.penalty != old.penalty:
            self.db.run(
                "UPDATE submitted_notebook SET late_submission_penalty = :p WHERE id = :id",
                p=new.penalty,
                id=book,
            )
