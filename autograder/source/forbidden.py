"""Does a function call what its exercise does not allow? Told from the source, without running it.

The whole notebook is searched for what its names stand for (imports, aliases); then only the
function and what it reaches by name is looked at, so that a student may still compare with the
library in another cell. Whoever wants to hide a call from this can; the sandbox looks again when
the function runs.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import islice

from autograder.source.scopes import DEFINITIONS, Scope, Scopes
from autograder.source.syntax import parsed

MAX_NODES = 50_000  # of a notebook's trees; what lies beyond is left to the look at run time
MANY = 20  # things that one name may stand for, modules of which everything is imported
DEEP = 8  # attributes in a row; no library is deeper, and the first ones decide
LARGE = 20_000  # characters of a cell that is not worth remembering

Look = Callable[[ast.Name], set[str]]  # the dotted names that a name may stand for where it is


def _constant(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _near(node: ast.AST) -> bool:
    """Is the expression no deeper than the dotted name of a library's function can be?"""
    for _ in range(DEEP):
        if not isinstance(node, ast.Attribute):
            return True
        node = node.value
    return False


class Body:
    """One definition: the names it uses, and the expressions that may stand for a library's."""

    def __init__(self, node: ast.AST, scopes: Scopes, most: int = MAX_NODES) -> None:
        nodes = list(islice(ast.walk(node), most))
        self.size = len(nodes)
        self.scopes = scopes
        names = (n for n in nodes if isinstance(n, ast.Name))
        # a local variable is nothing that the notebook calls by the same name
        self.outer = {n.id for n in names if scopes.owner(n) is None}
        self.attributes = {n.attr for n in nodes if isinstance(n, ast.Attribute)}
        self.imported = {
            f"{n.module}.{alias.name}"
            for n in nodes
            if isinstance(n, ast.ImportFrom)
            for alias in n.names
        }
        kinds = (ast.Name, ast.Attribute, ast.Call)
        self.expressions = [n for n in nodes if isinstance(n, kinds) and _near(n)]


class Facts:
    """What one cell imports, defines and assigns."""

    def __init__(self, source: str) -> None:
        tree = parsed(source)
        self.scopes = Scopes(tree, MAX_NODES)
        self.stars: set[str] = set()
        self.bodies: list[tuple[str, Body]] = []
        self.methods: set[str] = set()
        self.top = [node.name for node in tree.body if isinstance(node, DEFINITIONS)]
        self.own = self._own(tree)
        self.size = 0  # nodes that were looked at
        for node in islice(ast.walk(tree), MAX_NODES):
            self.size += 1
            self._note(node)
        self.made = list(self._made())

    @staticmethod
    def _own(tree: ast.Module) -> dict[str, bool]:
        """For each name that the cell binds: is it a function of the cell when the cell has run?"""
        own = {}
        for statement in tree.body[:MAX_NODES]:
            if isinstance(statement, DEFINITIONS):
                own[statement.name] = True
                continue
            for node in islice(ast.walk(statement), MAX_NODES):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    own[node.id] = False
                elif isinstance(node, (ast.Import, ast.ImportFrom)):
                    own |= {(a.asname or a.name).partition(".")[0]: False for a in node.names}
        return own

    def _body(self, node: ast.AST) -> Body:
        """What a definition or a value holds; an inner definition counts for the outer one, too."""
        body = Body(node, self.scopes, max(2 * MAX_NODES - self.size, 0))
        self.size += body.size
        return body

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.ImportFrom):
            self.stars |= {node.module or "" for alias in node.names if alias.name == "*"}
        elif isinstance(node, DEFINITIONS):
            if self.scopes.of_notebook(node):
                self.bodies.append((node.name, self._body(node)))
            if isinstance(node, ast.ClassDef):
                self.methods |= {n.name for n in node.body if isinstance(n, DEFINITIONS)}

    def _made(self) -> Iterator[tuple[str, Body]]:
        """The functions that are made by `f = lambda ...`, `f = g` or `f = decorate(g)`."""
        known: dict[int, Body] = {}  # one, for however many names
        for name, value in self.scopes.module.assigned:
            if isinstance(value, (ast.Lambda, ast.Name, ast.Call)):
                if id(value) not in known:
                    known[id(value)] = self._body(value)
                yield name, known[id(value)]


_remembered = lru_cache(maxsize=512)(Facts)  # most cells are the same in every submission


def facts(cell: str) -> Facts:
    """The facts of one cell."""
    return _remembered(cell) if len(cell) <= LARGE else Facts(cell)


class Source:
    """What a notebook's code cells define and what their names stand for.

    Nothing is parsed before it is needed: many notebooks do not even spell a forbidden name.
    """

    def __init__(self, cells: Iterable[str]) -> None:
        self.cells = tuple(cells)
        text = "\n".join(self.cells)
        self.text = text if text.isascii() else unicodedata.normalize("NFKC", text)

    @cached_property
    def facts(self) -> list[Facts]:
        """The facts of each cell, up to the number of facts that can be looked through in time."""
        found, size = [], 0
        for cell in self.cells:
            if size < MAX_NODES:
                found.append(facts(cell))
                size += found[-1].size
        return found

    @cached_property
    def stars(self) -> set[str]:
        """The modules of which everything is imported."""
        return set(islice((module for cell in self.facts for module in sorted(cell.stars)), MANY))

    @cached_property
    def methods(self) -> set[str]:
        return {name for cell in self.facts for name in cell.methods}

    @cached_property
    def aliases(self) -> dict[str, set[str]]:
        """What each name of the notebook stands for: {"np": {"numpy"}}."""
        known: dict[str, set[str]] = {}
        for cell in self.facts:
            for name, target in cell.scopes.module.imports:
                _add(known, name, {target})
        local: dict[Scope, dict[str, set[str]]] = {}
        for cell in self.facts:  # assignments need the imports: `s = L.solve_toeplitz`
            look = _looking(cell.scopes, known, local)
            for name, value in cell.scopes.module.assigned:
                _add(known, name, stands_for(value, look))
        # A function of the student's own that took the name of something imported further up.
        own = {name: is_own for cell in self.facts for name, is_own in cell.own.items()}
        return {name: targets for name, targets in known.items() if not own.get(name)}

    @cached_property
    def bodies(self) -> dict[str, list[Body]]:
        """All definitions of each name, also those that an assignment makes."""
        known: dict[str, list[Body]] = {}
        for cell in self.facts:
            for name, body in (*cell.bodies, *cell.made):
                known.setdefault(name, []).append(body)
        return known

    def spells(self, names: Iterable[str]) -> bool:
        """Could the notebook refer to one of the dotted names at all?"""
        return "getattr" in self.text or any(n.rpartition(".")[2] in self.text for n in names)

    def definitions(self, name: str) -> int:
        """How often the notebook defines a function of that name at top level."""
        if len(re.findall(rf"def\s+{re.escape(name)}\b", self.text)) < 2:
            return 1
        return sum(cell.top.count(name) for cell in self.facts)

    def reached(self, function: str) -> Iterator[Body]:
        """The definition of the function, and of everything of the notebook's that it names."""
        seen, waiting = set(), [function]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                for body in self.bodies.get(name, []):
                    if body not in seen:
                        seen.add(body)
                        yield body
                        waiting += body.outer | (body.attributes & self.methods)

    def libraries(self, body: Body) -> set[str]:
        """The dotted names of libraries that one definition refers to."""
        found = set(body.imported)
        look = _looking(body.scopes, self.aliases, {})
        for node in body.expressions:
            found |= stands_for(node, look)
        if self.stars:
            loose = body.outer - self.bodies.keys()
            found |= {f"{module}.{name}" for module in self.stars for name in loose}
        return found


def _add(known: dict[str, set[str]], name: str, targets: Iterable[str]) -> None:
    mine = known.setdefault(name, set())
    mine.update(islice(sorted(targets), max(MANY - len(mine), 0)))


def _looking(
    scopes: Scopes, known: dict[str, set[str]], local: dict[Scope, dict[str, set[str]]]
) -> Look:
    """What names stand for: `known` tells of the notebook's; `local` keeps what is found."""

    def look(node: ast.Name) -> set[str]:
        owner = scopes.owner(node)
        if owner is None:
            return known.get(node.id, set())
        if owner not in local:
            mine = local[owner] = {}
            for name, target in owner.imports:
                _add(mine, name, {target})
            for name, value in owner.assigned:
                _add(mine, name, stands_for(value, look))
        return local[owner].get(node.id, set())

    return look


def stands_for(node: ast.AST, look: Look) -> set[str]:
    """The dotted names that an expression may stand for: {"scipy.linalg.solve_toeplitz"}."""
    if isinstance(node, ast.Name):
        return look(node)
    if isinstance(node, ast.Attribute):
        names = stands_for(node.value, look) if _near(node) else ()
        return {f"{name}.{node.attr}" for name in names if name.count(".") < DEEP}
    if isinstance(node, (ast.List, ast.Tuple, ast.Dict)):
        parts = node.values if isinstance(node, ast.Dict) else node.elts
        return {name for part in parts[:MANY] for name in stands_for(part, look)}
    if isinstance(node, ast.Call) and node.args:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        called = node.func.id if isinstance(node.func, ast.Name) else called
        if called in ("import_module", "__import__") and (name := _constant(node.args[0])):
            return {name if called == "import_module" else name.partition(".")[0]}
        if called == "getattr" and len(node.args) > 1 and (name := _constant(node.args[1])):
            bases = stands_for(node.args[0], look)
            return {f"{base}.{name}" for base in bases if base.count(".") < DEEP}
    return set()


def calls(source: Source, function: str, names: Sequence[str]) -> list[str]:
    """Which of the forbidden dotted names the function reaches, in the order they are listed."""
    if not source.spells(names):
        return []
    found = {name for body in source.reached(function) for name in source.libraries(body)}
    return [name for name in names if any(f == name or f.startswith(f"{name}.") for f in found)]
