"""On a phone: what stands beside what, and what is pushed aside."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def phone(browser):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    yield page
    page.close()


def test_symbols_are_not_pushed_aside(phone, address):
    phone.goto(f"{address}book/notation.html")
    phone.evaluate("async () => window.MathJax && await window.MathJax.startup.promise")
    over = phone.locator("#notation table").evaluate("t => t.parentElement.scrollWidth")
    assert over <= 358


def test_the_caption_of_a_table_that_is_pushed_aside_stays(phone, address):
    phone.goto(f"{address}book/learning.html")
    table = phone.locator(".speech-table:has(th:has-text('Trained on'))")
    over, left, right = table.evaluate("""table => {
      table.scrollLeft = 1000;
      const { left, right } = table.querySelector('caption span').getBoundingClientRect();
      return [table.scrollLeft, left, right];
    }""")
    assert over > 20 and left >= 0 and right <= 390


def test_the_value_of_a_control_stands_beside_its_name_and_its_range_below(phone, address):
    phone.goto(f"{address}book/celp.html")
    rows = phone.locator(".speech-control:has(> input[type=range])").evaluate_all("""all =>
      all.map(one => ["label", "output", "input"].map(part => {
        const { top, bottom, right } = one.querySelector(part).getBoundingClientRect();
        return [(top + bottom) / 2, right];
      }))""")
    assert len(rows) > 3
    for (name, name_ends), (value, value_ends), (slider, slider_ends) in rows:
        assert abs(name - value) < 8 and name_ends < value_ends <= slider_ends + 1
        assert slider > name + 15
