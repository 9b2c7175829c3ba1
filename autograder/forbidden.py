"""Does a function call what its exercise does not allow? Told from the source, without running it.

The whole notebook is searched for what its names stand for (imports, aliases); then only the
function and what it reaches by name is looked at, so that a student may still compare with the
library in another cell. Whoever wants to hide a call from this can; the sandbox looks again when
the function runs.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

MAX_CELL = 200_000
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _parsed(source: str) -> ast.Module:
    """The cell's syntax tree without IPython's own lines; an empty one if it is not code."""
    if len(source) > MAX_CELL:
        return ast.Module([], [])
    for text in (source, _without_magic(source)):
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return ast.Module([], [])


def _without_magic(source: str) -> str:
    if source.lstrip().startswith("%%"):
        source = source.lstrip().partition("\n")[2]
    lines = source.splitlines()
    return "\n".join("" if line.lstrip()[:1] in ("%", "!", "?") else line for line in lines)


def _constant(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


class Source:
    """What a notebook's code cells define and what their names stand for."""

    def __init__(self, cells: Iterable[str]) -> None:
        self.trees = [_parsed(cell) for cell in cells]
        self.aliases: dict[str, set[str]] = {}
        self.stars: set[str] = set()
        self.functions: dict[str, list[ast.AST]] = {}
        self.methods: set[str] = set()
        for tree in self.trees:
            self._note(tree)

    def definitions(self, name: str) -> int:
        """How often the notebook defines a function of that name at top level."""
        return sum(
            isinstance(node, _DEFINITIONS) and node.name == name
            for tree in self.trees
            for node in tree.body
        )

    def _note(self, tree: ast.Module) -> None:
        nodes = list(ast.walk(tree))
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    target = alias.name if alias.asname else bound
                    self.aliases.setdefault(bound, set()).add(target)
            elif isinstance(node, ast.ImportFrom):
                self._note_from(node)
            elif isinstance(node, _DEFINITIONS):
                self.functions.setdefault(node.name, []).append(node)
                if isinstance(node, ast.ClassDef):
                    self.methods |= {n.name for n in node.body if isinstance(n, _DEFINITIONS)}
        for node in nodes:  # assignments need the imports: `st = L.solve_toeplitz`
            targets = node.targets if isinstance(node, ast.Assign) else []
            targets = [node.target] if isinstance(node, (ast.AnnAssign, ast.NamedExpr)) else targets
            for target in targets:
                if isinstance(target, ast.Name) and node.value is not None:
                    self._note_assignment(target.id, node.value)

    def _note_from(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        for alias in node.names:
            if alias.name == "*":
                self.stars.add(module)
            else:
                bound = alias.asname or alias.name
                self.aliases.setdefault(bound, set()).add(f"{module}.{alias.name}")

    def _note_assignment(self, name: str, value: ast.AST) -> None:
        if names := self.stands_for(value):
            self.aliases.setdefault(name, set()).update(names)
        elif isinstance(value, (ast.Lambda, ast.Name, ast.Call)):
            self.functions.setdefault(name, []).append(value)

    def stands_for(self, node: ast.AST) -> set[str]:
        """The dotted names that an expression may stand for: {"scipy.linalg.solve_toeplitz"}."""
        if isinstance(node, ast.Name):
            return self.aliases.get(node.id, set())
        if isinstance(node, ast.Attribute):
            return {f"{name}.{node.attr}" for name in self.stands_for(node.value)}
        if isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            called = node.func.id if isinstance(node.func, ast.Name) else called
            if called in ("import_module", "__import__") and (name := _constant(node.args[0])):
                return {name if called == "import_module" else name.partition(".")[0]}
            if called == "getattr" and len(node.args) > 1 and (name := _constant(node.args[1])):
                return {f"{base}.{name}" for base in self.stands_for(node.args[0])}
        return set()

    def reached(self, function: str) -> Iterator[ast.AST]:
        """The definition of the function, and of everything of the notebook's that it names."""
        seen, waiting = set(), [function]
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for body in self.functions.get(name, []):
                yield body
                for node in ast.walk(body):
                    if isinstance(node, ast.Name):
                        waiting.append(node.id)
                    elif isinstance(node, ast.Attribute) and node.attr in self.methods:
                        waiting.append(node.attr)

    def names_in(self, body: ast.AST) -> set[str]:
        """The dotted names of libraries that one definition refers to."""
        nodes = list(ast.walk(body))
        parameters = {node.arg for node in nodes if isinstance(node, ast.arg)}
        parameters -= {
            alias.asname or alias.name
            for node in nodes
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }  # a parameter named `signal` is not SciPy's module, unless it is imported over
        found: set[str] = set()
        for node in nodes:
            if isinstance(node, ast.ImportFrom):
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Name) and node.id not in parameters:
                found |= self.stands_for(node)
                if node.id not in self.functions:
                    found |= {f"{module}.{node.id}" for module in self.stars}
            elif isinstance(node, (ast.Attribute, ast.Call)) and _base(node) not in parameters:
                found |= self.stands_for(node)
        return found


def calls(source: Source, function: str, names: Sequence[str]) -> list[str]:
    """Which of the forbidden dotted names the function reaches, in the order they are listed."""
    if not names:
        return []
    found = {name for body in source.reached(function) for name in source.names_in(body)}
    return [name for name in names if any(f == name or f.startswith(f"{name}.") for f in found)]


def _base(node: ast.AST) -> str | None:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
