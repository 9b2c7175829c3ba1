"""Which files of `speechlab` come along to the page, and as what.

A page's Python has NumPy, SciPy and Matplotlib, and none of the libraries that read sound files or
learn (librosa, soundfile, scikit-learn and others). So the modules that can be imported there go
into `speechlab.zip`, and the embedded speech, which ships as FLAC, goes as arrays of NumPy.
"""

from __future__ import annotations

import ast
import importlib.util
import io
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np

from speechlab import wav

PACKAGE = Path(__file__).resolve().parents[2]
DATA = PACKAGE / "data"
ELSEWHERE = {"site", "data"}  # what makes the site, and runs on the machine that builds it
THERE = {"numpy", "scipy", "matplotlib", "IPython", *sys.stdlib_module_names}
SPEECH = ("embedded", "multilingual")
PRONUNCIATIONS = DATA / "pronunciations.txt.gz"
TABLES = (
    *("examples.csv", "music.txt", "applications.json", "codec.json", "vocoders.json"),
    "pronunciations.LICENSE",
)


def files() -> dict[str, bytes]:
    """What `speechlab.zip` holds: code, tables and cards, by names that begin with `speechlab/`.

    The lists of recordings that a cache may hold are left out, by which the package knows that
    only the embedded speech is there (`speechlab.corpora.cache.embedded_only`).
    """
    found = [_modules()[name] for name in modules()]
    found += [DATA / name for name in TABLES]
    found += [path for folder in SPEECH for path in (DATA / folder).glob("*.csv")]
    return _named([*found, *(DATA / "models").glob("*.json")])


def large() -> dict[str, bytes]:
    """What is loaded when it is opened for the first time: weights, speech, pronunciations."""
    speech = [path for folder in SPEECH for path in (DATA / folder).glob("*.flac")]
    arrays = {_name(path.with_suffix(".npz")): _packed(path) for path in speech}
    return dict(
        sorted((arrays | _named([PRONUNCIATIONS, *(DATA / "models").glob("*.npz")])).items())
    )


@cache
def modules() -> tuple[str, ...]:
    """The modules that a page's Python can import, since all that they import is there.

    What a function imports when it is called does not count.
    """
    needs = {name: set(_imports(name)) for name in _modules()}
    lost = {name for name, needed in needs.items() if any(map(_foreign, needed))}
    while True:
        more = {name for name, needed in needs.items() if needed & lost} - lost
        if not more:
            return tuple(sorted(needs.keys() - lost))
        lost |= more


@cache
def _modules() -> dict[str, Path]:
    """The package's modules that may be wanted in a page, by name."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        if not ELSEWHERE & set(parts) and parts[-1] != "__main__":
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def _imports(name: str) -> Iterator[str]:
    """The modules that a module of the package imports when it is imported itself."""
    path = _modules()[name]
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in _at_once(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            dots = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(dots, package) if node.level else dots
            yield base
            yield from {f"{base}.{alias.name}" for alias in node.names} & _modules().keys()


def _at_once(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of code that runs when a module is imported."""
    for node in ast.iter_child_nodes(tree):
        typing = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if not typing and not isinstance(node, ast.FunctionDef | ast.Lambda):
            yield node
            yield from _at_once(node)


def _foreign(module: str) -> bool:
    top = module.partition(".")[0]
    return top not in THERE and top != "speechlab"


def _packed(flac: Path) -> bytes:
    """A sound that ships as FLAC as arrays of NumPy, which `wav.shipped` reads."""
    samples, rate = wav.shipped(flac)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, rate=rate, **wav.packed(samples))
    return buffer.getvalue()


def _named(paths: Iterable[Path]) -> dict[str, bytes]:
    return {_name(path): path.read_bytes() for path in sorted(paths)}


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE.parent).as_posix()
