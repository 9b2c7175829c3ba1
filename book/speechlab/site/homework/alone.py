"""The assignment pages without the book: no chapter runs, so that it takes a minute."""

from __future__ import annotations

import html
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import yaml

from speechlab.site.homework import released

ROOT = Path(__file__).resolve().parents[4]  # of the course
BUILD = "from jupyter_book.cli.main import main; main()"


class PagesError(RuntimeError):
    """The pages cannot be written; says why."""


def write(folder: Path, topics: Sequence[str] = (), python: bool = True) -> int:
    """Write the assignment pages to a folder; returns how many.

    Parameters
    ----------
    folder : pathlib.Path
        Where they go; it must be new or empty.
    topics : sequence of str
        Which ones; all of them if none is named.
    python : bool
        Whether cells can be run there, if Python has been fetched.

    Raises
    ------
    PagesError
        If the folder is not empty, an assignment is not there, or the build fails.
    """
    there = {path.stem: path for path in sorted((ROOT / "exercises").glob("*/*.ipynb"))}
    if unknown := [topic for topic in topics if topic not in there]:
        raise PagesError(f"There is no assignment {unknown[0]}; there are {', '.join(there)}.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise PagesError(f"{folder} is not an empty folder: name a new one.")
    wanted = {topic: there[topic] for topic in topics or there}
    with tempfile.TemporaryDirectory() as scratch:
        course = Path(scratch)
        _lay_out(course, wanted)
        # The extension is that of this process, wherever it was imported from.
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)
        }
        command = [sys.executable, "-c", BUILD, "build", "-W", str(course)]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, check=False, cwd=course
        )
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            raise PagesError(f"The pages could not be built: {lines[-1] if lines else 'no reason'}")
        shutil.copytree(course / "_build" / "html", folder, dirs_exist_ok=True)
    return len(wanted)


def _lay_out(course: Path, wanted: dict[str, Path]) -> None:
    """A book whose only chapter is the list of the assignments."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["execute"] = {"execute_notebooks": "off"}
    config["sphinx"]["extra_extensions"] = list(config["sphinx"].pop("local_extensions"))
    for key in ("bibtex_bibfiles", "bibtex_default_style", "bibtex_reference_style"):
        config.pop(key, None)
        config["sphinx"]["config"].pop(key, None)
    icon = Path(shutil.copy(ROOT / config["html"]["favicon"], course))
    config["html"]["favicon"] = icon.name
    (course / "_config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (course / "_toc.yml").write_text("format: jb-book\nroot: index\n", encoding="utf-8")
    shutil.copy(ROOT / "requirements.txt", course)
    entries = []
    for topic, path in wanted.items():
        target = course / "exercises" / topic / path.name
        target.parent.mkdir(parents=True)
        shutil.copy(path, target)
        title = html.escape(released.title(released.read(path)))
        entries.append(f'<li><a href="homework/{topic}.html">{title}</a></li>')
    text = f"# Assignments\n\n<ol>{''.join(entries)}</ol>\n"
    (course / "index.md").write_text(text, encoding="utf-8")
