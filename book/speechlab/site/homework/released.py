"""A released notebook as an assignment page needs it: its cells, what each is for, its release."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Cell:
    """One cell of a released notebook.

    `kind` is "text", "function" (a student writes it), "check" (the visible check of one),
    "given" (locked) or "code" (not locked and not graded: it shows or plays what was built).
    `function` is the name of the function that a check checks. `needed` is True for code whose
    names later checks use.
    """

    key: str
    kind: str
    source: str
    points: float = 0
    function: str = ""
    needed: bool = False


def cells(notebook: dict[str, Any]) -> list[Cell]:
    """The cells of a notebook in its order."""
    found: list[Cell] = []
    function = ""
    for cell in notebook["cells"]:
        graded = cell["metadata"].get("nbgrader", {})
        source, key = "".join(cell["source"]), graded.get("grade_id") or cell["id"]
        kind = _kind(cell["cell_type"], graded)
        function = key if kind == "function" else function
        points = float(graded.get("points", 0))
        found.append(Cell(key, kind, source, points, function if kind == "check" else ""))
    return [
        Cell(cell.key, cell.kind, cell.source, needed=_needed(cell, found[place:]))
        if cell.kind == "code"
        else cell
        for place, cell in enumerate(found)
    ]


def title(notebook: dict[str, Any]) -> str:
    """The heading that the first cell begins with."""
    first = "".join(notebook["cells"][0]["source"])
    return first.partition("\n")[0].lstrip("# ").strip()


def release(notebook: dict[str, Any]) -> str:
    """What names a release: a digest of the names and nbgrader's checksums of its cells.

    It changes with every stub, check and given cell, and not with the prose between them.
    """
    graded = [cell["metadata"].get("nbgrader") for cell in notebook["cells"]]
    marks = [[cell["grade_id"], cell.get("checksum", "")] for cell in graded if cell]
    return hashlib.sha256(json.dumps(marks).encode()).hexdigest()[:16]


def read(path: Path) -> dict[str, Any]:
    """The notebook in a file."""
    return json.loads(path.read_text(encoding="utf-8"))


def _kind(cell_type: str, graded: dict[str, Any]) -> str:
    if cell_type != "code":
        return "text"
    if not graded:
        return "code"
    return "function" if graded["solution"] else "check" if graded["grade"] else "given"


def _needed(cell: Cell, later: list[Cell]) -> bool:
    checked = {name for other in later if other.kind == "check" for name in _read(other.source)}
    return bool(checked & set(_bound(cell.source)))


def _read(source: str) -> Iterator[str]:
    """Names that a cell looks up before it has given them a value itself."""
    tree = ast.parse(source)
    bound = set(_bound(source))
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    return (n.id for n in names if isinstance(n.ctx, ast.Load) and n.id not in bound)


def _bound(source: str) -> Iterator[str]:
    """Names that a cell gives a value to at its outermost level."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield statement.name
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            yield from (name.asname or name.name.partition(".")[0] for name in statement.names)
        elif isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = getattr(statement, "targets", None) or [statement.target]
            parts = [node for target in targets for node in ast.walk(target)]
            yield from (
                node.id
                for node in parts
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            )
