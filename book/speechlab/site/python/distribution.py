"""Pyodide and the wheels that notebooks need, in `book/vendor/pyodide/`, each file checked.

npm's package of Pyodide is pinned by its SHA-512 and holds a list of the official wheels with the
SHA-256 of each. That list decides what a wheel must be, wherever it comes from.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from speechlab.site import vendor
from speechlab.site.vendor import FOLDER, FetchError

# A newer release is a change of this line: its version, and the SHA-512 that `npm view
# pyodide@VERSION dist.integrity` prints, without "sha512-". Wheels follow from its list.
VERSION, SHA512 = (
    "314.0.3",
    ("sK40My6m8tmBUYtYH9au9rXUeh9x0wfahtHdOlGmJxZDsKBGKtP6KznyFB2+u/klbQTdDionR0uaVd176zVQzQ=="),
)
WANTED = ("numpy", "scipy", "matplotlib")  # and what they depend on
SWITCH = "SPEECHLAB_PYTHON"  # "no": neither fetched nor built into the site
PLACE = "SPEECHLAB_PYODIDE"  # a folder or an address to take the files from

LOCK = "pyodide-lock.json"
LOADED = ("pyodide.asm.wasm", "python_stdlib.zip", "pyodide.asm.mjs", "pyodide.mjs", LOCK)
CORE = vendor.Bundle(
    "pyodide", "pyodide", VERSION, SHA512, "package", (*LOADED, "package.json", "README.md")
)
LICENCES = Path(__file__).with_name("licences")
AGAIN = f"To try again: {vendor.COMMAND}, with {PLACE} or --pyodide naming a folder or a mirror."


@dataclass(frozen=True)
class Wheel:
    """One package of the list: its name, its file, and what that file must be."""

    package: str
    file: str
    sha256: str


def left_out() -> bool:
    """Whether Python shall not be in the site."""
    return os.environ.get(SWITCH, "").lower() in ("no", "0", "false", "off")


def lock(folder: Path) -> dict:
    """The list in a folder that holds the core: npm's `pyodide-lock.json`."""
    return json.loads((folder / LOCK).read_text(encoding="utf-8"))


def wheels(listed: dict, wanted: Iterable[str] = WANTED) -> list[Wheel]:
    """The wheels of these packages and of all that they depend on, in the list's own words."""
    found: dict[str, Wheel] = {}
    waiting = list(wanted)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            entry = listed["packages"][name]
            found[name] = Wheel(name, entry["file_name"], entry["sha256"])
            waiting += entry["depends"]
    return list(found.values())


def sha256(path: Path) -> str:
    """The SHA-256 of a file, as the list writes it."""
    about = path.stat()
    return _sha256(path, about.st_size, about.st_mtime_ns)


@cache
def _sha256(path: Path, size: int, changed: int) -> str:
    """A build asks several times; a file that has changed is read again."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def problem(folder: Path = FOLDER) -> str | None:
    """What keeps the distribution below `folder` from being used; None if nothing does.

    Every wheel is read, which takes a fraction of a second.
    """
    target = folder / CORE.folder
    if vendor.missing(folder, (CORE,)):
        return f"Pyodide {VERSION} has not been fetched."
    if not (target / "WHEELS").is_file():
        return "Its wheels have not been fetched, or not all of them."
    wanted = wheels(lock(target))
    if (target / "WHEELS").read_text(encoding="utf-8") != _stamp(wanted):
        return "Its wheels are those of another list."
    wrong = {wheel.file: fault for wheel in wanted if (fault := _fault(target / wheel.file, wheel))}
    return " ".join(f"{file} {fault}." for file, fault in wrong.items()) or None


def fetch(folder: Path = FOLDER, place: str | None = None, again: bool = False) -> None:
    """Fetch what is missing: the core from npm, the wheels from the first source that has them.

    Parameters
    ----------
    folder : pathlib.Path
        The core and the wheels go into the folder `pyodide` below it.
    place : str or None
        A folder, or the address of one, to look in first (default: what `SPEECHLAB_PYODIDE` says).
    again : bool
        Fetch also what is there.

    Raises
    ------
    FetchError
        If something cannot be had; names each file that is missing or wrong. Wheels that were
        there before are kept, and none is put among them unless all are right.
    """
    from speechlab.site.python import sources

    place = place or os.environ.get(PLACE) or None
    target = folder / CORE.folder
    try:
        if again or vendor.missing(folder, (CORE,)):
            _fetch_core(folder, place)
        _ship_licences(target)
        if problem(folder) is not None or again:
            (target / "WHEELS").unlink(missing_ok=True)
            wanted = wheels(lock(target))
            _fetch_wheels(wanted, target, sources.sources(place, target, VERSION))
            (target / "WHEELS").write_text(_stamp(wanted), encoding="utf-8")
    except FetchError as error:
        reason = str(error).removesuffix(f"; with a package registry in reach, {vendor.COMMAND}.")
        raise FetchError(f"{reason.rstrip('.')}. {AGAIN}") from None


def _fetch_core(folder: Path, place: str | None) -> None:
    """From npm, or from npm's own archive in the folder that the user names."""
    archive = Path(place) / f"pyodide-{VERSION}.tgz" if place else None
    if archive is not None and archive.is_file():
        vendor.unpack(archive, CORE, folder / CORE.folder)
    else:
        vendor.fetch(folder, again=True, bundles=(CORE,))


def _fetch_wheels(wanted: list[Wheel], target: Path, places: Iterable) -> None:
    """Gather all that is missing, then put it in place: half of it would not be of use."""
    lacking = {wheel.file: wheel for wheel in wanted if _fault(target / wheel.file, wheel)}
    complaints: list[str] = []
    with tempfile.TemporaryDirectory(dir=target, prefix=".incoming-") as scratch:
        inbox = Path(scratch)
        for place in places:
            if not lacking:
                break
            complaints += place.bring(sorted(lacking), inbox)
            for file, wheel in list(lacking.items()):
                path = inbox / file
                if path.is_file() and (fault := _fault(path, wheel)):
                    complaints.append(f"{file} from {place} {fault}")
                    path.unlink()
                elif path.is_file():
                    del lacking[file]
        if lacking:
            names = ", ".join(lacking)
            why = "; ".join(complaints) or "no source has them"
            raise FetchError(f"Of Pyodide {VERSION} there is still missing: {names} ({why})")
        for path in inbox.glob("*.whl"):
            path.replace(target / path.name)


def _fault(path: Path, wheel: Wheel) -> str | None:
    """What is wrong with a wheel's file; None if it is the official one."""
    if not path.is_file():
        return "is missing"
    found = sha256(path)
    if found != wheel.sha256:
        return f"is damaged (its SHA-256 is {found}, not {wheel.sha256})"
    return None


def _stamp(wanted: list[Wheel]) -> str:
    """What a complete folder says about itself."""
    return "".join(f"{wheel.sha256}  {wheel.file}\n" for wheel in wanted)


def _ship_licences(target: Path) -> None:
    (target / "licences").mkdir(exist_ok=True)
    for path in LICENCES.glob("*.txt"):
        shutil.copyfile(path, target / "licences" / path.name)
