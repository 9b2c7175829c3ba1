"""The autograded notebook: what formgrader shows and feedback is made from.

Nothing of the student's in it can act on whoever opens it: outputs are text, Markdown holds no
tags, metadata is ours. The report on the submission is kept in the notebook's metadata, so that
there is one file to a submission, which is there whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox.job import CellResult
from autograder.submission.assignment import Slot
from autograder.submission.report import Report, ReportError
from autograder.submission.sanitise import harmless_markdown, plain

REPORT = "autograder"  # the report's name in the notebook's metadata
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
    report: Report,
    trusted: frozenset[str],
) -> str:
    """The notebook as JSON; `results` by the slot's index, `trusted` the assignment's own texts."""
    language = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    notebook = {
        "cells": [_cell(slot, results.get(i), trusted) for i, slot in enumerate(slots)],
        "metadata": {**language, REPORT: report.as_data()},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    return json.dumps(notebook, ensure_ascii=False)


@dataclass(frozen=True)
class Autograded:
    """An autograded notebook that `compose` wrote: its report, and its cells as JSON."""

    report: Report
    cells: list[dict[str, Any]]

    @classmethod
    def of(cls, notebook: Any) -> Autograded:
        """From a notebook as JSON; raises `ReportError` for one that `compose` did not make."""
        if not _has(notebook, {"metadata": dict, "cells": list}):
            raise ReportError("This is not a notebook.")
        report = Report.of(notebook["metadata"].get(REPORT))
        if not all(map(_readable, notebook["cells"])):
            raise ReportError("A cell of the notebook is not as the grader writes cells.")
        return cls(report, notebook["cells"])


def read(text: str) -> Autograded:
    """From the text of a notebook; raises `ReportError` for one that `compose` did not make."""
    try:
        return Autograded.of(json.loads(text))
    except (ValueError, RecursionError) as error:
        if isinstance(error, ReportError):
            raise
        raise ReportError("This is not valid JSON.") from None


def load(path: Path) -> Autograded | None:
    """The autograded notebook at the path, or None if there is none that can be read."""
    try:
        return read(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def report_of(path: Path) -> Report | None:
    """The report in the autograded notebook at the path; None if there is no such notebook."""
    notebook = load(path)
    return notebook.report if notebook else None


def _has(value: Any, shape: dict[str, type]) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(k), t) for k, t in shape.items())


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


def _texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)
