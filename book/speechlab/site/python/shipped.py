"""Pyodide, the wheels and `speechlab.zip` in a built site, and a list of them for the kernel.

The list, `_static/speechlab/python/python.json`, says what is there, how many bytes each file has,
and its SHA-256, which the page checks; where there is no Python it says why, and pages say so.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from speechlab.site import vendor
from speechlab.site.assets import WEB
from speechlab.site.python import bundle, distribution
from speechlab.site.python.distribution import CORE, LOADED, LOCK, SWITCH, VERSION

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PACKED = ("pyodide.asm.wasm", "pyodide.asm.mjs", LOCK)  # smaller by gzip, which pages undo
WORKER = "service_worker.js"
LISTED = "_static/speechlab/python/python.json"
CHANGING = (".html", ".css", ".js", ".mjs", ".json", ".py")  # of the files of a site
FETCHED = ("_static/vendor/", WORKER)  # whose content the list has, or which holds the checksum
LEFT_OUT = "This copy of the book was built without Python."
DATE = (1980, 1, 1, 0, 0, 0)  # of every file in the archive, so that the same files give the same


def setup(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("builder-inited", put_into_site)
    app.connect("build-finished", release_site, priority=950)  # when all its files are there


def put_into_site(app: Sphinx) -> None:
    """Put what Python needs into the site, or say in it why there is none."""
    if app.builder.format != "html":
        return
    from sphinx.util import logging

    why = reason()
    if why is not None:
        logging.getLogger(__name__).info("%s", why)
    ship(Path(app.outdir) / "_static", why)


def release_site(app: Sphinx, exception: Exception | None) -> None:
    """Give the site the script that keeps its pages for offline use, with the site's checksum."""
    if exception is None and app.builder.format == "html":
        release(Path(app.outdir))


def release(site: Path) -> None:
    """Write `service_worker.js` into a site that has Python; remove it from one that has none."""
    script = site / WORKER
    if not json.loads((site / LISTED).read_text(encoding="utf-8"))["pyodide"]:
        script.unlink(missing_ok=True)
        return
    text = (WEB / "python" / WORKER).read_text(encoding="utf-8")
    _write(script, text.replace('"unreleased"', f'"{checksum(site)}"').encode())


def checksum(site: Path) -> str:
    """Of the pages, scripts and styles of a site, and of the list of its large files."""
    digest = hashlib.sha256()
    for path in sorted(site.rglob("*")):
        inside = path.relative_to(site).as_posix()
        if path.suffix in CHANGING and path.is_file() and not inside.startswith(FETCHED):
            digest.update(inside.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def reason() -> str | None:
    """Why this build has no Python, in sentences for its log; None if it has."""
    if distribution.left_out():
        return f"{LEFT_OUT} ({SWITCH} says so.)"
    if fault := distribution.problem():
        return f"{LEFT_OUT} {fault} {distribution.AGAIN}"
    return None


def ship(static: Path, why: str | None, folder: Path = vendor.FOLDER) -> None:
    """Fill `_static` of a site; what is there already is left as it is.

    Parameters
    ----------
    static : pathlib.Path
        The site's `_static`.
    why : str or None
        Why Python is left out; None if it is not.
    folder : pathlib.Path
        What holds the fetched distribution.
    """
    target, ours = static / "vendor" / CORE.folder, static / "speechlab" / "python"
    listed: dict = {"pyodide": None, "why": LEFT_OUT}
    if why is None:
        source = folder / CORE.folder
        _put_core(source, target)
        archive = _archive()
        _write(ours / "speechlab.zip", archive)
        listed = {"pyodide": VERSION, "files": _files(source, target), "large": {}}
        listed["files"]["speechlab.zip"] = _size(archive)
        for name, content in bundle.large().items():
            _write(ours / "large" / name, content)
            listed["large"][name] = _size(content)
    else:
        shutil.rmtree(target, ignore_errors=True)
        (ours / "speechlab.zip").unlink(missing_ok=True)
        shutil.rmtree(ours / "large", ignore_errors=True)
    _write(ours / "python.json", json.dumps(listed, indent=1).encode())


def _put_core(source: Path, target: Path) -> None:
    kept = {f"{name}.gz" for name in PACKED}
    for path in sorted(source.rglob("*")):
        if path.is_file():
            kept.add(path.relative_to(source).as_posix())
            _link(path, target / path.relative_to(source))
    for name in PACKED:
        packed = target / f"{name}.gz"
        stale = not packed.is_file() or packed.stat().st_mtime < (source / name).stat().st_mtime
        if stale:
            _write(packed, gzip.compress((source / name).read_bytes(), 9, mtime=0))
    for path in target.rglob("*"):
        if path.is_file() and path.relative_to(target).as_posix() not in kept:
            path.unlink()


def _files(source: Path, target: Path) -> dict[str, dict]:
    """Bytes and SHA-256 of each file that the kernel loads, and its bytes as they are sent."""
    names = [*LOADED, *(wheel.file for wheel in distribution.wheels(distribution.lock(source)))]
    files = {}
    for name in names:
        files[name] = _size((source / name).read_bytes())
        if name in PACKED:
            files[name]["packed"] = (target / f"{name}.gz").stat().st_size
    return files


def _size(content: bytes) -> dict:
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _archive() -> bytes:
    """`speechlab.zip`: the same bytes for the same files, on every machine."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in sorted(bundle.files().items()):
            packed.writestr(zipfile.ZipInfo(name, DATE), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _link(source: Path, target: Path) -> None:
    """A second name for the same file, or a copy where that cannot be had."""
    if target.is_file():
        if target.samefile(source) or _same(source, target):
            return
        target.unlink()  # never written into: it may be the file of another build
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _same(source: Path, target: Path) -> bool:
    alike = source.stat().st_size == target.stat().st_size
    return alike and source.read_bytes() == target.read_bytes()


def _write(path: Path, content: bytes) -> None:
    if not path.is_file() or path.read_bytes() != content:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(content)
