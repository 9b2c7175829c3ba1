"""The autograded notebook: what formgrader shows and feedback is made from.

Nothing of the student's in it can act on whoever opens it: outputs are text, Markdown holds no
tags, metadata is ours. What was found is kept in the notebook's own metadata, so that there is
one file to a submission, and it is there whole or not at all.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder import troubles
from autograder.course import CourseError
from autograder.plain import harmless_markdown, plain
from autograder.released import Slot
from autograder.runner.job import CellResult

REPORT = "autograder"
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def outputs(result: CellResult | None) -> list[dict[str, Any]]:
    """What a cell showed, as text."""
    if result is None:
        return []
    shown = []
    if result.stdout:
        text = plain(result.stdout)
        shown.append({"output_type": "stream", "name": "stdout", "text": text})
    if result.skipped:
        text = plain(result.skipped)
        shown.append({"output_type": "stream", "name": "stderr", "text": text})
    if result.error:
        kind, _, value = plain(result.error, 2000).partition(": ")
        trace = plain(result.traceback or result.error).splitlines()
        shown.append({"output_type": "error", "ename": kind, "evalue": value, "traceback": trace})
    return shown


def _cell(slot: Slot, result: CellResult | None, trusted: frozenset[str]) -> dict[str, Any]:
    metadata = {"nbgrader": slot.part.metadata()} if slot.part else {}
    ours = slot.source in trusted or (slot.part is not None and slot.source == slot.part.source)
    if slot.kind == "code":
        return {
            "cell_type": "code",
            "execution_count": None,
            "metadata": metadata,
            "outputs": outputs(result),
            "source": slot.source if ours else plain(slot.source, 200_000),
        }
    source = slot.source if ours else harmless_markdown(slot.source)
    return {"cell_type": "markdown", "metadata": metadata, "source": source}


def compose(
    slots: Sequence[Slot],
    results: dict[int, CellResult],
    report: dict[str, Any],
    trusted: frozenset[str],
) -> str:
    """The notebook as JSON; `results` by the slot's index, `trusted` the assignment's own texts."""
    notebook = {
        "cells": [_cell(slot, results.get(i), trusted) for i, slot in enumerate(slots)],
        "metadata": {"kernelspec": KERNEL, "language_info": {"name": "python"}, REPORT: report},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    return json.dumps(notebook, ensure_ascii=False)


def load(path: Path) -> dict[str, Any] | None:
    """The notebook that `write` left there, or None if there is none (whole)."""
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return notebook if whole(notebook) else None


_NUMBER = (int, float)
_REPORT = {"student": str, "topic": str, "ran": bool, "unsafe": bool, "seconds": _NUMBER}
_REPORT |= dict.fromkeys(("says", "hidden", "exercises"), list)
_VERDICT = {"exercise": str, "points": _NUMBER, "earned": _NUMBER, "mistake": str}
_VERDICT |= dict.fromkeys(("criteria", "notes"), (list, tuple))
_CRITERION = {"name": str, "points": _NUMBER, "earned": _NUMBER, "message": str}


def _has(value: Any, shape: dict[str, Any]) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(k), t) for k, t in shape.items())


def _texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)


def _readable(cell: Any) -> bool:
    """Has the cell the form that a page is made from?"""
    if not _has(cell, {"metadata": dict}) or not _has(cell["metadata"].get("nbgrader", {}), {}):
        return False
    texts = [cell.get("source"), cell["metadata"].get("nbgrader", {}).get("grade_id", "")]
    for output in cell.get("outputs", []) if isinstance(cell.get("outputs", []), list) else [0]:
        if not _has(output, {"output_type": str}):
            return False
        texts.append(output.get("text" if output["output_type"] == "stream" else "traceback", ""))
    return isinstance(texts[1], str) and all(isinstance(t, str) or _texts(t) for t in texts)


def whole(notebook: Any) -> bool:
    """Is this a notebook that `compose` wrote, report and all, so that a page can be made of it?"""
    if not _has(notebook, {"metadata": dict, "cells": list}):
        return False
    report = notebook["metadata"].get(REPORT)
    return (
        _has(report, _REPORT)
        and _texts(report["says"])
        and _texts(report["hidden"])
        and all(
            _has(verdict, _VERDICT)
            and _texts(verdict["notes"])
            and all(_has(one, _CRITERION) for one in verdict["criteria"])
            for verdict in report["exercises"]
        )
        and all(map(_readable, notebook["cells"]))
    )


def ready(path: Path) -> Path:
    """Where a notebook waits until the gradebook has its scores."""
    return path.with_name(f".{path.name}.ready")


def prepare(path: Path, text: str) -> None:
    """Have the notebook on the disk, whole, beside its place: all that can fail has not failed.

    A batch that is killed or stopped from here on does not grade the submission again: the next
    one finds it and goes on with writing its scores.
    """
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        for scratch in path.parent.glob(".*.[0-9]*"):  # of a run that was killed
            scratch.unlink()
    replace(ready(path), text)


def settle(path: Path, timestamp: datetime | None, mode: int = 0o444) -> None:
    """Move the prepared notebook into place, once the gradebook has what it says."""
    stamp = path.with_name("timestamp.txt")
    if timestamp is not None:
        replace(stamp, timestamp.isoformat(" ") + " UTC\n", mode)
    with writing(path):
        if timestamp is None:
            stamp.unlink(missing_ok=True)
        ready(path).chmod(mode)
        os.replace(ready(path), path)


def report_of(path: Path) -> dict[str, Any]:
    """What the notebook there says of its grading; empty where there is none."""
    return (load(path) or {}).get("metadata", {}).get(REPORT, {})


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a full disk and its like into a sentence that says what to do."""
    try:
        yield
    except OSError as error:
        raise CourseError(troubles.of_disk(error, path)) from error


def carry(folder: Path, name: str, text: str, mode: int = 0o444) -> None:
    """Keep a small text beside the notebook, or see that there is none where it is empty."""
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if not text:
            (folder / name).unlink(missing_ok=True)
    if text:
        replace(folder / name, text, mode)


def replace(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file under another name and move it into place; raises `CourseError`."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    with writing(path):
        try:
            with contextlib.suppress(FileNotFoundError):
                scratch.unlink()
            with open(scratch, "x", encoding="utf-8", errors="replace") as file:
                file.write(text)
            scratch.chmod(mode)
            os.replace(scratch, path)
        except OSError:
            with contextlib.suppress(OSError):
                scratch.unlink(missing_ok=True)
            raise
