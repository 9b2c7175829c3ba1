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
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache

MAX_CELL = 1_000_000
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def parsed(source: str) -> ast.Module:
    """The cell's syntax tree, as IPython would read it; an empty one if it is not code."""
    if len(source) <= MAX_CELL:
        for text in (lambda: source, lambda: _without_magic(source)):
            try:
                return ast.parse(text())
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return ast.Module([], [])


def _without_magic(source: str) -> str:
    """Python in place of IPython's own syntax; raises SyntaxError where that is impossible."""
    if source.lstrip().startswith("%%"):  # `%%time` and others run what stands below them
        source = source.lstrip().partition("\n")[2]
    from IPython.core.inputtransformer2 import TransformerManager  # few notebooks need it

    return TransformerManager().transform_cell(source)


def _constant(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _base(node: ast.AST) -> str | None:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _bound_in(node: ast.AST) -> set[str]:
    """The names that are a function's own: its parameters, and what it assigns itself."""
    if not isinstance(node, _FUNCTIONS):
        return set()
    bound, shared, waiting = set(), set(), [*ast.iter_child_nodes(node.args), *node.body]
    while waiting:
        part = waiting.pop()
        if isinstance(part, (*_DEFINITIONS, *_COMPREHENSIONS, ast.Lambda)):
            continue  # a scope of its own
        if isinstance(part, ast.arg):
            bound.add(part.arg)
        elif isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            bound.add(part.id)
        elif isinstance(part, ast.Global):
            shared.update(part.names)
        waiting += ast.iter_child_nodes(part)
    return bound - shared


class Body:
    """One definition: the names it uses, and the expressions that may stand for a library's."""

    def __init__(self, node: ast.AST) -> None:
        nodes = list(ast.walk(node))
        self.names = {n.id for n in nodes if isinstance(n, ast.Name)}
        # a local variable is nothing that the notebook calls by the same name
        self.outer = self.names - _bound_in(node)
        self.attributes = {n.attr for n in nodes if isinstance(n, ast.Attribute)}
        self.imported = {
            f"{n.module}.{alias.name}"
            for n in nodes
            if isinstance(n, ast.ImportFrom)
            for alias in n.names
        }
        bound = {
            alias.asname or alias.name
            for n in nodes
            if isinstance(n, (ast.Import, ast.ImportFrom))
            for alias in n.names
        }
        # a parameter named `signal` is not SciPy's module, unless it is imported over
        self.own = {n.arg for n in nodes if isinstance(n, ast.arg)} - bound
        self.expressions = [
            n
            for n in nodes
            if isinstance(n, (ast.Name, ast.Attribute, ast.Call)) and _base(n) not in self.own
        ]


class Facts:
    """What one cell imports, defines and assigns."""

    def __init__(self, source: str) -> None:
        tree = parsed(source)
        self.aliases: list[tuple[str, str]] = []
        self.stars: set[str] = set()
        self.bodies: list[tuple[str, Body]] = []
        self.methods: set[str] = set()
        self.assigned: list[tuple[str, ast.AST]] = []
        self.made: list[tuple[str, Body]] = []  # by `f = lambda ...`, `f = g`, `f = decorate(g)`
        self.top = [node.name for node in tree.body if isinstance(node, _DEFINITIONS)]
        for node in ast.walk(tree):
            self._note(node)

    def _note(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                self.aliases.append((bound, alias.name if alias.asname else bound))
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            for alias in node.names:
                if alias.name == "*":
                    self.stars.add(module)
                else:
                    self.aliases.append((alias.asname or alias.name, f"{module}.{alias.name}"))
        elif isinstance(node, _DEFINITIONS):
            self.bodies.append((node.name, Body(node)))
            if isinstance(node, ast.ClassDef):
                self.methods |= {n.name for n in node.body if isinstance(n, _DEFINITIONS)}
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and node.value:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    self.assigned.append((target.id, node.value))
                    if isinstance(node.value, (ast.Lambda, ast.Name, ast.Call)):
                        self.made.append((target.id, Body(node.value)))


facts = lru_cache(maxsize=512)(Facts)  # most cells are the same in every submission


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
        return [facts(cell) for cell in self.cells]

    @cached_property
    def stars(self) -> set[str]:
        """The modules of which everything is imported."""
        return {module for cell in self.facts for module in cell.stars}

    @cached_property
    def methods(self) -> set[str]:
        return {name for cell in self.facts for name in cell.methods}

    @cached_property
    def aliases(self) -> dict[str, set[str]]:
        """What each name of the notebook stands for: {"np": {"numpy"}}."""
        known: dict[str, set[str]] = {}
        for cell in self.facts:
            for name, target in cell.aliases:
                known.setdefault(name, set()).add(target)
        for cell in self.facts:  # assignments need the imports: `s = L.solve_toeplitz`
            for name, value in cell.assigned:
                if targets := stands_for(value, known):
                    known.setdefault(name, set()).update(targets)
        return known

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
                    yield body
                    waiting += body.outer | (body.attributes & self.methods)

    def libraries(self, body: Body) -> set[str]:
        """The dotted names of libraries that one definition refers to."""
        found = set(body.imported)
        for node in body.expressions:
            found |= stands_for(node, self.aliases)
        if self.stars:
            loose = body.names - body.own - self.bodies.keys()
            found |= {f"{module}.{name}" for module in self.stars for name in loose}
        return found


def stands_for(node: ast.AST, aliases: dict[str, set[str]]) -> set[str]:
    """The dotted names that an expression may stand for: {"scipy.linalg.solve_toeplitz"}."""
    if isinstance(node, ast.Name):
        return aliases.get(node.id, set())
    if isinstance(node, ast.Attribute):
        return {f"{name}.{node.attr}" for name in stands_for(node.value, aliases)}
    if isinstance(node, ast.Call) and node.args:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        called = node.func.id if isinstance(node.func, ast.Name) else called
        if called in ("import_module", "__import__") and (name := _constant(node.args[0])):
            return {name if called == "import_module" else name.partition(".")[0]}
        if called == "getattr" and len(node.args) > 1 and (name := _constant(node.args[1])):
            return {f"{base}.{name}" for base in stands_for(node.args[0], aliases)}
    return set()


def calls(source: Source, function: str, names: Sequence[str]) -> list[str]:
    """Which of the forbidden dotted names the function reaches, in the order they are listed."""
    if not source.spells(names):
        return []
    found = {name for body in source.reached(function) for name in source.libraries(body)}
    return [name for name in names if any(f == name or f.startswith(f"{name}.") for f in found)]
