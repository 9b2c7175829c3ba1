"""Is an autograded notebook one that the grader wrote, so that a page can be made of it?"""

from __future__ import annotations

from typing import Any

REPORT = "autograder"  # where the notebook keeps what was found, in its metadata

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
