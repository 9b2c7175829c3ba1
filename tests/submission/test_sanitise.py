"""Student text in a terminal, in formgrader, on a page."""

import json

import pytest

from autograder.submission.sanitise import harmless_markdown, plain
from tests.support.inert import HOSTILE, Page
from tests.support.toy import RIGHT, TOPIC, grade_toy, hand_in, notebook


@pytest.fixture(scope="module")
def render():
    """nbconvert's HTML of one Markdown cell, by formgrader's own template."""
    import nbformat
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader import handlers
    from traitlets.config import Config

    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    exporter = HTMLExporter(config=config)
    resources = dict.fromkeys(("assignment_id", "notebook_id", "student", "base_url"), "x")
    resources |= {"submission_id": "x", "index": 0, "total": 1, "notebook_path": "x"}
    resources |= {"last_name": None, "first_name": None}

    def body(content):
        html, _ = exporter.from_notebook_node(
            nbformat.from_dict(content), resources=dict(resources)
        )
        return html.partition('notebook-container">')[2]

    return body


def _notebook(source):
    cell = {"cell_type": "markdown", "metadata": {}, "source": source}
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_renders_to_nothing_active(render, text):
    html = render(_notebook(harmless_markdown(text)))
    assert not Page(html).active


def test_the_probes_would_be_active_otherwise(render):
    from nbconvert.filters.markdown_mistune import InvalidNotebook

    def acts(text):
        try:
            return bool(Page(render(_notebook(text))).active)
        except InvalidNotebook:  # formgrader would show an error instead of the submission
            return True

    assert sum(map(acts, HOSTILE)) >= 10


def test_ordinary_markdown_stays(render):
    text = "# Why\n\n*Because* $a<b$ and `x < y`, see [the book](https://example.org).\n\n> quoted"
    assert "a< b" in harmless_markdown(text)
    html = render(_notebook(harmless_markdown(text)))
    for piece in ("<em>Because</em>", "<blockquote>", 'href="https://example.org"', "<h1"):
        assert piece in html


def test_what_formgrader_shows_of_a_hostile_notebook_is_inert(course, one_box, render):

    probes = "\n\n".join(HOSTILE)
    shown = (
        f"from IPython.display import HTML, display\ndisplay(HTML({probes!r}))\nprint({probes!r})"
    )
    sources = {
        "why": probes,
        "double": f"{shown}\nraise ValueError({probes!r})",
        "helper": "# " + HOSTILE[0],
    }
    content = notebook(course, **RIGHT | sources)
    content["metadata"]["title"] = HOSTILE[0]
    extra = {"cell_type": "raw", "metadata": {"raw_mimetype": "text/html"}, "source": probes}
    attached = {"x.png": {"image/svg+xml": HOSTILE[2]}}
    more = {"cell_type": "markdown", "metadata": {}, "source": probes, "attachments": attached}
    content["cells"] += [extra, more]
    hand_in(course, "mallory", content)
    grade_toy(course)
    path = course.path("autograded", "mallory", TOPIC) / f"{TOPIC}.ipynb"
    html = render(json.loads(path.read_text()))
    assert not Page(html).active
    assert "alert(1)" in html  # it is there to read


def test_plain_text_has_no_escapes_and_an_end():
    assert plain("\x1b[31mred\x1b[0m \x1b]0;title\x07\x9b1mx\x00\u202e") == "red x"
    assert plain("a\rb\r\nc") == "a\nb\nc"
    assert len(plain("x" * 10**6)) < 21_000
    assert plain("\x1b") == "" and plain("tab\there") == "tab\there"


def test_beginnings_of_escapes_cost_no_time():
    import time

    start = time.process_time()
    for text in ("\x1bP" * 40_000, "\x1b]0;" * 20_000, "\x9b" + "0" * 80_000):
        assert "\x1b" not in plain(text)
    assert time.process_time() - start < 1
