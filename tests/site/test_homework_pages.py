"""Assignment pages as they are built: what they say without scripts, and where they lead."""

from __future__ import annotations

import re

import pytest

from speechlab.site.__main__ import main
from speechlab.site.homework import links, pages, released
from tests.support.building import ROOT
from tests.support.homework_pages import EVERY, TOPICS
from tests.support.homework_pages import released as notebook_of

pytestmark = pytest.mark.xdist_group("homework")  # one worker builds the small site


def page(small, topic):
    return (small / "homework" / f"{topic}.html").read_text("utf-8")


def test_the_notebook_lies_beside_its_page_to_the_byte(small):
    for topic in TOPICS:
        given = ROOT / "exercises" / topic / f"{topic}.ipynb"
        assert (small / "homework" / f"{topic}.ipynb").read_bytes() == given.read_bytes()
        assert f'href="{topic}.ipynb" download' in page(small, topic)


def test_pages_stand_in_the_frame_of_the_book(small):
    text = page(small, "lpc")
    assert "<title>Linear prediction: assignment" in text
    assert text.count("<h1>Linear prediction</h1>") == 1
    assert 'href="../book/hmm.html"' in text  # the navigation
    assert "mathjax/startup.js" in text and "fontawesome" not in text
    assert 'http-equiv="Content-Security-Policy"' in text  # only pages that run Python need one
    assert "Content-Security" not in (small / "book" / "hmm.html").read_text("utf-8")
    assert "homework/page.js" not in (small / "book" / "lpc.html").read_text("utf-8")


def test_the_chapter_leads_to_its_page(small):
    text = (small / "book" / "lpc.html").read_text("utf-8")
    assert re.search(
        r'ipynb.*?</p>\s*<p class="homework-link"><a href="../homework/lpc.html">', text, re.S
    )
    assert "homework-link" not in (small / "book" / "index.html").read_text("utf-8")


def test_colab_and_binder_open_the_notebook(small):
    text = page(small, "lpc")
    colab = "https://colab.research.google.com/github/ada/speech/blob/spring/26"
    assert f'href="{colab}/exercises/lpc/lpc.ipynb"' in text
    binder = "https://mybinder.org/v2/gh/ada/speech/spring%2F26"
    assert f'href="{binder}?labpath=exercises%2Flpc%2Flpc.ipynb"' in text
    requirements = (ROOT / "requirements.txt").read_text("utf-8")
    ranges = re.search(r"%pip install -q (.*?)</pre>", text).group(1)
    asked = re.findall(r"&quot;(.+?)&quot;|&#34;(.+?)&#34;", ranges)
    assert {"".join(one).replace("&gt;", ">").replace("&lt;", "<") for one in asked} == set(
        links.needed(requirements)
    )
    assert "==" not in ranges and "jupyter-book" not in ranges


def test_without_a_repository_there_are_no_links_elsewhere():
    assert links.Source("").opens("lpc") == {}
    assert links.Source("https://example.org/ada/speech").opens("lpc") == {}
    gitlab = links.Source("https://gitlab.com/ada/speech", folder="course").opens("lpc")
    labpath = "labpath=course%2Fexercises%2Flpc%2Flpc.ipynb"
    assert gitlab == {"Binder": f"https://mybinder.org/v2/gl/ada%2Fspeech/main?{labpath}"}


@pytest.mark.parametrize("topic", EVERY)
def test_a_page_says_all_that_the_notebook_says(topic):
    """Without scripts: each cell in its order, code as text, formulas left to MathJax."""

    class Plain:
        def highlight_block(self, source, language, location):
            return f"<pre>{source}</pre>"

    notebook = notebook_of(topic)
    parts = pages.Page(topic, f"book/{topic}", notebook, Plain()).parts
    place = 0
    for cell in released.cells(notebook):
        place = parts["cells"].index(f'data-key="{cell.key}" data-kind="{cell.kind}"', place) + 1
        if cell.kind != "text":
            assert cell.source in parts["cells"][place:]
    text = re.sub(r"<pre>.*?</pre>|<code>.*?</code>", "", parts["cells"], flags=re.S)
    assert "$" not in text and parts["heading"].startswith("<h1>")
    points = sum(cell.points for cell in released.cells(notebook))
    assert parts["points"] == f"{points:g}" and parts["functions"] > 3


def test_one_command_writes_the_pages_alone(tmp_path, capsys):
    folder = tmp_path / "pages"
    assert main(["homework", str(folder), "lpc", "--no-python"]) == 0
    assert f"1 assignment pages: copy {folder}" in capsys.readouterr().out
    text = page(folder, "lpc")
    assert "The assignment: 8 functions, 39 points" in text and "Elsewhere" not in text
    assert 'href="homework/lpc.html">Linear prediction</a>' in (folder / "index.html").read_text()
    assert (folder / "homework" / "lpc.ipynb").is_file()
    assert (folder / "_static" / "vendor" / "codemirror" / "codemirror.js").is_file()
    assert (folder / "_static" / "vendor" / "codemirror" / "LICENSE").is_file()
    assert main(["homework", str(folder), "lpc", "--no-python"]) == 1
    assert "is not an empty folder" in capsys.readouterr().err
    assert main(["homework", str(tmp_path / "more"), "phonemes", "--no-python"]) == 1
    assert "There is no assignment phonemes" in capsys.readouterr().err
