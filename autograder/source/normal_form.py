"""Code as normalised syntax trees, to find a function again under other names.

Names and literals are all alike; docstrings, annotations, decorators and guards (`if …: raise …`)
do not count; `return x`, `y = x` and `x` are the same. Names of attributes and of keyword
arguments stay: they are the library's.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

LARGE = 20  # nodes; smaller expressions are in everybody's code


@dataclass(frozen=True)
class Unit:
    """One statement or expression: a hash of its normalised tree, and the size of that tree."""

    form: int
    nodes: int


NAME = Unit(0, 1)


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return body[1:] if documented else body


def _is_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and all(isinstance(s, ast.Raise) for s in node.body)


def _is_literal(node: object) -> bool:
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)
    return isinstance(node, (ast.Constant, ast.JoinedStr))


class Forms:
    """Normalises trees, and remembers the form of each large expression on the way."""

    def __init__(self) -> None:
        self.expressions: dict[int, int] = {}

    def unit(self, node: ast.stmt) -> Unit:
        """A statement; where it only names or returns a value, that value."""
        if isinstance(node, (ast.Return, ast.Assign, ast.AnnAssign, ast.Expr)) and node.value:
            return self._of(node.value)
        return self._of(node)

    def run(self, statements: list[ast.stmt]) -> list[Unit]:
        """Consecutive statements, without docstring and guards."""
        kept = (s for s in without_docstring(statements) if not _is_guard(s))
        return [self.unit(s) for s in kept]

    def _of(self, node: ast.AST) -> Unit:
        if isinstance(node, (ast.Name, ast.arg)) or _is_literal(node):
            return NAME
        parts: list[object] = [type(node)]
        nodes = 0 if isinstance(node, (ast.expr_context, ast.operator)) else 1
        if isinstance(node, ast.FunctionDef):
            units = [self._of(node.args), *self.run(node.body)]
            parts += [unit.form for unit in units]
            nodes += sum(unit.nodes for unit in units)
        else:
            for name, value in ast.iter_fields(node):
                parts.append(name)
                for part in value if isinstance(value, list) else (value,):
                    unit = self._of(part) if isinstance(part, ast.AST) else Unit(hash(part), 0)
                    parts.append(unit.form)
                    nodes += unit.nodes
        unit = Unit(hash(tuple(parts)), nodes)
        if isinstance(node, ast.expr) and nodes >= LARGE:
            self.expressions.setdefault(unit.form, node.lineno)
        return unit


class Tree:
    """The statement lists of some code, and its larger expressions, normalised."""

    def __init__(self, code: str) -> None:
        tree, forms = ast.parse(code), Forms()
        blocks = (
            getattr(node, name, None)
            for node in ast.walk(tree)
            for name in ("body", "orelse", "finalbody")
        )
        self.runs = [
            (forms.run(block), block[0].lineno)
            for block in blocks
            if isinstance(block, list) and block
        ]
        self.expressions = forms.expressions
