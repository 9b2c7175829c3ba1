"""Builds the book, and knows its pages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def toc_pages() -> list[str]:
    """All pages that `_toc.yml` names, without their suffix."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    return [toc["root"], *chapters]


def jupyter_book(command: str, folder: Path, *options: str) -> subprocess.CompletedProcess:
    """Run `jupyter-book build` or `clean` on a folder, with this interpreter."""
    program = "from jupyter_book.cli.main import main; main()"
    line = [sys.executable, "-c", program, command, str(folder), *options]
    return subprocess.run(line, capture_output=True, text=True, check=False)
