"""Grade files that Canvas and Moodle import.

Canvas (its guide to the gradebook's CSV file): the columns Student, ID, SIS User ID, SIS Login ID
and Section come first, in this order, then one an assignment; a first row "Points Possible" may
follow. It looks for a student by ID (its own number), then SIS User ID, then login, then name.

Moodle (its documentation of "Grade import"): any columns with a header; whoever imports says which
one identifies the user and which is the grade. One user that is not found stops the whole import.

Both files may be opened in a spreadsheet on the way, where a cell that starts with `=`, `+`, `-`
or `@` is a formula. A name gets an apostrophe before it; an id cannot be changed without pointing
at nobody, so that such a student is left out, and named.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course import atomic_files
from autograder.course.course import Course, CourseError
from autograder.gradebook.gradebook import Gradebook
from autograder.judging.words import number
from autograder.pages.results import Person, private, roster
from autograder.submission.sanitise import plain

# OWASP's list for CSV injection, with the full-width forms that some spreadsheets take as well.
FORMULA = re.compile(r"\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
POINTS = "Points Possible"  # wherever it stands in a first cell, Canvas takes the row for this one
# Columns that Canvas computes itself: it does not read what stands in them.
COMPUTED = re.compile(r"(Current|Final|Override) (Score|Points|Grade|Status)")
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")


# Ids that the importers themselves read as something else: Canvas takes all but the last separator
# out of what looks like a number, and Moodle takes 0 for an empty cell.
MISREAD = {"canvas": re.compile(r"[0-9.,]*[.,][0-9.,]*%?"), "moodle": re.compile("0")}


@dataclass(frozen=True)
class Score:
    """What one student gets."""

    person: Person
    score: float
    waiting: bool  # a person has still to grade a part


@dataclass(frozen=True)
class Export:
    """What was written where, and what the instructor has to know."""

    path: Path
    count: int
    says: tuple[str, ...]


def harmless(text: str) -> str:
    """Text on one line that no spreadsheet takes for a formula."""
    text = " ".join(plain(text, 200).split())
    return f"'{text}" if FORMULA.match(text) else text


def usable(text: str) -> bool:
    """May an id or a header stand in the file as it is?"""
    return bool(text) and harmless(text) == text and POINTS not in text


def _canvas_name(person: Person) -> str:
    both = f"{person.last}, {person.first}" if person.last and person.first else person.name
    return harmless(both or person.id) if POINTS not in both else person.id


def canvas(scores: Sequence[Score], column: str, top: float) -> list[list[str]]:
    """The rows of Canvas' file."""
    if COMPUTED.search(column):
        raise CourseError(
            f"Canvas computes columns such as {column!r} itself: give --column another name"
        )
    rows = [[*CANVAS, column], [f"    {POINTS}", "", "", "", "", number(top)]]
    for one in scores:
        who, id_ = one.person, one.person.lms
        known = id_ if id_.isascii() and id_.isdigit() else ""
        rows.append([_canvas_name(who), known, "", who.id, "", number(one.score)])
    return rows


def moodle(scores: Sequence[Score], column: str, top: float) -> list[list[str]]:
    """The rows of Moodle's file.

    The addresses are only there if everybody has one: Moodle gives the grade of a row in which
    the identifying cell is empty to the student of the row before.
    """
    emails = [one.person.email for one in scores]
    mail = all(usable(email) for email in emails) and len(set(emails)) == len(emails) > 0
    rows = [["Username", "First name", "Last name", *(["Email address"] * mail), column]]
    for one in scores:
        who = one.person
        names = [harmless(who.first), harmless(who.last)]
        rows.append([who.id, *names, *([who.email] * mail), number(one.score)])
    return rows


FORMATS: dict[str, Callable[[Sequence[Score], str, float], list[list[str]]]] = {
    "canvas": canvas,
    "moodle": moodle,
}


def text(rows: Sequence[Sequence[str]]) -> str:
    """The rows as CSV with every cell in quotes, so that no `;` in a name starts a new one."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def _scores(course: Course, topic: str) -> tuple[list[Score], float]:
    """What the gradebook holds, late penalties taken off, as nbgrader's own export does it."""
    with Gradebook(course.db_url) as gradebook:
        structure = gradebook.structure(topic)
        marks, people = gradebook.marks(structure), roster(gradebook)
    scores = [
        Score(people[student], mine.after_penalty, bool(mine.waiting))
        for student, mine in sorted(marks.items())
        if mine.auto
    ]
    return scores, structure.max_score


def _says(scores: Sequence[Score], left: Sequence[Score], kind: str, top: float) -> list[str]:
    says = []
    if left:
        names = ", ".join(ascii(one.person.id) for one in left)
        says.append(
            f"left out, enter these by hand: {names} (a spreadsheet or {kind.title()} would read "
            "these ids as something else)"
        )
    if waiting := sum(one.waiting for one in scores):
        says.append(
            f"{waiting} of the scores will change: a person has still to grade a part "
            "(`nbgrader formgrader`)"
        )
    if kind == "moodle" and top > 100:
        says.append(
            f"the assignment has {number(top)} points: Moodle refuses more than 100 unless its "
            "administrator allows them (unlimitedgrades, gradepointmax)"
        )
    return says


def export(
    course: Course, topic: str, kind: str, column: str | None = None, path: Path | None = None
) -> Export:
    """Write the grades of a topic in the format `kind`, one of `FORMATS`.

    Parameters
    ----------
    column : the grade's header; by default the topic. Canvas and Moodle match it with the title
        that the assignment has there.
    path : the file; by default `grades/TOPIC-KIND.csv` in the course's folder.

    Raises `CourseError` where the assignment was never released, or no format can have this.
    """
    column = topic if column is None else column
    if not usable(column):
        raise CourseError(f"{column!r} cannot be a column of a grade file: give another --column")
    scores, top = _scores(course, topic)
    misread = MISREAD[kind].fullmatch
    good = [one for one in scores if usable(one.person.id) and not misread(one.person.id)]
    rows = FORMATS[kind](good, column, top)
    path = path or course.folder / "grades" / f"{topic}-{kind}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_files.replace(path, text(rows), private(course))
    left = [one for one in scores if one not in good]
    return Export(path, len(good), tuple(_says(good, left, kind, top)))
