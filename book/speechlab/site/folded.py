"""What stands on a folded cell: what it holds, and not that it is folded.

A cell says it itself, by myst-nb's option::

    :tags: [hide-input]
    :mystnb: {code_prompt_show: "Draws the lattice"}

A cell that says nothing is called after what it imports, defines and shows.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sphinx.application import Sphinx

SHOWN = {
    "picture": "Code of this figure",
    "follow": "Code of this figure",
    "explore": "Code of this control",
    "instrument": "Code of this instrument",
    "sound": "Code of this sound",
    "table": "Code of this table",
    "claim": "Check of this sentence",
    "print": "Code of this output",
}
STOCK = "code cell {type}"  # the end of what myst-nb says of all cells
MOST = 4  # names


def setup(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("doctree-read", name_folded_cells)


def name_folded_cells(app: Sphinx, doctree: nodes.document) -> None:
    """Give each folded cell of a page its words."""
    for cell in folded(doctree):
        if cell["prompt_show"].endswith(STOCK):
            source = next(cell.findall(nodes.literal_block), None)
            cell["prompt_show"] = contents(source.astext() if source is not None else "")
        if cell["prompt_hide"].endswith(STOCK):
            cell["prompt_hide"] = cell["prompt_show"]


def folded(doctree: nodes.document) -> Iterator[nodes.container]:
    """The cells of a page of which a part is folded."""
    return (node for node in doctree.findall(nodes.container) if node.get("hide_mode"))


def contents(code: str) -> str:
    """What a cell holds, in a few words.

    >>> contents("import numpy as np\\nx = 1\\ndef f(x): return x\\npicture(f(x), 'A line.')")
    'Code of this figure: x, f'
    """
    try:
        body = ast.parse(code).body
    except SyntaxError:  # a magic of IPython
        body = []
    imports = (ast.Import, ast.ImportFrom)
    if body and all(isinstance(statement, imports) for statement in body):
        return "Imports"
    shown = _shown(body[-1]) if body else None
    names = list(dict.fromkeys(name for statement in body for name in _defined(statement)))
    words = [shown or "Code"]
    if names:
        words.append(", ".join(names[:MOST]) + (", ..." if len(names) > MOST else ""))
    return ": ".join(words)


def _shown(statement: ast.stmt) -> str | None:
    """What the last statement of a cell shows, if it is known."""
    for node in ast.walk(statement) if isinstance(statement, ast.Expr) else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in SHOWN:
                return SHOWN[node.func.id]
    return None


def _defined(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement makes."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            for node in ast.walk(target):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    if node.id not in {"fig", "ax", "axes", "_"}:
                        yield node.id
