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


def build(folder: Path, *options: str) -> subprocess.CompletedProcess:
    """Run `jupyter-book build` on a folder."""
    command = [sys.executable, "-m", "jupyter_book.cli.main", "build", str(folder), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)
