"""What a cell needs of the cells before it: a slice backwards through the statements."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable, Iterator

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
    symbols = _table(statement).get_symbols()
    return {
        symbol.get_name()
        for symbol in symbols
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
    }


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
    table = _table(statement)
    found = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    waiting = list(table.get_children())
    while waiting:
        inner = waiting.pop()
        found |= {s.get_name() for s in inner.get_symbols() if s.is_global() and s.is_referenced()}
        waiting += inner.get_children()
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        found.add(statement.target.id)
    return found


def _table(statement: ast.stmt) -> symtable.SymbolTable:
    return symtable.symtable(ast.unparse(statement), "cell", "exec")
