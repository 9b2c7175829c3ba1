"""What a cell needs of the cells before it: a slice backwards through the statements."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

_DEFINES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SETS = (*_DEFINES, ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign)


def needed(code: str, earlier: Iterable[str]) -> str:
    """The statements of earlier cells that a cell needs, in their order.

    >>> print(needed("y = x + 1", ["import io\\nx = 1", "x = 2", "x += 3\\nz = 4"]))
    x = 2
    x += 3
    """
    wanted: set[str] = set()
    for statement in reversed(_body(code)):
        _go_back(statement, wanted)
    kept: list[str] = []
    for statement in reversed([statement for cell in earlier for statement in _body(cell)]):
        if wanted & (_stored(statement) | _changed(statement)):
            statement = _only(statement, wanted)
            kept.append(ast.unparse(statement))
            _go_back(statement, wanted)
    return "\n".join(reversed(kept))


def _body(cell: str) -> list[ast.stmt]:
    try:
        return ast.parse(cell).body
    except SyntaxError:  # a magic of IPython
        return []


def _go_back(statement: ast.stmt, wanted: set[str]) -> None:
    """From what is wanted after a statement to what is wanted before it."""
    if isinstance(statement, _SETS):  # others may leave a name as it was
        wanted -= _stored(statement) - _changed(statement)
    wanted |= _used(statement)


def _only(statement: ast.stmt, wanted: set[str]) -> ast.stmt:
    """An import of no more than is wanted; anything else as it is."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        kept = [
            alias
            for alias in statement.names
            if (alias.asname or alias.name.partition(".")[0]) in wanted
        ]
        if isinstance(statement, ast.Import):
            return ast.Import(kept)
        return ast.ImportFrom(statement.module, kept, statement.level)
    return statement


def _stored(statement: ast.stmt) -> set[str]:
    """Names that a statement makes."""
    return _Names.of(statement).stored


def _changed(statement: ast.stmt) -> set[str]:
    """Names whose value it may change: of `x[0] = 1`, `x.y = 1`, and of `x.add(1)` by itself."""
    if isinstance(statement, _DEFINES):
        return set()
    found = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store):
            found |= set(_base(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            found |= set(_base(node.value.func))
    return found


def _base(node: ast.expr) -> Iterator[str]:
    """The `x` of `x.y[0].z`; nothing of a plain name."""
    plain = isinstance(node, ast.Name)
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    if isinstance(node, ast.Name) and not plain:
        yield node.id


def _used(statement: ast.stmt) -> set[str]:
    """Names that a statement, and the functions in it, take from outside."""
    used = _Names.of(statement).used
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        used.add(statement.target.id)
    return used


class _Names(ast.NodeVisitor):
    """Names that nodes make and take, without those inside functions and comprehensions."""

    def __init__(self) -> None:
        self.stored: set[str] = set()
        self.used: set[str] = set()

    @classmethod
    def of(cls, *nodes: ast.AST | None) -> _Names:
        names = cls()
        for node in filter(None, nodes):
            names.visit(node)
        return names

    def visit_Name(self, node: ast.Name) -> None:
        (self.stored if isinstance(node.ctx, ast.Store) else self.used).add(node.id)

    def visit_alias(self, node: ast.alias) -> None:
        self.stored.add(node.asname or node.name.partition(".")[0])

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        self.stored |= {node.name} - {None}
        self.generic_visit(node)

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self.visit(node.iter)
        target, body = _Names.of(node.target), _Names.of(*node.body)
        self.stored |= target.stored | body.stored
        self.used |= target.used | (body.used - target.stored)  # what it goes through is its own
        for after in node.orelse:
            self.visit(after)

    visit_AsyncFor = visit_For

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.stored.add(node.name)
        for outside in filter(None, (*node.decorator_list, node.returns)):
            self.visit(outside)
        self._function(node.args, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._function(node.args, [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.stored.add(node.name)
        for outside in (*node.bases, *node.keywords, *node.decorator_list):
            self.visit(outside)
        inside = _Names.of(*node.body)
        self.used |= inside.used - inside.stored

    def visit_ListComp(self, node: Any) -> None:
        inside = _Names()
        inside.generic_visit(node)
        self.used |= inside.used - inside.stored

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp

    def _function(self, given: ast.arguments, body: list[Any]) -> None:
        arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
        outside = [*given.defaults, *given.kw_defaults, *(a.annotation for a in arguments if a)]
        for node in filter(None, outside):
            self.visit(node)
        inside = _Names.of(*body)
        self.used |= inside.used - inside.stored - {a.arg for a in arguments if a}
