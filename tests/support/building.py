"""Builds the book, knows its pages, and serves a folder to a browser."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
# How a notebook as MyST text begins.
MYST_HEAD = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---
"""


def toc_pages() -> list[str]:
    """All pages that `_toc.yml` names, without their suffix."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    return [toc["root"], *chapters]


def new_course(folder: Path, python: bool = False, **pages: str) -> Path:
    """Make a course of these pages, the first one its root, with our configuration and package.

    Pyodide comes along if `python` says so: it is large.
    """
    shutil.copy(ROOT / "_config.yml", folder)
    root, *others = pages
    toc: dict[str, object] = {"format": "jb-book", "root": f"book/{root}"}
    if others:
        toc["chapters"] = [{"file": f"book/{name}"} for name in others]
    (folder / "_toc.yml").write_text(yaml.safe_dump(toc))
    (folder / "book").mkdir()
    hidden = shutil.ignore_patterns("__pycache__", *(() if python else ("pyodide",)))
    for name in ("speechlab", "vendor"):
        if (ROOT / "book" / name).is_dir():
            shutil.copytree(ROOT / "book" / name, folder / "book" / name, ignore=hidden)
    (folder / "book" / "references.bib").write_text("")
    for name, text in pages.items():
        (folder / "book" / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def jupyter_book(command: str, folder: Path, *options: str) -> subprocess.CompletedProcess:
    """Run `jupyter-book build` or `clean` on a folder, with this interpreter."""
    program = "from jupyter_book.cli.main import main; main()"
    line = [sys.executable, "-c", program, command, str(folder), *options]
    return subprocess.run(line, capture_output=True, text=True, check=False)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    """Where `python -m http.server` serves a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    server = subprocess.Popen(
        [*command, "--directory", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError("the file server does not answer")
