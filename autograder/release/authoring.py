"""From the instructor's text `solutions/<topic>.md` to nbgrader's source notebook.

The text is a MyST notebook. A code cell of it may start with a directive:

    %exercise NAME   the reference NAME: signature and docstring visible, body as the solution
    %given NAME      a helper or constant of the reference module (its own, or imported from
                     the package's `inputs`), or a helper that every assignment may carry
                     (`speechlab.show.assignment`), shown to students, locked
    %check NAME      followed by visible asserts: the locked, graded test cell of NAME

A text cell with nbgrader's metadata, as in `+++ {"nbgrader": {"grade_id": "why", "grade": true,
"solution": true, "points": 2}}`, is an answer that a person grades (`"task": true`: a task).

Bodies are cut from the reference's source text, so its comments survive and a solution is
written once. What an exercise does not allow is added to its docstring and its check, the time
that a function may take to the introduction. A notebook that could not run is refused, in one
sentence with file and line.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
import json
import re
import statistics
import symtable
import sys
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.course.course import REFERENCE, Course, current
from autograder.course.limits import applied
from autograder.exercise.declare import CHECK, REFUSE, DeclarationError, Exercise

DIRECTIVE = re.compile(r"%(\w+)[ \t]*(.*)")
CODE_CELL = re.compile(r"`{3,}\{code-cell")
SHARED = "inputs"  # the module of the references' package whose helpers all topics share
CARRIED = "speechlab.show.assignment"  # helpers that a notebook may carry in itself
READY = "ready"  # one of them; `REFUSE` is another
PUBLIC = CARRIED.partition(".")[0]  # may be imported where `ready` has said that it is there
LIBRARIES = {"numpy", "scipy", "matplotlib", "IPython"}
WIDTH = 100
CHECKS_REFUSE = (
    "Some exercises do not allow library calls that would do all the work; their docstrings say "
    "which. The checks look for those calls by this function, and so does the grader."
)
ALWAYS = set(dir(builtins)) | {"__name__", "display", "get_ipython"}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class ReleaseError(DeclarationError):
    """An assignment cannot be written; the message names the file and the line."""


@dataclass
class Reference:
    """The source text of a reference module, and where each of its names is defined.

    Names that it imports from the module `inputs` of its package count as defined in it.
    """

    path: Path
    package: str = REFERENCE
    lines: list[str] = field(init=False)
    nodes: dict[str, ast.stmt] = field(init=False)
    shared: dict[str, Reference] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        text = self.path.read_text()
        self.lines = text.splitlines()
        body = ast.parse(text).body
        self.nodes = {name: node for node in body for name in _defines(node)}
        for node in body:
            if isinstance(node, ast.ImportFrom) and self._is_shared(node):
                other = Reference(self._folder / f"{SHARED}.py", self.package)
                self.shared |= {alias.name: other for alias in node.names}

    @classmethod
    def of(cls, topic: str, course: Course | None = None) -> Reference:
        """The reference of a topic; raises `DeclarationError` where the course has none."""
        course = course or current()
        return cls(course.reference_file(topic), course.reference)

    @classmethod
    def carried(cls) -> Reference:
        """The module whose helpers any assignment may carry."""
        return cls(Path(importlib.util.find_spec(CARRIED).origin), CARRIED.rpartition(".")[0])

    @property
    def _folder(self) -> Path:
        """The folder of the package: a topic is a module of it, or a package in it."""
        return self.path.parents[self.path.name == "__init__.py"]

    @property
    def shown(self) -> str:
        """The file as sentences name it: by the package, not by the folders of this machine."""
        inside = self.path.relative_to(self._folder)
        return str(Path(*self.package.split("."), inside))

    def _is_shared(self, node: ast.ImportFrom) -> bool:
        absolute = not node.level and node.module == f"{self.package}.{SHARED}"
        return absolute or (node.level > 0 and node.module == SHARED)

    def defines(self, name: str) -> bool:
        """Is the name this module's, or one that it shares with other topics?"""
        return name in self.nodes or name in self.shared

    def source(self, name: str) -> str:
        """The text that defines the name, with the comment lines directly above it."""
        if name in self.shared:
            return self.shared[name].source(name)
        node = self.nodes[name]
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        while first > 1 and self.lines[first - 2].startswith("#"):
            first -= 1
        return "\n".join(self.lines[first - 1 : node.end_lineno])

    def solution(self, name: str, rule: str = "") -> str:
        """The function with its body between nbgrader's marks, a rule added to its docstring."""
        node = self.nodes[name]
        if not isinstance(node, ast.FunctionDef) or ast.get_docstring(node) is None:
            raise ReleaseError(f"{self.path.name}: {name} is no function with a docstring")
        if len(node.body) < 2:
            raise ReleaseError(f"{self.path.name}, line {node.lineno}: {name} has no body")
        docstring_ends = node.body[0].end_lineno
        visible = _with_rule(self.lines[node.lineno - 1 : docstring_ends], rule)
        body = self.lines[docstring_ends : node.end_lineno]
        while not body[0].strip():
            del body[0]
        return "\n".join([*visible, "    ### BEGIN SOLUTION", *body, "    ### END SOLUTION"])


def _with_rule(lines: list[str], rule: str) -> list[str]:
    """A function's head with a paragraph more in its docstring: above "Parameters", or last."""
    if not rule:
        return lines
    wrapped = textwrap.wrap(rule, WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    paragraph = [f"    {line}" for line in wrapped]
    if "    Parameters" in lines:
        place = lines.index("    Parameters")
        return [*lines[:place], *paragraph, "", *lines[place:]]
    *others, last = lines
    text = last[: last.rindex('"""')].rstrip()
    return [*others, *([text] if text else []), "", *paragraph, '    """']


def _defines(node: ast.stmt) -> list[str]:
    """The names that a top-level statement of the reference module defines, imports aside."""
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        return [node.name]
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return [t.id for t in targets if isinstance(t, ast.Name)]


@dataclass(frozen=True)
class Cell:
    """One code cell of the instructor's text: its directive, if any, and where it stands."""

    source: str
    where: str
    directive: str = ""
    name: str = ""

    @property
    def code(self) -> str:
        """The source without the directive."""
        return self.source.partition("\n")[2] if self.directive else self.source


def _code_cell(source: str, where: str) -> Cell:
    match = DIRECTIVE.match(source)
    if not match:
        return Cell(source, where)
    directive, name = match[1], match[2].strip()
    if directive not in ("exercise", "given", "check"):
        raise ReleaseError(f"{where}: %{directive} is none of %exercise, %given and %check")
    if directive != "check" and "\n" in source.strip():
        raise ReleaseError(f"{where}: a %{directive} cell holds that line and nothing else")
    return Cell(source, where, directive, name)


def _read(text: str, file: str) -> list[Cell | NotebookNode]:
    """The notebook's cells in order: code as `Cell`, prose as it is."""
    starts = (n + 1 for n, line in enumerate(text.splitlines(), 1) if CODE_CELL.match(line))
    return [
        _code_cell(cell.source, f"{file}, line {next(starts)}")
        if cell.cell_type == "code"
        else cell
        for cell in jupytext.reads(text, fmt="md:myst").cells
    ]


def _require_each_once(cells: list[Cell], names: list[str], file: str) -> None:
    """Every exercise has its two cells, and they stand in the order of the declarations."""
    for directive in ("exercise", "check"):
        found = [cell for cell in cells if cell.directive == directive]
        for n, cell in enumerate(found):
            line = f"{cell.where}: %{directive} {cell.name}"
            if cell.name not in names:
                raise ReleaseError(f"{line} names no exercise; there are {', '.join(names)}")
            if cell.name in [other.name for other in found[:n]]:
                raise ReleaseError(f"{line} stands here a second time")
        order = [cell.name for cell in found]
        for name in names:
            if name not in order:
                raise ReleaseError(f"{file}: %{directive} {name} is missing")
        if order != names:
            raise ReleaseError(
                f"{file}: the %{directive} cells stand in the order {', '.join(order)}, "
                f"but the checks declare {', '.join(names)}"
            )


def _free_names(code: str, where: str) -> tuple[set[str], set[str]]:
    """The names that a cell reads from the notebook, and the names that it defines."""
    try:
        top = symtable.symtable(code, where, "exec")
    except SyntaxError as error:
        raise ReleaseError(f"{where}: {error.msg} in line {error.lineno} of the cell") from None
    defined = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    used, scopes = set(), [top]
    while scopes:
        scope = scopes.pop()
        scopes += scope.get_children()
        used |= {
            s.get_name()
            for s in scope.get_symbols()
            if s.is_referenced() and (s.is_global() or scope is top)
        }
    return used - defined, defined


def _asks_ready(node: ast.AST) -> bool:
    called = (
        node.test.func if isinstance(node, ast.If) and isinstance(node.test, ast.Call) else node
    )
    return isinstance(called, ast.Name) and called.id == READY


def _require_public_imports(code: str, where: str) -> None:
    tree = ast.parse(code)
    asked = {id(n) for node in tree.body if _asks_ready(node) for n in ast.walk(node)}
    for node in ast.walk(tree):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or "."]
        for module in modules:
            root = module.partition(".")[0]
            if root == PUBLIC and id(node) not in asked:
                raise ReleaseError(
                    f"{where}: imports {module}, which a student may lack: put the import into the "
                    f"body of `if {READY}(...):`, with `%given {READY}` further up"
                )
            if root not in {*LIBRARIES, PUBLIC} and root not in sys.stdlib_module_names:
                raise ReleaseError(
                    f"{where}: imports {module}, but an assignment may use only "
                    f"{', '.join(sorted(LIBRARIES))} and the standard library"
                )
    if "autograder" in code:
        raise ReleaseError(f"{where}: a released cell may not speak of the autograder")


@dataclass
class Writer:
    """Turns cells into nbgrader cells, and watches which names the notebook has so far."""

    reference: Reference
    exercises: dict[str, Exercise]
    carried: Reference = field(default_factory=Reference.carried)
    names: set[str] = field(default_factory=lambda: set(ALWAYS))
    used_ids: dict[str, int] = field(default_factory=dict)

    def prose(self, cell: NotebookNode, file: str) -> NotebookNode:
        roles = cell.metadata.get("nbgrader")
        if roles is None:
            return new_markdown_cell(cell.source, id=self._id("text"))
        name = roles.get("grade_id") if isinstance(roles, dict) else None
        if not isinstance(name, str) or not name or name in self.used_ids:
            raise ReleaseError(
                f"{file}: a text cell says {json.dumps({'nbgrader': roles})}, which needs a "
                "grade_id that no other cell has"
            )
        return new_markdown_cell(cell.source, **self._named(name, roles))

    def code(self, cell: Cell) -> NotebookNode:
        named = cell.directive not in ("", "check")
        given = cell.directive == "given" and self.carried.defines(cell.name)
        if named and not given and not self.reference.defines(cell.name):
            raise ReleaseError(
                f"{cell.where}: %{cell.directive} {cell.name} is not defined in "
                f"{self.reference.shown}"
            )
        write = {"exercise": self._exercise, "given": self._given, "check": self._check}
        return write.get(cell.directive, self._plain)(cell)

    def _exercise(self, cell: Cell) -> NotebookNode:
        source = self.reference.solution(cell.name, rule(self.exercises[cell.name]))
        self._watch(source, cell)
        return self._cell(source, cell.name, solution=True)

    def _given(self, cell: Cell) -> NotebookNode:
        if cell.name in self.exercises:
            raise ReleaseError(f"{cell.where}: {cell.name} is an exercise and cannot be given")
        home = self.reference if self.reference.defines(cell.name) else self.carried
        source = home.source(cell.name)
        self._watch(source, cell)
        return self._cell(source, f"given-{cell.name}", locked=True)

    def _check(self, cell: Cell) -> NotebookNode:
        source = cell.code.strip("\n")
        if cell.name not in self.used_ids:
            raise ReleaseError(f"{cell.where}: %check {cell.name} stands before its %exercise")
        self._watch(source, cell)
        if not any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(source))):
            raise ReleaseError(f"{cell.where}: %check {cell.name} asserts nothing")
        exercise = self.exercises[cell.name]
        if exercise.forbidden:
            source = f"{_refusing(exercise)}\n{source}"
        points = exercise.points
        points = int(points) if points == int(points) else points
        return self._cell(source, cell.name + CHECK, grade=True, locked=True, points=points)

    def _plain(self, cell: Cell) -> NotebookNode:
        self._watch(cell.source, cell)
        body = ast.parse(cell.source).body
        if body and all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in body):
            return self._cell(cell.source, self._id("setup"), locked=True)
        return new_code_cell(cell.source, id=self._id("code"))

    def _watch(self, source: str, cell: Cell) -> None:
        """Refuse names that the notebook does not have at this point; note the new ones."""
        used, defined = _free_names(source, cell.where)
        _require_public_imports(source, cell.where)
        missing = sorted(used - defined - self.names)
        if missing:
            what = f"%{cell.directive} {cell.name}" if cell.directive else "the cell"
            raise ReleaseError(
                f"{cell.where}: {what} uses {', '.join(missing)}, which the notebook does not "
                "have there: import it, give it with %given, or nest it in the function"
            )
        self.names |= defined

    def _id(self, kind: str) -> str:
        count = self.used_ids[kind] = self.used_ids.get(kind, 0) + 1
        return kind if count == 1 else f"{kind}-{count}"

    def _cell(self, source: str, grade_id: str, **roles: object) -> NotebookNode:
        return new_code_cell(source, **self._named(grade_id, roles))

    def _named(self, grade_id: str, roles: dict[str, object]) -> dict[str, object]:
        """The id and metadata of a cell that nbgrader knows by name."""
        self.used_ids.setdefault(grade_id, 1)
        nbgrader = {
            "grade": False,
            "grade_id": grade_id,
            "locked": False,
            "schema_version": 3,
            "solution": False,
            "task": False,
            **roles,
        }
        return {"id": grade_id[:64], "metadata": {"nbgrader": nbgrader}}


def rule(exercise: Exercise) -> str:
    """The sentence that says what an exercise does not allow, and why; "" if it allows all."""
    names = ", ".join(f"`{name}`" for name in exercise.forbidden)
    return f"Not allowed: {names}: {exercise.because}." if names else ""


def _refusing(exercise: Exercise) -> str:
    """The statement of a check that refuses what the exercise does not allow."""
    names = textwrap.wrap(
        " ".join(exercise.forbidden), WIDTH - 8, break_long_words=False, drop_whitespace=False
    )
    parts = [exercise.name, *(json.dumps(line) for line in names)]
    why = json.dumps(exercise.because, ensure_ascii=False)
    one = f"{REFUSE}({exercise.name}, {' '.join(parts[1:])}, {why})"
    if len(one) <= WIDTH:
        return one
    listed = "\n    ".join(parts[1:])
    return f"{REFUSE}(\n    {exercise.name},\n    {listed},\n    {why},\n)"


def time_allowed(exercises: Iterable[Exercise]) -> str:
    """The sentence that tells students beforehand how long their functions may take."""
    seconds = {exercise.name: exercise.limits.seconds for exercise in exercises}
    usual = statistics.mode(seconds.values())
    others = [f"`{name}` {limit:g}" for name, limit in seconds.items() if limit != usual]
    return (
        f"When it is graded, a function may take {usual:g} seconds by the clock for all its hidden "
        f"inputs together{', '.join(['', *others])}; then it is stopped."
    )


def _introduce(cells: list[Cell | NotebookNode], sentence: str) -> None:
    """Put the sentence under the text that the notebook begins with."""
    for cell in cells:
        if not isinstance(cell, Cell) and "nbgrader" not in cell.metadata:
            cell.source = f"{cell.source}\n\n{sentence}"
            return


def _carry(cells: list[Cell | NotebookNode]) -> list[Cell | NotebookNode]:
    """The cells with the helper that refuses calls, below the first code cell."""
    place = next(n for n, cell in enumerate(cells, 1) if isinstance(cell, Cell))
    helper = Cell(f"%given {REFUSE}", cells[place - 1].where, "given", REFUSE)
    return [*cells[:place], new_markdown_cell(CHECKS_REFUSE), helper, *cells[place:]]


def compose(
    text: str, declared: tuple[Exercise, ...], reference: Reference, file: str
) -> NotebookNode:
    """The instructor's notebook of a text, for the declared exercises; see `source_notebook`."""
    cells = _read(text, file)
    names = [exercise.name for exercise in declared]
    _require_each_once([cell for cell in cells if isinstance(cell, Cell)], names, file)
    _introduce(cells, time_allowed(declared))
    if any(exercise.forbidden for exercise in declared):
        cells = _carry(cells)
    writer = Writer(reference, {exercise.name: exercise for exercise in declared})
    written = [
        writer.code(cell) if isinstance(cell, Cell) else writer.prose(cell, file) for cell in cells
    ]
    notebook = new_notebook(cells=written, metadata=METADATA, nbformat_minor=5)
    nbformat.validate(notebook)
    return notebook


def source_notebook(topic: str, course: Course | None = None) -> NotebookNode:
    """The instructor's notebook of a topic, solutions included, with nbgrader's metadata.

    Raises
    ------
    ReleaseError
        In one sentence with file and line, where the text, the reference and the checks
        do not fit together.
    """
    course = course or current()
    exercises = applied(course, topic, course.exercises(topic))
    path = course.solution(topic)
    shown = f"{path.parent.name}/{path.name}"
    if not path.exists():
        raise ReleaseError(f"{shown} is missing: write the notebook of {topic} there")
    return compose(path.read_text(), exercises, Reference.of(topic, course), shown)
