"""The autograded notebook: what formgrader shows and feedback is made from.

Nothing of the student's in it can act on whoever opens it: outputs are text, Markdown holds no
tags, metadata is ours. What was found is kept in the notebook's own metadata, so that there is
one file to a submission, and it is there whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.sandbox.job import CellResult
from autograder.submission.assignment import Slot
from autograder.submission.sanitise import harmless_markdown, plain
from autograder.submission.validate import REPORT, whole

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


def report_of(path: Path) -> dict[str, Any]:
    """What the notebook there says of its grading; empty where there is none."""
    return (load(path) or {}).get("metadata", {}).get(REPORT, {})
