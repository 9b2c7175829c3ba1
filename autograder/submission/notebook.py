"""From untrusted bytes to a notebook's cells. Every problem is one sentence, never an error."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

MAX_CELLS = 2000
MAX_SOURCE = 2 * 2**20  # characters of code; pictures in Markdown are no code
KINDS = ("code", "markdown", "raw")


@dataclass(frozen=True)
class Cell:
    """One cell: its kind, its text, and the name that nbgrader's metadata gives it ("" if none).

    `claims` is the rest of that metadata, which is the student's word and decides nothing.
    """

    kind: str
    source: str
    name: str = ""
    claims: dict[str, Any] = field(default_factory=dict, hash=False, compare=False)


@dataclass(frozen=True)
class Reading:
    """What could be read of a file: its cells, whether they can be run, and what was wrong."""

    cells: tuple[Cell, ...] = ()
    says: tuple[str, ...] = ()
    runs: bool = True


def _failed(says: str) -> Reading:
    return Reading((), (says,), runs=False)


def clean(text: str) -> str:
    """The text without lone halves of surrogate pairs, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _text(value: Any) -> str | None:
    """A source, which may be one string or a list of lines."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        value = "".join(value)
    return clean(value) if isinstance(value, str) else None


def _cell(value: Any) -> Cell | None:
    """The cell that the JSON value describes, or None if the value describes none."""
    if not isinstance(value, dict) or value.get("cell_type") not in KINDS:
        return None
    source = _text(value.get("source", ""))
    if source is None:
        return None
    metadata = value.get("metadata")
    claims = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    claims = claims if isinstance(claims, dict) else {}
    name = claims.get("grade_id")
    return Cell(value["cell_type"], source, name if isinstance(name, str) else "", claims)


def _loaded(data: bytes, file: str) -> Any:
    """The JSON value; raises ValueError with a sentence."""
    if not data.strip():
        raise ValueError(f"{file} is an empty file.")
    no = f"{file} is not a notebook:"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{no} byte {error.start + 1} is not even text in UTF-8.") from None
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError(f"{no} it is nested too deep.") from None
    except json.JSONDecodeError as error:
        line, _, _ = text.partition("<<<<<<<")
        hint = f" Line {line.count(chr(10)) + 1} has the mark of a merge conflict."
        where = f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"{no} {where} is not valid JSON.{hint if line != text else ''}") from None
    except ValueError:
        raise ValueError(f"{no} it holds a number of far too many digits.") from None


def _first(content: dict[str, Any]) -> dict[str, Any]:
    """An old notebook without outputs, and with one cell more than is read at most.

    nbformat's converter takes a while for each cell, and as long again to check it.
    """
    left, sheets = MAX_CELLS + 1, []
    for sheet in content["worksheets"] if "worksheets" in content else [content]:  # 1 has none
        cells = (sheet["cells"] or [])[:left]
        left -= len(cells)
        bare = [cell | ({"outputs": []} if "outputs" in cell else {}) for cell in cells]
        sheets += [{"metadata": {}, "cells": bare}] if cells else []
    numbers = {key: content[key] for key in ("nbformat", "nbformat_minor") if key in content}
    where = {"worksheets": sheets} if "worksheets" in content else {"cells": sheets[0]["cells"]}
    return {**numbers, "metadata": {}, **where}


def _upgraded(content: dict[str, Any], version: int, file: str) -> Any:
    """Cells of a notebook of format 1 to 3, by nbformat; raises ValueError with a sentence.

    nbformat's own reader comes first: it joins lists of lines, which its converter does not.
    """
    import nbformat

    try:
        return nbformat.convert(nbformat.reader.reads(json.dumps(_first(content))), 4)["cells"]
    except Exception:  # whatever a broken old notebook makes of the converter
        raise ValueError(
            f"{file} is of the old format {version} and could not be converted: "
            "open it in Jupyter, save it, and hand it in again."
        ) from None


def _cells_value(content: Any, file: str) -> tuple[list[Any], list[str]]:
    """The raw list of cells; raises ValueError with a sentence."""
    version = content.get("nbformat") if isinstance(content, dict) else None
    if type(version) is not int or not 0 < version < 1000:
        raise ValueError(f"{file} is JSON, but not a notebook: it has no format number `nbformat`.")
    if not {"cells", "worksheets"} & content.keys():
        raise ValueError(f"{file} is JSON, but not a notebook: it has no `cells`.")
    says = []
    if version < 4:
        cells = _upgraded(content, version, file)
        says.append(f"{file} is of the old format {version}; it was converted.")
    else:
        cells = content.get("cells")
        if version > 4:
            says.append(f"{file} is of the unknown format {version}; it was read as format 4.")
    if not isinstance(cells, list):
        raise ValueError(f"{file} is a notebook whose `cells` are not a list.")
    return cells, says


def language(content: dict[str, Any]) -> str:
    """The programming language that the notebook declares; "python" if it declares none."""
    metadata = content.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    for section, key in (
        ("kernelspec", "language"),
        ("language_info", "name"),
        ("kernelspec", "name"),
    ):
        part = metadata.get(section)
        value = part.get(key) if isinstance(part, dict) else None
        if isinstance(value, str) and value.strip():
            value = value.strip().lower()
            known = value.startswith(("python", "ipython", "conda-env", "pyodide", "xpython"))
            if key == "language" or section == "language_info":
                return "python" if known else value
            if value in ("ir", "bash", "octave", "matlab", "r") or value.startswith("julia"):
                return value
    return "python"


def _numbers(places: list[int]) -> str:
    """Positions in a list, counted from 1, in words: "numbers 2, 3"."""
    some = ", ".join(str(place) for place in places[:5])
    return f"number{'s' * (len(places) > 1)} {some}{' and more' * (len(places) > 5)}"


def read(data: bytes, name: str = "") -> Reading:
    """The cells of a notebook file, and sentences about what was wrong with it, by its name."""
    file = f"`{name}`" if name else "The file"
    try:
        content = _loaded(data, file)
        values, says = _cells_value(content, file)
    except ValueError as error:
        return _failed(str(error))
    found = [_cell(value) for value in values[:MAX_CELLS]]
    cells = [cell for cell in found if cell is not None]
    if len(values) > MAX_CELLS:
        says.append(f"The notebook has more than {MAX_CELLS} cells; the rest were not read.")
    if lost := [place for place, cell in enumerate(found, 1) if cell is None]:
        says.append(f"{len(lost)} of the cells are damaged and were left out: {_numbers(lost)}.")
    if sum(map(len, code(cells))) > MAX_SOURCE:
        return _failed(
            f"The code cells of {file} hold more than {MAX_SOURCE // 2**20} MiB of text: move data "
            "into a file of its own, or leave it out, and hand the notebook in again."
        )
    other = language(content)
    if other != "python":
        says.append(f"The notebook is set to {other[:40]!r}, not Python, so its code was not run.")
    return Reading(tuple(cells), tuple(says), runs=other == "python")


def code(cells: Iterable[Cell]) -> list[str]:
    """The sources of the code cells, in order."""
    return [cell.source for cell in cells if cell.kind == "code"]
