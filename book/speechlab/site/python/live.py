"""Cells of chapters that a reader can change and run in the page.

A cell asks for it by its tag::

    :tags: [live]

The page gets what the cell needs of the cells before it, and a button "Change this". Where the
page's Python lacks a library that the cell needs, a sentence below the cell says so, and the cell
stays as it is. A chapter in which no cell can be changed has the tag on one cell for that sentence.
"""

from __future__ import annotations

import ast
import html
import importlib.util
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from docutils import nodes

from speechlab.site.python import bundle, shipped, slices

if TYPE_CHECKING:
    from sphinx.application import Sphinx

TAG = "tag_live"
SCRIPT = "speechlab/python/live.js"
STYLE = "speechlab/python/live.css"
GIVEN = '<script type="application/json" class="python-live">'
TITLES = {"sklearn": "scikit-learn"}
VOICES = (
    "Where the cell asks for recordings, it gets here those that come with the book, "
    "so that the result may differ from that of the chapter."
)


def setup(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("doctree-resolved", mark_cells)
    app.connect("html-page-context", add_script)
    app.connect("env-updated", follow_python)


def follow_python(app: Sphinx, env: Any) -> list[str]:
    """Write pages with such cells again if the site has Python now and had none, or reversed."""
    before, env.speechlab_python = getattr(env, "speechlab_python", None), shipped.reason()
    if before == env.speechlab_python:
        return []
    return [page for page in env.found_docs if any(_live(env.get_doctree(page)))]


def mark_cells(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put what the page's script needs behind each cell that has the tag."""
    for cell in list(_live(doctree)):
        code = _source(cell)
        earlier = []
        for other in _cells(doctree):
            if other is cell:
                break
            earlier.append(_source(other))
        before = slices.needed(code, earlier)
        why = why_not(f"{before}\n{code}")
        cell.append(_sentence(why) if why else _given(before))


def add_script(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Pages with cells that can be changed get the script."""
    if doctree is not None and any(GIVEN in node.astext() for node in doctree.findall(nodes.raw)):
        app.add_js_file(SCRIPT, type="module")
        app.add_css_file(STYLE)


def why_not(code: str) -> str | None:
    """Why code cannot run in the page, in a sentence; None if it can."""
    if shipped.reason() is not None:
        return f"{shipped.LEFT_OUT} In one with Python, this cell could be changed and run here."
    lost = sorted({name for name in _imports(code) if not _there(name)})
    if not lost:
        return None
    names = " and ".join(TITLES.get(name, name) for name in lost)
    return f"This cell cannot be changed here, since the page's Python has no {names}."


def _there(name: str) -> bool:
    if name.partition(".")[0] == "speechlab":
        return name in bundle.modules()
    return name in bundle.THERE


def _imports(code: str) -> Iterator[str]:
    """Top-level names of libraries, and modules of `speechlab` in full."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (_home(alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield _home(node.module)
            if node.module.partition(".")[0] == "speechlab":
                full = (f"{node.module}.{alias.name}" for alias in node.names)
                yield from filter(_is_module, full)


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # its home is a module, which has no modules inside
        return False


def _home(module: str) -> str:
    top = module.partition(".")[0]
    return module if top == "speechlab" else top


def _cells(doctree: nodes.document) -> Iterator[nodes.container]:
    return (
        node for node in doctree.findall(nodes.container) if node.get("nb_element") == "cell_code"
    )


def _live(doctree: nodes.document) -> Iterator[nodes.container]:
    return (cell for cell in _cells(doctree) if TAG in cell["classes"])


def _source(cell: nodes.container) -> str:
    for part in cell.findall(nodes.container):
        if part.get("nb_element") == "cell_code_source":
            return next(part.findall(nodes.literal_block)).astext()
    return ""


def _sentence(why: str) -> nodes.raw:
    return nodes.raw(
        "", f'<p class="python-bar"><small>{html.escape(why)}</small></p>', format="html"
    )


def _given(before: str) -> nodes.raw:
    voices = VOICES if "corpora" in before else ""
    given = json.dumps({"before": before, "voices": voices}).replace("</", "<\\/")
    return nodes.raw("", f"{GIVEN}{given}</script>", format="html")
