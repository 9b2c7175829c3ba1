"""The page a student learns from: which criterion, which mistake, how many points, what next.

One self-contained file: no script, no request, readable on paper and in the dark. It is made
from the autograded notebook and the gradebook alone, neither of which holds an expected value, a
hidden input or the reference.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.course import atomic_files
from autograder.course.course import Course
from autograder.exercise.declare import CHECK
from autograder.gradebook.gradebook import Gradebook, Marks, Structure
from autograder.judging.score import Verdict
from autograder.judging.words import number
from autograder.submission import autograded
from autograder.submission.autograded import Autograded
from autograder.submission.collect import SECRET
from autograder.submission.report import Report
from autograder.submission.sanitise import plain

TEMPLATES = Path(__file__).resolve().parent / "templates"
MAX_CODE = 30_000
LONGEST_COLOURED = 1_000  # characters of a line: its colours take more space than it does
_CODE = re.compile(r"`([^`\n]+)`")
WHAT_TO_DO = (
    "Open the notebook in Jupyter. If it opens, save it there and hand in the file whose name ends "
    "in `.ipynb`; if it does not, hand in an earlier copy, or start from the assignment's notebook "
    "and put your cells into that."
)
WAITING = "A person has still to grade this."


def _docstrings(source: str) -> set[int]:
    """The numbers (from 1) of lines in docstrings, each docstring's first line left out."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    nodes = [n.body[0] for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
    strings = [n for n in nodes if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)]
    return {line for n in strings for line in range(n.lineno + 1, n.end_lineno + 1)}


def code_html(source: str) -> Any:
    """Python source as HTML by Pygments, with line numbers, long docstrings folded away."""
    from markupsafe import Markup
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer, TextLexer

    source = plain(source, MAX_CODE).rstrip("\n")
    coloured = max(map(len, source.splitlines()), default=0) <= LONGEST_COLOURED
    lexer = PythonLexer(stripnl=False) if coloured else TextLexer(stripnl=False)
    lines = highlight(source, lexer, HtmlFormatter(nowrap=True)).splitlines()
    folded, shown = _docstrings(source), []
    for number_, line in enumerate(lines, 1):
        if number_ not in folded:
            shown.append(f'<span class="linenos">{number_:3d}</span>{line}')
        elif number_ - 1 not in folded:
            shown.append('<span class="linenos">  ⋮</span><span class="linenos">(docstring)</span>')
    return Markup(f'<pre class="code" tabindex="0">{chr(10).join(shown)}\n</pre>')


def code_css() -> str:
    """Pygments' colours for light and dark pages."""
    from pygments.formatters import HtmlFormatter

    light = HtmlFormatter(style="xcode").get_style_defs(".code")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".code")
    return f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}"


def printed(cell: dict[str, Any] | None) -> str:
    """What a cell showed, as plain text."""
    parts = []
    for output in (cell or {}).get("outputs", []):
        if output["output_type"] == "stream":
            parts.append("".join(output["text"]).rstrip("\n"))
        else:
            parts.append("\n".join(output.get("traceback", [])))
    return plain("\n".join(part for part in parts if part))


def _next_step(report: Report) -> str:
    """The sentence that tells a student what to do first; "" if all points are there."""
    unfinished = [e for e in report.exercises if e.earned < e.points]
    if not report.ran and report.says:
        return f"Nothing could be graded yet. {_sentence(report.says[0])} {WHAT_TO_DO}"
    if not unfinished:
        return ""
    first = unfinished[0]
    why = first.mistake or next((c.message for c in first.criteria if c.message), "")
    missing = number(first.points - first.earned)
    words = f"Start with `{first.exercise}`, where {missing} of {number(first.points)} points"
    return f"{words} are still to be had. {_sentence(why)}"


def _sentence(text: str) -> str:
    text = plain(text, 2000).strip()
    return text[:1].upper() + text[1:] + ("" if not text or text[-1] in ".?!" else ".")


def words(text: str) -> Any:
    """Text as HTML: escaped, and what stands between backticks as code."""
    from markupsafe import Markup, escape

    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


def template(name: str) -> Any:
    """A template of this package, which escapes whatever is put into it."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "plain": plain, "words": words}
    environment.filters["sentence"] = lambda text: words(_sentence(text))
    environment.globals["code_css"] = code_css()
    return environment.get_template(name)


def counted(verdict: Verdict, cells: Sequence[dict[str, Any]]) -> str:
    """The code that the points are for.

    That is the last cell that defines the function, for a function that counts as its check found
    it the last one above its check; the answer cell where none defines it.
    """
    name = verdict.exercise
    defines = re.compile(rf"^(?:def +{re.escape(name)}\b|{re.escape(name)} *=)", re.M)
    names = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
    if verdict.at_check and name + CHECK in names:
        cells = cells[: names.index(name + CHECK)]
    code = ["".join(cell["source"]) for cell in cells if cell.get("cell_type") == "code"]
    written = [source for source in code if defines.search(source)]
    mine = next((c["source"] for c, n in zip(cells, names, strict=False) if n == name), "")
    return written[-1] if written else "".join(mine)


class Page:
    """Renders pages for one assignment."""

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.points = {c.name: c.max_score for c in structure.cells if c.type != "SolutionCell"}

    @cached_property
    def template(self) -> Any:
        return template("feedback.html.j2")

    def render(self, notebook: Autograded, marks: Marks | None) -> str:
        """The page of one student, from the autograded notebook and the gradebook's marks."""
        marks, report = marks or Marks(), notebook.report
        cells = {c["metadata"].get("nbgrader", {}).get("grade_id"): c for c in notebook.cells}
        exercises = [self._exercise(v, cells, marks, notebook.cells) for v in report.exercises]
        ours = {v.exercise + CHECK for v in report.exercises}
        names = [name for name in self.points if name not in ours]
        others = [self._other(n, cells.get(n), marks, n in report.hidden) for n in names]
        return self.template.render(
            topic=report.topic,
            student=report.student,
            says=[plain(says, 1000) for says in report.says],
            unsafe=report.unsafe,
            ran=report.ran,
            total=marks.total,
            penalty=marks.penalty or 0.0,
            possible=self.structure.max_score,
            waiting=bool(marks.waiting),
            exercises=exercises,
            others=sorted(others, key=lambda other: other["order"]),
            next_step=_next_step(report),
        )

    def _exercise(
        self,
        verdict: Verdict,
        cells: dict[str, Any],
        marks: Marks,
        cells_in_order: Sequence[dict[str, Any]],
    ) -> dict[str, Any]:
        name = verdict.exercise
        check, answer = name + CHECK, cells.get(name)
        manual = marks.manual.get(check)
        return {
            **vars(verdict),
            "possible": self.points.get(check, verdict.points),
            "score": marks.score(check) if check in marks.auto else verdict.earned,
            "by_hand": manual is not None or bool(marks.extra.get(check)),
            "code": code_html(counted(verdict, cells_in_order)),
            "printed": printed(answer),
            "check": printed(cells.get(check)),
            "comment": marks.comments.get(name, ""),
        }

    def _other(
        self, name: str, cell: dict[str, Any] | None, marks: Marks, hidden: bool
    ) -> dict[str, Any]:
        """A graded cell that the instructor added: a written answer, or a test of their own.

        Where a test in the cell is hidden from students, not even the cell's error is shown.
        """
        role = (cell or {"metadata": {}})["metadata"].get("nbgrader", {})
        answer = bool(role.get("solution") or role.get("task"))
        waiting = name in marks.waiting and marks.manual.get(name) is None
        return {
            "name": name,
            "order": not answer,
            "possible": self.points[name],
            "score": marks.score(name),
            "waiting": WAITING if waiting else "",
            "answer": plain("".join(cell["source"])) if cell and answer else "",
            "printed": "" if hidden else printed(cell),
            "comment": marks.comments.get(name, ""),
        }


def generate(course: Course, topic: str, students: Sequence[str] | None = None) -> list[Path]:
    """Write the page of every graded submission of a topic (or of the students named).

    Returns the paths, in the order of the students' names. Raises `CourseError` where the
    assignment was never released.
    """
    from fnmatch import fnmatchcase

    with Gradebook(course.db_url) as gradebook:
        structure = gradebook.structure(topic)
        marks = gradebook.marks(structure)
    page, written = Page(structure), []
    for student in sorted(marks):
        if students is not None and not any(fnmatchcase(student, s) for s in students):
            continue
        graded = course.path("autograded", student, topic)
        notebook = autograded.load(graded / f"{structure.notebook}.ipynb")
        if notebook is None:
            continue
        folder = course.path("feedback", student, topic)
        with atomic_files.writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        if (stamp := graded / "timestamp.txt").is_file():
            atomic_files.replace(folder / "timestamp.txt", stamp.read_text())
        path = folder / f"{structure.notebook}.html"
        atomic_files.replace(path, page.render(notebook, marks[student]))
        if (secret := graded / SECRET).is_file():
            atomic_files.copy_beside(folder, SECRET, secret.read_text())
        written.append(path)
    return written
