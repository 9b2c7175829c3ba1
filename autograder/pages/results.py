"""What a class handed in and got: the gradebook's scores beside what the grader found.

Read from the gradebook and from the reports kept in the autograded notebooks. Scores are the
gradebook's, so that what a person changed there counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from autograder.course.course import Course
from autograder.exercise.declare import CHECK
from autograder.gradebook.gradebook import Gradebook, Marks, Structure
from autograder.submission import autograded, collect
from autograder.submission.autograded import Autograded
from autograder.submission.report import Report

AGAIN = "the notebook is not there, or another grader made it: grade it again with --force"
WAITS = "handed in, but not graded yet"


@dataclass(frozen=True)
class Person:
    """A student as the gradebook knows them; only the id is sure to be there."""

    id: str
    first: str = ""
    last: str = ""
    email: str = ""
    lms: str = ""

    @property
    def name(self) -> str:
        """First and last name, or "" where the gradebook has none."""
        return f"{self.first} {self.last}".strip()


@dataclass(frozen=True)
class Graded:
    """One graded submission: scores, what the grader found, and the code as it was handed in."""

    person: Person
    marks: Marks
    report: Report
    code: tuple[str, ...] = ()

    @property
    def student(self) -> str:
        return self.person.id

    @property
    def total(self) -> float:
        """The score after what is taken off for being late, as nbgrader exports it."""
        return self.marks.after_penalty


@dataclass(frozen=True)
class Results:
    """All graded submissions of a topic, and (student, why) for those that have no report."""

    topic: str
    structure: Structure
    graded: tuple[Graded, ...]
    missing: tuple[tuple[str, str], ...] = ()

    @cached_property
    def items(self) -> dict[str, float]:
        """What has points: name, without the `-check` of an exercise's cell, and its points."""
        cells = (c for c in self.structure.cells if c.type != "SolutionCell" and c.max_score > 0)
        return {cell.name.removesuffix(CHECK): cell.max_score for cell in cells}

    def score(self, one: Graded, item: str) -> float | None:
        """What a submission got for an item; None while a person has to look at it."""
        marks = one.marks
        name = f"{item}{CHECK}" if f"{item}{CHECK}" in marks.auto else item
        if name not in marks.auto or (name in marks.waiting and marks.manual.get(name) is None):
            return None
        return marks.score(name)


def private(course: Course) -> int:
    """The mode of a file that names students: for its owner, and the group of a shared course."""
    return 0o660 if course.setting("CourseDirectory", "groupshared") else 0o600


def roster(gradebook: Gradebook) -> dict[str, Person]:
    """All students of the course, by id."""
    rows = gradebook.db.run("SELECT id, first_name, last_name, email, lms_user_id FROM student")
    return {row["id"]: Person(*(str(value or "") for value in row.values())) for row in rows}


def _graded(person: Person, marks: Marks, notebook: Autograded) -> Graded:
    sources = ("".join(c["source"]) for c in notebook.cells if c.get("cell_type") == "code")
    return Graded(person, marks, notebook.report, tuple(sources))


def read(course: Course, topic: str) -> Results:
    """The results of a topic. Raises `CourseError` where the assignment was never released."""
    with Gradebook(course.db_url) as gradebook:
        structure = gradebook.structure(topic)
        marks = {s: m for s, m in gradebook.marks(structure).items() if m.auto}
        people = roster(gradebook)
    graded, missing = [], []
    for student in sorted(marks):
        notebook = None
        if collect.safe_name(student):  # it becomes a part of a path
            folder = course.path("autograded", student, topic)
            notebook = autograded.load(folder / f"{structure.notebook}.ipynb")
        if notebook is None:
            missing.append((student, AGAIN))
        else:
            graded.append(_graded(people[student], marks[student], notebook))
    students, refused = collect.folders(course, topic)
    waits = [s for s in students if s not in marks]
    missing += [(s, WAITS) for s in waits if course.path("submitted", s, topic).is_dir()]
    return Results(topic, structure, tuple(graded), (*missing, *refused))
