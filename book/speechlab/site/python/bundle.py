"""Which files of `speechlab` run in the page: those of `speechlab.zip`, and large ones."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2]
CODE = ("corpora", "speech", "show", "systems", "figures")
DATA = ("embedded", "multilingual")


def files() -> dict[str, Path]:
    """The files that are loaded with the package, by their names inside `speechlab.zip`.

    Names begin with `speechlab/`. What is large and not needed by most is in `large`.
    """
    found = [*PACKAGE.glob("*.py")]
    for folder in CODE:
        found += (PACKAGE / folder).rglob("*.py")
    for folder in DATA:
        found += [path for path in (PACKAGE / "data" / folder).rglob("*") if path.is_file()]
    found += [*(PACKAGE / "data").glob("*.*"), *(PACKAGE / "data" / "models").glob("*.json")]
    return _named(found)


def large() -> dict[str, Path]:
    """Files that are loaded when they are opened for the first time: the weights of networks."""
    return _named((PACKAGE / "data" / "models").glob("*.npz"))


def _named(paths) -> dict[str, Path]:
    names = {path.relative_to(PACKAGE.parent).as_posix(): path for path in paths}
    return dict(sorted(names.items()))
