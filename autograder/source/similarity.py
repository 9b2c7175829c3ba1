"""Functions of different students that are the same but for names, literals and docstrings.

The groups show where to read, and say nothing about how the likeness came to be: short functions
have few shapes, a hint in the chapter gives everybody the same one, and people who learned together
write alike. So the released code does not count, nor what is short, nor a shape that many have.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.source.normal_form import Forms
from autograder.source.syntax import parsed

SHORT = 40  # nodes; two or three statements
FEW = 4  # so many may always be shown
COMMON = 0.25  # of those who wrote the function; a shape that more have is not telling


@dataclass(frozen=True)
class Copy:
    """One student's function: its name there, its source, and the form of its tree."""

    student: str
    name: str
    source: str
    form: int
    nodes: int


@dataclass(frozen=True)
class Alike:
    """Functions of one form, by two students or more."""

    name: str
    copies: tuple[Copy, ...]
    authors: int  # who wrote a function of this name

    @property
    def nodes(self) -> int:
        return self.copies[0].nodes


def functions(student: str, cells: Iterable[str]) -> list[Copy]:
    """The functions at the top level of the cells; of two with the same name the later one."""
    found = {}
    for cell in cells:
        if cell.lstrip().startswith("%%"):  # so that the lines are those of the tree
            cell = cell.lstrip().partition("\n")[2]
        lines = cell.split("\n")
        for node in parsed(cell).body:
            if isinstance(node, ast.FunctionDef):
                source = "\n".join(lines[node.lineno - 1 : node.end_lineno])
                try:
                    unit = Forms().unit(node)
                except RecursionError:
                    continue
                found[node.name] = Copy(student, node.name, source, unit.form, unit.nodes)
    return list(found.values())


def groups(
    submissions: Sequence[tuple[str, Sequence[str]]], released: Iterable[str]
) -> list[Alike]:
    """Alike functions, the rarest and longest first.

    Parameters
    ----------
    submissions : (student, sources of the code cells).
    released : sources that every student was given.
    """
    given = {copy.form for copy in functions("", released)}
    forms: dict[int, list[Copy]] = {}
    authors: dict[str, int] = {}
    for student, cells in submissions:
        mine: set[int] = set()
        for copy in functions(student, cells):
            if copy.form in given:
                continue
            authors[copy.name] = authors.get(copy.name, 0) + 1
            if copy.nodes >= SHORT and copy.form not in mine:
                forms.setdefault(copy.form, []).append(copy)
                mine.add(copy.form)
    found = []
    for copies in forms.values():
        names = [copy.name for copy in copies]
        name = max(dict.fromkeys(names), key=names.count)
        if 1 < len(copies) <= max(FEW, COMMON * authors[name]):
            found.append(Alike(name, tuple(copies), authors[name]))
    return sorted(found, key=lambda group: (len(group.copies), -group.nodes))
