"""The public half by itself: exported, with a Python of its own, and the book built from it once.

Chapters take minutes to run. They run once in a test session: in the exported folder, by a Python
that has what `requirements.txt` asks for and no `autograder`. The book in this repository is then
built from what they showed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.course.catalogue import ROOT

BUILD = "import sys; from jupyter_book.cli.main import main; sys.exit(main())"


@dataclass(frozen=True)
class Alone:
    """An exported public half, and a Python for which there is no `autograder`."""

    folder: Path
    python: str
    environment: dict[str, str]

    def run(self, *arguments: object, where: Path | None = None) -> subprocess.CompletedProcess:
        """Run this Python in the folder, or elsewhere."""
        return subprocess.run(
            [self.python, *map(str, arguments)],
            cwd=where or self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=2400,
        )

    def build(self, where: Path) -> Path:
        """Build the book that is there, with warnings as errors; the folder of the site."""
        done = self.run("-c", BUILD, "build", "-W", ".", where=where)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return where / "_build" / "html"

    def build_here(self) -> Path:
        """Build the book of this repository from the chapters that were run in the folder."""
        kept = ROOT / "_build" / ".jupyter_cache"
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(self.folder / "_build" / ".jupyter_cache", kept)
        return self.build(ROOT)


def alone(folder: Path, away: Path) -> Alone:
    """A Python for the exported folder; what it needs is made in the folder `away`.

    With EXPORT_VENV=1 it is a fresh one with nothing but `requirements.txt`. Otherwise it is
    this one, where `autograder` is made impossible to import.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    if os.environ.get("EXPORT_VENV") == "1":
        subprocess.run([sys.executable, "-m", "venv", away / "venv"], check=True)
        python = away / "venv" / "bin" / "python"
        install = [python, "-m", "pip", "install", "-q", "--no-compile"]
        install += ["-r", folder / "requirements.txt"]
        if (limits := Path(sys.prefix) / "constraints.txt").is_file():  # the oldest, if asked for
            install += ["-c", limits]
        subprocess.run(install, check=True)
        environment["PATH"] = f"{python.parent}{os.pathsep}{environment['PATH']}"
        return Alone(folder, str(python), environment)
    (away / "autograder").mkdir()
    (away / "autograder" / "__init__.py").write_text("raise ImportError('not in this half')\n")
    return Alone(folder, sys.executable, environment | {"PYTHONPATH": str(away)})
