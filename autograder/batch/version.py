"""What two machines must have in common to give the same scores."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

CODE, GRADER = "course code", "autograder"
PACKAGES = ("numpy", "scipy", "librosa")


def _code(folder: Path) -> str:
    """A digest of the Python files in a folder, by name."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        name, text = str(path.relative_to(folder)).encode(), path.read_bytes()
        digest.update(b"%d %b %d %b" % (len(name), name, len(text), text))
    return digest.hexdigest()[:16]


def _folder(package: str) -> Path:
    """The folder of a top-level package; one that does not exist if the package does not."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        spec = None
    found = spec.submodule_search_locations if spec else None
    return Path(next(iter(found), "")) if found else Path("/nonexistent")


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "none"


def fingerprint(packages: Iterable[str] = (GRADER,)) -> dict[str, str]:
    """The versions on this machine: of the course's code, of Python, and of numerical packages.

    `packages` are top-level packages that hold the course's code: the grader, and those of checks
    and references where they are others.
    """
    python = ".".join(map(str, sys.version_info[:2]))
    code = {f"{CODE} {name}": _code(_folder(name)) for name in sorted({GRADER, *packages})}
    return {**code, "Python": python, **{name: _version(name) for name in PACKAGES}}


def packages_of(found: dict[str, str]) -> set[str]:
    """The packages of code that a fingerprint speaks of."""
    return {name.removeprefix(f"{CODE} ") for name in found if name.startswith(f"{CODE} ")}


def difference(here: dict[str, str], there: dict[str, str]) -> str:
    """How the fingerprint `there` differs from the one `here`, in words; "" where it does not."""
    for name in here:
        if name.startswith(CODE) and here[name] != there.get(name):
            return "runs another version of the course's code than this machine"
        if here[name] != there.get(name):
            return f"has {name} {there.get(name, 'none')}, and this machine {here[name]}"
    return ""
