"""The text of an assignment page: all that the notebook says, readable without JavaScript."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from speechlab.site.homework import released

FOLDED = 12  # lines; longer code that students do not write can be unfolded


def markdown() -> MarkdownIt:
    """A reader of Markdown whose formulas are left to MathJax."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    dollarmath_plugin(reader, allow_labels=False, double_inline=True)
    reader.add_render_rule("math_inline", _inline)
    reader.add_render_rule("math_inline_double", _display)
    reader.add_render_rule("math_block", _display)
    return reader


@dataclass(frozen=True)
class Page:
    """The page of one topic's notebook; `highlighter` is Sphinx's."""

    topic: str
    chapter: str
    notebook: dict[str, Any]
    highlighter: Any
    reader: MarkdownIt = field(default_factory=markdown)

    @cached_property
    def cells(self) -> list[released.Cell]:
        """The notebook's cells."""
        return released.cells(self.notebook)

    @property
    def parts(self) -> dict[str, Any]:
        """What `templates/homework.html` puts together."""
        first, *others = self.cells
        heading, _, rest = first.source.partition("\n")
        return {
            "topic": self.topic,
            "chapter": self.chapter,
            "title": html.escape(released.title(self.notebook)),
            "release": released.release(self.notebook),
            "functions": sum(cell.kind == "function" for cell in self.cells),
            "points": f"{sum(cell.points for cell in self.cells):g}",
            "heading": self.reader.render(heading),
            "cells": "\n".join([self._text(first, rest), *map(self._cell, others)]),
        }

    def _cell(self, cell: released.Cell) -> str:
        if cell.kind == "text":
            return self._text(cell, cell.source)
        code = self.highlighter.highlight_block(cell.source, "python", location=self.topic)
        code = f'<div class="highlight-python notranslate">{code}</div>'
        mark = f'class="homework-cell" data-key="{cell.key}" data-kind="{cell.kind}"'
        mark += f' id="cell-{cell.key}"' if cell.kind == "function" else ""
        mark += " data-needed" if cell.needed else ""
        if cell.kind == "check":
            mark += f' data-points="{cell.points:g}" data-function="{cell.function}"'
            worth = f"{cell.points:g} point{'s' * (cell.points != 1)}"
            code = _folded(f"The visible check of <code>{cell.function}</code> ({worth})", code)
        elif cell.kind == "given" and cell.source.count("\n") >= FOLDED:
            name = cell.key.removeprefix("given-")
            code = _folded(f"Given: <code>{html.escape(name)}</code>", code)
        return f"<div {mark}>{code}</div>"

    def _text(self, cell: released.Cell, text: str) -> str:
        rendered = self.reader.render(text)
        return f'<div class="homework-cell" data-key="{cell.key}" data-kind="text">{rendered}</div>'


def _inline(_: Any, tokens: list[Any], place: int, *__: Any) -> str:
    formula = html.escape(tokens[place].content)
    return f'<span class="math notranslate nohighlight">\\({formula}\\)</span>'


def _display(_: Any, tokens: list[Any], place: int, *__: Any) -> str:
    formula = html.escape(tokens[place].content.strip())
    return f'<div class="math notranslate nohighlight">\\[{formula}\\]</div>\n'


def _folded(summary: str, code: str) -> str:
    return f"<details><summary>{summary}</summary>{code}</details>"
