"""The names of the assignment's own cells, kept apart from the student's; cells that do no harm.

A check cell sees the student's names, and what it sets goes to names of its own. A student's helper
`power` stays as it is though a check computes a `power`, too.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable, Iterator
from typing import Any

_NONE = object()
_STILL = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Tuple, ast.List),
    *(ast.Dict, ast.Set, ast.UnaryOp, ast.BinOp, ast.BoolOp, ast.Compare, ast.keyword),
    *(ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop),
)


class Apart(dict[str, Any]):
    """Names of the assignment's own cells; those that they have not set are the student's.

    An object of this class is the namespace of the assignment's cells. `functions` are the names
    of the exercises, which are always the student's.
    """

    def __init__(self, students: dict[str, Any], functions: Iterable[str]) -> None:
        super().__init__()
        self.students, self.functions = students, tuple(functions)
        self.lent: dict[str, Any] = {}

    def __missing__(self, name: str) -> Any:
        return self.students[name]

    def is_free(self, name: str) -> bool:
        """Has no cell of the student's given anything that name?"""
        mine = self.lent.get(name, _NONE)
        return self.students.get(name, mine) is mine

    def lend(self) -> None:
        """Let later cells of the student's see the names, as in Jupyter, where they are free.

        A name of Python's own that a check has taken is not passed on.
        """
        for name in self.functions:
            self.pop(name, None)
        for name, value in self.items():
            if self.is_free(name) and not hasattr(builtins, name):
                self.students[name] = self.lent[name] = value

    def take_back(self, before: dict[str, Any]) -> None:
        """Move what a cell set into our names, when it ran among the student's names (`before`)."""
        for name, value in list(self.students.items()):
            if before.get(name, _NONE) is not value:
                self[name] = value
        self.students.clear()
        self.students.update(before)


def _is_still(node: ast.AST) -> bool:
    """Does evaluating the expression change nothing?"""
    if isinstance(node, ast.Lambda):
        return all(map(_is_still, [*node.args.defaults, *filter(None, node.args.kw_defaults)]))
    return isinstance(node, _STILL) and all(map(_is_still, ast.iter_child_nodes(node)))


def _defines(node: ast.FunctionDef) -> bool:
    """Do the defaults and annotations of the definition, which run with it, change nothing?"""
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    given += [arg for arg in (node.args.vararg, node.args.kwarg) if arg]
    runs = [node.returns, *(arg.annotation for arg in given)]
    runs += [*node.args.defaults, *node.args.kw_defaults]
    return not node.decorator_list and all(map(_is_still, filter(None, runs)))


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Any]]:
    """Each name that the import binds, with its object; `_NONE` for one that is not loaded."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            whole = f"{node.module}.{alias.name}"
            found = vars(sys.modules.get(node.module or "", ast)).get(alias.name, _NONE)
            found = sys.modules.get(whole, _NONE) if found is _NONE else found
            yield alias.asname or alias.name, _NONE if node.level else found
        else:
            first = alias.name.partition(".")[0]
            loaded = alias.name in sys.modules
            found = sys.modules.get(alias.name if alias.asname else first, _NONE)
            yield alias.asname or first, found if loaded else _NONE


def is_harmless(body: Iterable[ast.stmt], names: Apart) -> bool:
    """Can the statements of a cell change nothing that a function may use which was there before?

    Such statements define functions, import what is loaded and give names to constants, and every
    name is new. Any other statement is taken to do harm.
    """
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for name, value in _imports(node):
                same = names.students.get(name, _NONE) is value
                if value is _NONE or not (same or names.is_free(name)):
                    return False
        elif isinstance(node, ast.FunctionDef):
            if not (_defines(node) and names.is_free(node.name)):
                return False
        elif isinstance(node, ast.Assign):
            plain = all(isinstance(t, ast.Name) and names.is_free(t.id) for t in node.targets)
            if not (plain and _is_still(node.value)):
                return False
        elif not (isinstance(node, ast.Expr) and _is_still(node.value)):
            return False
    return True
