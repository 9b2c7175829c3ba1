"""Diagrams: how they are asked for, and what can be read of them on a phone."""

from __future__ import annotations

import re

import pytest

from speechlab.site.diagrams import DIAGRAMS
from tests.support.building import jupyter_book, new_course

NARROW = 358  # CSS pixels of a page on a phone of 390
# Words out of the drawing, or over other words.
MISPLACED = """() => {
  const view = document.querySelector('svg').getBoundingClientRect();
  const words = [...document.querySelectorAll('text')].map(text => {
    const { left, right, top, bottom } = text.getBoundingClientRect();
    return { said: text.textContent, left, right, top: top + 2, bottom: bottom - 2 };
  });
  const out = words.filter(({ left, right, top, bottom }) => left < view.left - 1
    || right > view.right + 1 || top < view.top - 1 || bottom > view.bottom + 1);
  const over = words.filter((one, n) => words.some((other, m) => n < m && one.left < other.right
    && other.left < one.right && one.top < other.bottom && other.top < one.bottom));
  return [...out, ...over].map(({ said }) => said);
}"""


@pytest.mark.parametrize("name", DIAGRAMS)
def test_words_are_nine_pixels_on_a_phone_and_the_title_tells_what_is_seen(name):
    drawing = DIAGRAMS[name]()
    svg = drawing.svg(name)
    sizes = [float(size) for size in re.findall(r'font-size="([\d.]+)"', svg)]
    assert min(sizes) * NARROW / drawing.width >= 9
    assert len(drawing.title.split()) > 20
    assert not re.search(r"#[0-9a-f]{3}|rgb\(|fill=|stroke=", svg)  # colours are the page's


@pytest.mark.browser
@pytest.mark.parametrize("name", DIAGRAMS)
def test_words_are_in_the_drawing_and_not_over_each_other(browser, name):
    drawing = DIAGRAMS[name]()
    page = browser.new_page(viewport={"width": NARROW, "height": 900})
    style = "body { margin: 0; font-family: sans-serif }"
    page.set_content(f"<style>{style}</style>{drawing.svg(name)}")
    assert page.evaluate(MISPLACED) == []
    page.close()


def test_a_diagram_that_there_is_not_or_that_has_no_caption_fails_the_build(tmp_path):
    text = "# Page\n\n```{diagram} beam\nA *beam*.\n```\n"
    faults = "\n```{diagram} bean\nA bean.\n```\n\n```{diagram} states\n```\n"
    course = new_course(tmp_path, one=text)
    done = jupyter_book("build", course)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    page = (course / "_build" / "html" / "book" / "one.html").read_text("utf-8")
    assert page.count('<figure class="speech-diagram">') == 1 and "<em>beam</em>" in page
    (course / "book" / "one.md").write_text(text + faults, encoding="utf-8")
    done = jupyter_book("build", course)
    assert done.returncode != 0
    assert "no diagram 'bean'" in done.stdout + done.stderr
    assert "'states' needs a caption" in done.stdout + done.stderr
