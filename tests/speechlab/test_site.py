"""Each page of the built book, opened in a browser and used the way a reader uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from building import ROOT, toc_pages

pytestmark = pytest.mark.browser
AXE = ROOT / "book" / "vendor" / "axe" / "axe.min.js"

# What a control shows: the addresses of its figures and sounds, and its words.
SHOWN = """handle => {
  const panel = handle.closest('.speech-explore').lastElementChild;
  const media = [...panel.querySelectorAll('img, audio')].map(element => element.currentSrc);
  return [...media, panel.innerText].join(' ');
}"""


@dataclass
class Opened:
    """A page in the browser, and all that it asked for and complained about."""

    name: str
    page: Any
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Note requests, failures, errors in the console and errors that nothing caught."""
        note = self.complaints.append
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: note(f"uncaught: {error}"))
        self.page.on(
            "console",
            lambda message: note(f"console: {message.text}") if message.type == "error" else None,
        )
        self.page.on(
            "response",
            lambda answer: note(f"{answer.status}: {answer.url}") if answer.status >= 400 else None,
        )


@pytest.fixture(scope="module", params=toc_pages())
def opened(request, browser, address) -> Iterator[Opened]:
    """One page, opened once for all tests of it."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(30_000)
    opened = Opened(request.param, page, address)
    opened.listen()
    page.goto(f"{address}{request.param}.html")
    page.wait_for_load_state("load")
    page.evaluate("async () => window.MathJax && await window.MathJax.startup.promise")
    views = page.locator('script[type="application/vnd.jupyter.widget-view+json"]').count()
    if views:
        page.wait_for_function(
            "n => document.querySelectorAll('.widget-subarea > .jupyter-widgets').length >= n",
            arg=views,
        )
    # Figures load when they come near; come near to all of them.
    page.evaluate("""async () => {
      for (const image of document.images) { image.loading = 'eager'; }
      await Promise.all([...document.images].map(image => image.decode().catch(() => {})));
    }""")
    page.wait_for_load_state("networkidle")
    yield opened
    page.close()


def test_formulas_are_rendered(opened):
    bare = opened.page.evaluate("""() => [...document.querySelectorAll('.math')]
        .filter(node => !node.querySelector('mjx-container')).map(node => node.textContent)""")
    assert bare == []
    assert opened.page.locator("mjx-merror, [data-mjx-error]").count() == 0
    left = opened.page.evaluate(r"""() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const raw = [];
      for (let node; (node = walker.nextNode());) {
        if (node.parentElement.closest('pre, code, script, style')) continue;
        if (/\\[(\[]|\$\$/.test(node.textContent)) raw.push(node.textContent.trim());
      }
      return raw;
    }""")
    assert left == []


def test_pictures_are_there_and_described(opened):
    images = opened.page.evaluate("""() => [...document.images].map(
        ({ currentSrc, src, alt, naturalWidth }) => [currentSrc || src, alt, naturalWidth])""")
    assert [src for src, _, width in images if not width] == []
    assert [src for src, alt, _ in images if not alt.strip()] == []


def test_controls_answer_to_the_keyboard(opened):
    page = opened.page
    widgets = page.locator('script[type="application/vnd.jupyter.widget-view+json"]').count()
    assert page.locator(".speech-explore").count() == widgets
    for slider in page.locator('.speech-explore [role="slider"]').all():
        assert (slider.get_attribute("aria-label") or "").strip()
        before, position = slider.evaluate(SHOWN), slider.get_attribute("aria-valuetext")
        _tab_to(page, slider)
        page.keyboard.press("ArrowRight")
        _wait_for_change(page, slider, before)
        assert slider.get_attribute("aria-valuetext") != position
        page.keyboard.press("End")
        _wait_for_pictures(page, slider)
        page.keyboard.press("Home")
        page.wait_for_function(
            f"([handle, before]) => ({SHOWN})(handle) === before",
            arg=[slider.element_handle(), before],
        )


def test_sounds_play(opened):
    players = opened.page.locator("audio")
    for player in players.all():
        assert (player.get_attribute("aria-label") or "").strip()
        seconds = player.evaluate("""async player => {
          player.scrollIntoView();
          player.muted = true;
          await player.play();
          const begun = performance.now();
          while (player.currentTime === 0 && performance.now() - begun < 15000) {
            await new Promise(resolve => setTimeout(resolve, 20));
          }
          player.pause();
          return player.currentTime;
        }""")
        assert seconds > 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible(opened, theme):
    opened.page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    opened.page.wait_for_timeout(400)  # colours fade from one theme to the other
    if not opened.page.evaluate("() => 'axe' in window"):
        # Not as a script of the page: RequireJS would take it for a module.
        opened.page.evaluate(f"() => {{ const define = undefined; {AXE.read_text('utf-8')} }}")
    # Without preloading, which asks for style sheets at addresses that are none.
    found = opened.page.evaluate("""async () => {
      const rules = { 'label-content-name-mismatch': { enabled: true } };
      const { violations, incomplete } = await axe.run({ preload: false, rules });
      // Text in the colour of its ground counts as unsure there, and as a fault here.
      for (const rule of incomplete) {
        rule.nodes = rule.nodes.filter(
          ({ any }) => any.some(({ data }) => data?.messageKey === 'equalRatio'));
        if (rule.nodes.length) violations.push(rule);
      }
      return violations;
    }""")
    grave = [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]}"
        for rule in found
        for node in rule["nodes"]
        if rule["impact"] in ("serious", "critical")
        or rule["id"] in ("region", "label-content-name-mismatch")
    ]
    assert grave == []


def test_neighbours_are_linked(opened):
    pages = toc_pages()
    place = pages.index(opened.name)
    for side, other in ((".left-prev", place - 1), (".right-next", place + 1)):
        link = opened.page.locator(f".prev-next-area {side}")
        if 0 <= other < len(pages):
            assert link.get_attribute("href") == f"{Path(pages[other]).name}.html"
        else:
            assert link.count() == 0


def test_downloads_are_notebooks(opened):
    links = opened.page.locator(".bd-article a.download")
    exercises = ROOT / "exercises" / Path(opened.name).name
    assert links.count() or not exercises.is_dir()
    for link in links.all():
        answer = opened.page.request.get(link.evaluate("a => a.href"))
        assert answer.ok and answer.json()["nbformat"] == 4


# The last test of a page, so that it covers what the others caused.
def test_nothing_outside_and_no_errors(opened):
    outside = [
        url
        for url in opened.requests
        if not url.startswith((opened.address, "data:", "blob:", "about:"))
    ]
    assert outside == []
    assert opened.complaints == []


def test_search_finds_a_chapter(browser, address):
    page = browser.new_page()
    opened = Opened("search", page, address)
    opened.listen()
    page.goto(f"{address}search.html?q=spectrum")
    page.wait_for_selector("#search-results li a")
    targets = [link.get_attribute("href") for link in page.locator("#search-results li a").all()]
    page.close()
    assert any(re.match(r"(\./)?book/\w+\.html", target) for target in targets)
    assert [url for url in opened.requests if not url.startswith(address)] == []
    assert opened.complaints == []


def test_figures_are_legible_in_the_dark(browser, address):
    page = browser.new_page(color_scheme="dark")
    page.goto(f"{address}{toc_pages()[0]}.html")
    image = page.locator(".speech-picture img").first
    image.wait_for()
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    assert image.evaluate("i => getComputedStyle(i).backgroundColor") == "rgb(255, 255, 255)"
    background = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    page.close()
    assert max(int(part) for part in re.findall(r"\d+", background)[:3]) < 80


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_scrolls_sideways(browser, address, width):
    page = browser.new_page(viewport={"width": width, "height": 844})
    wide = []
    for name in toc_pages():
        page.goto(f"{address}{name}.html")
        page.wait_for_load_state("networkidle")
        if page.evaluate("() => document.documentElement.scrollWidth > innerWidth + 1"):
            wide.append(name)
    page.close()
    assert wide == []


def _tab_to(page, slider) -> None:
    """Reach the slider with the Tab key from the element before it."""
    slider.evaluate("""handle => {
      const stop = document.createElement('span');
      stop.tabIndex = 0;
      handle.before(stop);
      stop.focus();
    }""")
    page.keyboard.press("Tab")
    assert slider.evaluate("handle => document.activeElement === handle")
    slider.evaluate("handle => handle.previousElementSibling.remove()")


def _wait_for_change(page, slider, before: str) -> None:
    page.wait_for_function(
        f"([handle, before]) => ({SHOWN})(handle) !== before",
        arg=[slider.element_handle(), before],
    )
    _wait_for_pictures(page, slider)


def _wait_for_pictures(page, slider) -> None:
    page.wait_for_function(
        """handle => [...handle.closest('.speech-explore').querySelectorAll('img')]
             .every(image => image.complete && image.naturalWidth > 0)""",
        arg=slider.element_handle(),
    )
