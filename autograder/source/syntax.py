"""A cell's syntax tree, for whoever reads students' code without running it."""

from __future__ import annotations

import ast
import re

MAX_CELL = 1_000_000
_HELP = re.compile(r"[\w.]{1,200}\?\??")


def parsed(source: str) -> ast.Module:
    """The cell's syntax tree, as IPython would read it; an empty one if it is not code."""
    if len(source) <= MAX_CELL:
        for text in (lambda: source, lambda: _without_magic(source)):
            try:
                return ast.parse(text())
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
    return ast.Module([], [])


def _without_magic(source: str) -> str:
    """Python in place of IPython's own syntax, line by line.

    IPython's own transformer is not used: it reads a cell anew for each of its magics, which can
    take hours.
    """
    if source.lstrip().startswith("%%"):  # `%%time` and others run what stands below them
        source = source.lstrip().partition("\n")[2]
    return "\n".join(map(_python, source.split("\n")))


def _python(line: str) -> str:
    """The line; a magic, a shell command or a question for help is replaced by a number."""
    text = line.strip()
    indent = line[: len(line) - len(line.lstrip())]
    if text.startswith(("%", "!", "?")) or (text.endswith("?") and _HELP.fullmatch(text)):
        return f"{indent}0"
    name, equals, value = line.partition("=")
    return f"{name}=0" if equals and value.lstrip().startswith(("%", "!")) else line
