"""What an attack gained: points, other people's marks, secrets, or a page that acts."""

from __future__ import annotations

import json
import re
import sqlite3
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from tests.attacks.harness import FOUND, MARK, TOPIC
from tests.support.inert import MATHJAX, SCHEME

CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
TABLES = ("assignment", "notebook", "base_cell", "grade_cells", "source_cell")
VOID = set("area base br col embed hr img input link meta source track wbr".split())
LOADS = ("src", "srcset", "data", "poster", "background", "xlink:href", "formaction")
OWN = """
    select student.id, base_cell.name, grade.auto_score, grade.manual_score, grade.extra_credit,
           grade.needs_manual_grade, submitted_notebook.late_submission_penalty
    from grade
    join base_cell on base_cell.id = grade.cell_id
    join submitted_notebook on submitted_notebook.id = grade.notebook_id
    join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
    join student on student.id = submitted_assignment.student_id
"""


def _rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(database) as book:
        return sorted(book.execute(query).fetchall(), key=repr)


def scores(database: Path) -> dict[str, float]:
    """Points by student, read without anybody's library."""
    found: dict[str, float] = {}
    for student, _, auto, manual, extra, *_ in _rows(database, OWN):
        points = auto if manual is None else manual
        found[student] = found.get(student, 0.0) + (points or 0.0) + (extra or 0.0)
    return found


def book_of_others(database: Path, students: set[str]) -> str:
    """All that the gradebook says of these students and of the assignment."""
    own = [row for row in _rows(database, OWN) if row[0] in students]
    rest = {table: _rows(database, f"select * from {table}") for table in TABLES}
    comments = "select sa.student_id, c.cell_id, c.auto_comment, c.manual_comment from comment c "
    comments += "join submitted_notebook sn on sn.id = c.notebook_id "
    comments += "join submitted_assignment sa on sa.id = sn.assignment_id"
    said = [row for row in _rows(database, comments) if row[0] in students]
    return json.dumps([own, rest, said], default=str)


def outputs(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """All outputs of the autograded notebook."""
    return [o for cell in notebook["cells"] for o in cell.get("outputs", [])]


def tells(notebook: dict[str, Any]) -> bool:
    """Did something that ran in this notebook print that it found what it sought?"""
    return FOUND in json.dumps(outputs(notebook))


class Active(HTMLParser):
    """What on a page would act or call somebody, and bears the mark of an attack."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.acts: list[str] = []
        self.open: list[str] = []
        self.mathjax = "mathjax" in html.lower()
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            value = value or ""
            calls = SCHEME.match(re.sub(r"\s", "", value))
            acts = name.startswith("on") or name in (*LOADS, "srcdoc", "style")
            acts |= name in ("href", "action") and (bool(calls) or tag in ("link", "base"))
            acts |= tag == "meta" and name == "content"
            if acts and MARK in value and (tag, name) != ("meta", "description"):
                self.acts.append(f"page: <{tag} {name}>")

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        inside = self.open[-1] if self.open else ""
        if inside in ("script", "style") and MARK in data:
            self.acts.append(f"page: <{inside}>")
        elif self.mathjax and MARK in data and MATHJAX.search(data):
            if not {"pre", "code"} & set(self.open):
                self.acts.append("page: a command of MathJax")


def acts(html: str) -> list[str]:
    """What on this page acts."""
    found = Active(html).acts
    return found + (["page: control characters"] if CONTROLS.search(html) else [])


@cache
def _exporter() -> Any:
    from nbconvert.exporters import HTMLExporter

    return HTMLExporter(template_name="classic")


def rendered(notebook: dict[str, Any]) -> str:
    """The notebook as nbconvert shows it, whose templates formgrader's are made of."""
    import nbformat

    return _exporter().from_notebook_node(nbformat.from_dict(notebook))[0]


def autograded(folder: Path, student: str) -> dict[str, Any] | None:
    """The notebook that grading wrote, or None."""
    path = folder / "autograded" / student / TOPIC / f"{TOPIC}.ipynb"
    return json.loads(path.read_text()) if path.is_file() else None
