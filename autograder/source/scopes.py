"""What does a name in a cell belong to: the notebook, or a function's own variables?

By Python's rules: parameters, assignments, loops, comprehensions, imports and definitions bind a
name in their scope; `global` and `nonlocal` say otherwise; a class's names are not seen by its
methods. The tree is walked without recursion, because a student's may be deep.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_PATTERNS = (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)


@dataclass(eq=False)
class Scope:
    """A module, function, class or comprehension, and the names bound there.

    `imports` are pairs of a name and the dotted name that it stands for, `assigned` pairs of a
    name and the expression that it is assigned.
    """

    parent: Scope | None = None
    kind: str = "module"
    bound: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)  # by `global`
    outer: set[str] = field(default_factory=set)  # by `nonlocal`
    imports: list[tuple[str, str]] = field(default_factory=list)
    assigned: list[tuple[str, ast.AST]] = field(default_factory=list)

    def owner(self, name: str) -> Scope | None:
        """The scope whose variable a name used here is; None for the module's (or a builtin)."""
        scope, here = self, True
        while scope is not None and scope.parent is not None:
            if name in scope.shared:
                return None
            visible = here or scope.kind != "class"
            if visible and name in scope.bound and name not in scope.outer:
                return scope
            scope, here = scope.parent, False
        return None

    def around(self) -> Scope:
        """The scope that `:=` binds a name in: not a comprehension."""
        scope = self
        while scope.kind == "comprehension":
            scope = scope.parent
        return scope


def _parts(node: ast.AST, scope: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """The node's children, each with the scope that it stands in."""
    inside: list[ast.AST] = []
    inner = scope
    if isinstance(node, (*FUNCTIONS, ast.Lambda)):
        inner = Scope(scope, "function")
        own = node.args
        every = [*own.posonlyargs, *own.args, *own.kwonlyargs, own.vararg, own.kwarg]
        inner.bound |= {argument.arg for argument in every if argument}
        inside = node.body if isinstance(node.body, list) else [node.body]
    elif isinstance(node, ast.ClassDef):
        inner, inside = Scope(scope, "class"), node.body
    elif isinstance(node, _COMPREHENSIONS):
        inner = Scope(scope, "comprehension")
        first, *others = node.generators
        inside = [first.target, *first.ifs, *others]
        values = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        yield first.iter, scope
        yield from ((part, inner) for part in (*inside, *values))
        return
    known = {id(part) for part in inside}
    for part in ast.iter_child_nodes(node):
        yield part, inner if id(part) in known else scope


def _note(node: ast.AST, scope: Scope) -> None:
    """Record in the scope the names that the node binds there."""
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            scope.bound.add(node.id)
    elif isinstance(node, DEFINITIONS):
        scope.bound.add(node.name)
    elif isinstance(node, ast.Global):
        scope.shared.update(node.names)
    elif isinstance(node, ast.Nonlocal):
        scope.outer.update(node.names)
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            name, target = _imported(node, alias)
            scope.bound.add(name)
            if alias.name != "*":
                scope.imports.append((name, target))
    elif isinstance(node, _PATTERNS) and node.name:
        scope.bound.add(node.name)
    elif isinstance(node, ast.MatchMapping) and node.rest:
        scope.bound.add(node.rest)
    elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        where = scope.around() if isinstance(node, ast.NamedExpr) else scope
        where.bound.update(names if isinstance(node, ast.NamedExpr) else ())
        where.assigned += [(name, node.value) for name in names]


def _imported(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> tuple[str, str]:
    """(the name that an import binds, the dotted name that it stands for)."""
    if isinstance(node, ast.ImportFrom):
        return alias.asname or alias.name, f"{node.module or ''}.{alias.name}"
    bound = alias.asname or alias.name.partition(".")[0]
    return bound, alias.name if alias.asname else bound


class Scopes:
    """The scopes in one cell's syntax tree, of which only the first nodes are looked at."""

    def __init__(self, tree: ast.Module, most: int) -> None:
        self.tree = tree  # as long as it is there, no other node has the identity of one of its
        self.module = Scope()
        self.at: dict[int, Scope] = {}  # by the identity of the node
        every: dict[int, Scope] = {id(self.module): self.module}
        for node, scope in islice(self._walk(tree), most):
            _note(node, scope)
            every[id(scope)] = scope
            if isinstance(node, (ast.Name, *DEFINITIONS)):
                self.at[id(node)] = scope
        self._share(list(every.values()))

    def _walk(self, tree: ast.Module) -> Iterator[tuple[ast.AST, Scope]]:
        waiting: list[tuple[ast.AST, Scope]] = [(tree, self.module)]
        while waiting:
            node, scope = waiting.pop()
            walrus = isinstance(node, ast.NamedExpr) and isinstance(node.target, ast.Name)
            yield node, scope
            parts = list(_parts(node, scope))
            if walrus:  # its target is noted with it, in another scope
                self.at[id(node.target)] = scope
                parts = [(node.value, scope)]
            waiting += reversed(parts)

    def _share(self, scopes: list[Scope]) -> None:
        """Hand names that a function declares `global` over to the module's scope."""
        for scope in scopes:
            for name, target in scope.imports:
                if scope is not self.module and scope.owner(name) is None:
                    self.module.imports.append((name, target))
            for name, value in scope.assigned:
                if scope is not self.module and scope.owner(name) is None:
                    self.module.assigned.append((name, value))

    def owner(self, node: ast.Name) -> Scope | None:
        """The scope whose variable the name is; None for the notebook's."""
        scope = self.at.get(id(node))
        return scope.owner(node.id) if scope else None

    def of_notebook(self, node: ast.AST) -> bool:
        """Does the definition bind a name of the notebook's, or is it a method?"""
        scope = self.at.get(id(node), self.module)
        return scope.kind == "class" or scope.owner(node.name) is None
