"""Formulas, code, results and tables fit on the page: a wide one, a phone's and paper."""

from __future__ import annotations

import pytest

from tests.support.building import toc_pages

pytestmark = pytest.mark.browser
PAPER = 718  # CSS pixels between the margins of A4

# What is wider than its place: its kind, by how much, its beginning, and whether it can be reached.
WIDE = """() => {
  const found = [];
  const formula = 'mjx-container[display]';
  const kinds = { code: 'pre', formula, table: 'table', picture: 'img, svg' };
  for (const [kind, selector] of Object.entries(kinds)) {
    for (const part of document.querySelectorAll(`.bd-article :is(${selector})`)) {
      if (!part.getClientRects().length || part.closest('.visually-hidden')) continue;
      for (let box = part; !box.matches('.bd-article'); box = box.parentElement) {
        const over = box.clientWidth ? box.scrollWidth - box.clientWidth : 0;
        const way = getComputedStyle(box).overflowX;
        if (over <= 1 || (way === 'visible' && box !== part)) continue;
        const reached = way === 'auto' || way === 'scroll';
        found.push([kind, over, part.textContent.trim().slice(0, 50), reached]);
        break;
      }
      const { left, right } = part.getBoundingClientRect();
      const moved = part.closest('.pst-scrollable-table-container, .output, mjx-container');
      if (!moved && (right > innerWidth + 1 || left < -1)) {
        found.push([kind, right - innerWidth, part.textContent.trim().slice(0, 50), false]);
      }
    }
  }
  for (const part of document.querySelectorAll('.bd-article p mjx-container:not([display])')) {
    const { right } = part.getBoundingClientRect();
    if (right > innerWidth + 1 && !part.closest('.pst-scrollable-table-container')) {
      found.push(['inline', right - innerWidth, part.textContent.trim().slice(0, 50), false]);
    }
  }
  return found;
}"""
# Sentences in which a line begins with the mark that follows a formula.
LOOSE = """() => [...document.querySelectorAll('.bd-article span.math')].filter(formula => {
  const next = formula.nextSibling;
  if (next?.nodeType !== Node.TEXT_NODE || !/^[.,;:!?)]/.test(next.data)) return false;
  const mark = document.createRange();
  mark.setStart(next, 0);
  mark.setEnd(next, 1);
  const { top, width } = mark.getBoundingClientRect();
  return width && top >= formula.getBoundingClientRect().bottom - 2;
}).map(formula => formula.parentElement.textContent.slice(0, 60))"""
UNFOLD = """() => document.querySelectorAll('.bd-article details').forEach(part => {
  part.removeAttribute('name');
  part.open = true;
})"""


@pytest.fixture(scope="module", params=toc_pages())
def opened(request, browser, address):
    """One page with all that is folded unfolded."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}{request.param}.html")
    page.wait_for_load_state("load")
    page.evaluate("async () => window.MathJax && await window.MathJax.startup.promise")
    page.evaluate(UNFOLD)
    yield page
    page.close()


def wide(page, width: int) -> list:
    """What is too wide on a page of this width, in CSS pixels."""
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_timeout(300)
    return page.evaluate(WIDE)


def test_all_fits_on_a_wide_page(opened):
    assert wide(opened, 1280) == []


def test_all_fits_on_a_phone_or_can_be_reached(opened):
    found = wide(opened, 390)
    assert [part for part in found if part[0] in ("code", "picture") or not part[3]] == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390


def test_no_line_begins_with_the_comma_behind_a_formula(opened):
    opened.set_viewport_size({"width": 390, "height": 900})
    assert opened.evaluate(LOOSE) == []


def test_all_fits_on_paper(opened):
    opened.emulate_media(media="print")
    assert wide(opened, PAPER) == []
    opened.emulate_media(media="screen")
