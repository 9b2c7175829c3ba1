"""What code decides a score: the modules reached by following imports, and a digest of them.

The caller names the modules to start from and the folders of its packages; everything else
follows from the sources, which are parsed and never run. Imports inside functions count, those
under `if TYPE_CHECKING:` do not. Packages of other people are not followed.

    roots = ["autograder.submission.assess", "autograder.checks.hmm"]
    digest(roots, {"autograder": Path("autograder")})
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

Found = TypeVar("Found")
DYNAMIC = {"import_module", "__import__"}
BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
MARGIN = re.compile(rb"\n(?=[^\s)\]}])")  # behind it, a line at the margin


class FingerprintError(Exception):
    """A module of ours cannot be read or found; the message is one sentence that names it."""


@dataclass(frozen=True)
class _Import:
    """One imported name: `from module import name`, or `import module` where `name` is "".

    `level` is the number of dots in front of a relative import; `bound` the name that the file
    then uses.
    """

    module: str
    name: str
    line: int
    level: int = 0
    bound: str = ""


# --- one file -----------------------------------------------------------------------------


def _typing_only(node: ast.AST) -> bool:
    """Is the statement `if TYPE_CHECKING:`?"""
    test = getattr(node, "test", None) if isinstance(node, ast.If) else None
    return "TYPE_CHECKING" in (getattr(test, "id", ""), getattr(test, "attr", ""))


def _statements(body: Iterable[ast.AST], enter: bool = True) -> Iterator[ast.AST]:
    """Every statement at any depth; without `enter`, not those in functions and classes."""
    for node in body:
        yield node
        if not enter and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        for part in BLOCKS[1:] if _typing_only(node) else BLOCKS:
            yield from _statements(getattr(node, part, ()), enter)


def _imports_of(node: ast.AST) -> Iterator[_Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            yield _Import(alias.name, "", node.lineno, bound=bound)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            bound = alias.asname or alias.name
            yield _Import(node.module or "", alias.name, node.lineno, node.level, bound)


def _dynamic(tree: ast.Module) -> Iterator[_Import]:
    """Calls such as `import_module("package.module")`, where the name is written out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            name = node.args[0].value
            if called in DYNAMIC and isinstance(name, str) and not name.startswith("."):
                yield _Import(name, "", node.lineno)


def _parsed_to_last_import(data: bytes) -> ast.Module:
    """The file as a tree, without what follows the last place where "import" is written.

    Most files import at their top, and parsing is what takes the time here. Where the rest cannot
    be cut off (in a bracket, in a string), the beginning is not Python, and the file is parsed
    whole.
    """
    end = MARGIN.search(data, data.rindex(b"import"))
    with contextlib.suppress(SyntaxError):
        return ast.parse(data[: end.end()] if end else data)
    return ast.parse(data)


@functools.lru_cache(maxsize=4096)
def _imports(data: bytes) -> tuple[_Import, ...]:
    """What a file imports; SyntaxError or ValueError where it is not Python."""
    if b"import" not in data:
        return ()
    tree = _parsed_to_last_import(data)
    found = [one for node in _statements(tree.body) for one in _imports_of(node)]
    if any(name.encode() in data for name in DYNAMIC):
        found += _dynamic(tree)
    return tuple(found)


@functools.lru_cache(maxsize=256)
def _names(data: bytes) -> frozenset[str]:
    """The names that a file binds outside of functions and classes; "*" among them for a star."""
    found = set()
    for node in _statements(ast.parse(data).body, enter=False):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.stmt):
            found |= {one.bound for one in _imports_of(node)}
            names = (inner for inner in ast.walk(node) if isinstance(inner, ast.Name))
            found |= {name.id for name in names if isinstance(name.ctx, ast.Store)}
    return frozenset(found)


@functools.lru_cache(maxsize=256)
def _chains(data: bytes) -> frozenset[str]:
    """Dotted names as they stand in a file: `package.module.function`."""
    attributes = (node for node in ast.walk(ast.parse(data)) if isinstance(node, ast.Attribute))
    return frozenset(map(ast.unparse, attributes))


def _looked_at(what: Callable[[bytes], Found], path: Path, data: bytes) -> Found:
    """`_imports`, `_names` or `_chains` of a file; FingerprintError where it is not Python."""
    try:
        return what(data)
    except (SyntaxError, ValueError, RecursionError) as error:
        why, line = getattr(error, "msg", str(error)), getattr(error, "lineno", None)
        where = f"{path}, line {line}" if line else str(path)
        raise FingerprintError(f"{where}: this is not Python ({why})") from None


# --- from file to file --------------------------------------------------------------------


@dataclass
class _Search:
    """Modules found so far: file contents by dotted name, in the order of the search.

    A folder without `__init__.py` is a package without a file, and is not among `found`.
    """

    packages: Mapping[str, Path]
    found: dict[str, tuple[Path, bytes]] = field(default_factory=dict)
    todo: list[str] = field(default_factory=list)
    looked_up: dict[str, tuple[Path | None, bool] | None] = field(default_factory=dict)

    def _at(self, name: str) -> tuple[Path | None, bool] | None:
        """The file of a module, if it has one, and whether it is a package; None: no module."""
        if name not in self.looked_up:
            self.looked_up[name] = self._look_up(name)
        return self.looked_up[name]

    def _look_up(self, name: str) -> tuple[Path | None, bool] | None:
        top, *rest = name.split(".")
        base = self.packages[top].joinpath(*rest)
        if (inside := base / "__init__.py").is_file():
            return inside, True
        if rest and (path := base.with_name(f"{base.name}.py")).is_file():
            return path, False
        return (None, True) if base.is_dir() else None

    def add(self, name: str, where: str) -> None:
        """Add a module and the packages that it lies in; `where` says who wants it."""
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            part = ".".join(parts[:end])
            if part in self.found:
                continue
            at = self._at(part) if parts[0] in self.packages else None
            if at is None:
                raise FingerprintError(f"{where} needs the module {part}, which is not there")
            if at[0] is not None:
                self.found[part] = at[0], _read(at[0])
                self.todo.append(part)

    def run(self) -> None:
        """Follow the imports of everything that was added."""
        while self.todo:
            name = self.todo.pop()
            path, data = self.found[name]
            for one in _looked_at(_imports, path, data):
                self._follow(one, name, path, data)

    def _follow(self, one: _Import, name: str, path: Path, data: bytes) -> None:
        where = f"{path}, line {one.line},"
        module = self._absolute(one, name, path.name == "__init__.py", where)
        if module.partition(".")[0] not in self.packages:
            return
        self.add(module, where)
        bound = module
        if one.name == "*":
            self._add_star(module, where)
        elif one.name:
            bound = f"{module}.{one.name}"
            if self._is_package(module) and self._at(bound):
                self.add(bound, where)
            else:
                self._require(module, one.name, where)
        elif one.bound == module.partition(".")[0]:
            bound = one.bound
        if one.bound and self._is_package(bound):
            self._add_used(one.bound, bound, _looked_at(_chains, path, data), where)

    def _absolute(self, one: _Import, name: str, package: bool, where: str) -> str:
        """The dotted name of the module that is imported from."""
        if not one.level:
            return one.module
        parts = name.split(".")
        depth = len(parts) - one.level + package
        if depth < 1:
            raise FingerprintError(f"{where} has an import from above its own package")
        return ".".join([*parts[:depth], *filter(None, [one.module])])

    def _is_package(self, name: str) -> bool:
        at = self._at(name)
        return at is not None and at[1]

    def _require(self, module: str, name: str, where: str) -> None:
        """A name imported from a package that is no module must stand in its `__init__.py`."""
        if not self._is_package(module):
            return
        found = self.found.get(module)
        names = _looked_at(_names, *found) if found else frozenset()
        if not names & {name, "*", "__getattr__"}:
            raise FingerprintError(f"{where} needs {name} of {module}, which is not there")

    def _add_star(self, package: str, where: str) -> None:
        """`from package import *` may import any module of the package."""
        path = self.found[package][0] if package in self.found else None
        if path is not None and path.name == "__init__.py":
            for inner in sorted(path.parent.glob("*.py")):
                if inner != path:
                    self.add(f"{package}.{inner.stem}", where)

    def _add_used(self, bound: str, package: str, chains: Iterable[str], where: str) -> None:
        """Modules that are used as attributes of an imported package: `package.module`."""
        for chain in sorted(chains):
            if chain.startswith(f"{bound}."):
                name = package
                for part in chain.removeprefix(f"{bound}.").split("."):
                    name = f"{name}.{part}"
                    if not part.isidentifier() or not self._at(name):
                        break
                    self.add(name, where)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FingerprintError(f"{path} cannot be read ({error.strerror or error})") from None


def modules(roots: Iterable[str], packages: Mapping[str, Path]) -> dict[str, Path]:
    """The modules that the roots reach by imports, themselves included.

    Parameters
    ----------
    roots : dotted names of modules, whose first parts are keys of `packages`.
    packages : top-level packages that are ours, and the folder of each.

    Returns
    -------
    Files by dotted name, sorted by name. Raises `FingerprintError` where a module of ours that is
    imported is not there, cannot be read, or is not Python. What follows the last import of a
    file may be anything.
    """
    return {name: path for name, (path, _) in _found(roots, packages).items()}


def digest(roots: Iterable[str], packages: Mapping[str, Path]) -> str:
    """SHA-256, as 64 hexadecimal digits, of the names and bytes of `modules(roots, packages)`.

    A root that starts or stops reaching a module changes only the digests of that root. Raises
    `FingerprintError` as `modules` does.
    """
    made = hashlib.sha256()
    for name, (_, data) in _found(roots, packages).items():
        made.update(b"%d %b %d %b" % (len(name), name.encode(), len(data), data))
    return made.hexdigest()


def _found(roots: Iterable[str], packages: Mapping[str, Path]) -> dict[str, tuple[Path, bytes]]:
    search = _Search(packages)
    for root in roots:
        search.add(root, "the fingerprint of a grading")
    search.run()
    return dict(sorted(search.found.items()))
