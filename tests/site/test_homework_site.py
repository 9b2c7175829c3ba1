"""The assignment pages of the whole book, at the width of a phone."""

from __future__ import annotations

import pytest

from tests.support.homework_pages import EVERY

pytestmark = pytest.mark.browser
LEFT = r"""() => {
  const root = document.querySelector('.homework');
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const raw = [];
  for (let node; (node = walker.nextNode());) {
    if (node.parentElement.closest('pre, code, script, .cm-editor')) continue;
    if (/\\[(\[]|\$/.test(node.textContent)) raw.push(node.textContent.trim());
  }
  return raw;
}"""
PARTS = "mjx-container, pre, table, .cm-editor, .homework-bar"
WIDE = """parts => [...document.querySelectorAll(parts)]
  .filter(one => one.offsetParent && one.getBoundingClientRect().right > innerWidth + 1)
  .map(one => one.outerHTML.slice(0, 100))"""


@pytest.mark.parametrize("topic", EVERY)
def test_formulas_are_set_and_everything_fits(browser, address, topic):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    complaints, requests = [], []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{address}homework/{topic}.html")
    page.locator(".homework[data-ready]").wait_for()
    page.evaluate("async () => window.MathJax && await window.MathJax.startup.promise")
    page.wait_for_timeout(100)  # fit.js lays out formulas
    assert page.locator("mjx-merror, [data-mjx-error]").count() == 0
    assert page.evaluate(LEFT) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 391
    assert page.evaluate(WIDE, PARTS) == []
    page.close()
    assert complaints == []
    assert [url for url in requests if not url.startswith((address, "data:", "blob:"))] == []
