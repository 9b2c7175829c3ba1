"""Results as a table that a reader, a phone and a screen reader can follow."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any


@dataclass(frozen=True)
class Table:
    """A table as it is shown: the heads of its columns, its rows as texts, what they are."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str
    right: tuple[bool, ...]  # whether a column holds numbers only

    def _repr_html_(self) -> str:
        classes = [' class="speech-number"' * number for number in self.right]
        head = "".join(
            f'<th scope="col"{kind}>{html.escape(column)}</th>'
            for column, kind in zip(self.columns, classes)
        )
        rows = "".join(f"<tr>{self._row(row, classes)}</tr>" for row in self.rows)
        words = html.escape(self.caption)
        caption = f"<caption><span>{words}</span></caption>" if words else ""
        return (
            '<div class="speech-table mathjax_process" role="region" tabindex="0" '
            f'aria-label="{words or html.escape(self.columns[0])}">'
            f'<table class="table">{caption}<thead><tr>{head}</tr></thead>'
            f"<tbody>{rows}</tbody></table></div>"
        )

    def _row(self, row: tuple[str, ...], classes: list[str]) -> str:
        first, *others = (html.escape(cell) for cell in row)
        cells = (f"<td{kind}>{cell}</td>" for cell, kind in zip(others, classes[1:]))
        return f'<th scope="row"{classes[0]}>{first}</th>{"".join(cells)}'

    def __repr__(self) -> str:
        return "\n".join("  ".join(row) for row in (self.columns, *self.rows))


def table(
    columns: Mapping[str, Iterable[Any]],
    caption: str = "",
    decimals: int | Mapping[str, int] = 2,
) -> Table:
    """A table of results; the first column names the rows.

    Parameters
    ----------
    columns : mapping
        The head of each column, with its unit, and its values: texts, whole numbers or others.
        Mathematics in texts is written between ``\\(`` and ``\\)``.
    caption : str
        What the numbers are and what they were computed from.
    decimals : int or mapping
        To how many places a number that is not whole is rounded, for all columns or for those
        named (the others then have 2).

    Raises
    ------
    ValueError
        If there is no column or no row, columns differ in length, or `decimals` names no column.
    """
    cells = {head: list(values) for head, values in columns.items()}
    lengths = {len(values) for values in cells.values()}
    if len(lengths) != 1 or lengths == {0}:
        raise ValueError("A table needs columns, all with the same number of rows, at least one.")
    places = dict.fromkeys(cells, 2)
    places.update(decimals if isinstance(decimals, Mapping) else dict.fromkeys(cells, decimals))
    if places.keys() != cells.keys():
        raise ValueError(f"There is no column {', '.join(places.keys() - cells.keys())}.")
    texts = [[_text(value, places[head]) for value in cells[head]] for head in cells]
    numbers = (all(isinstance(v, Real) for v in values) for values in cells.values())
    return Table(tuple(cells), tuple(zip(*texts)), caption.strip(), tuple(numbers))


def _text(value: Any, places: int) -> str:
    if isinstance(value, Real) and not isinstance(value, Integral):
        return f"{value:.{places}f}".replace("-", "−")
    return str(value).replace("-", "−") if isinstance(value, Integral) else str(value)
