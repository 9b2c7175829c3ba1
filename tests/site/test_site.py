"""Each page of the built book, opened in a browser and used the way a reader uses it."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from speechlab.show.themes import NARROW
from tests.support.building import ROOT, toc_pages
from tests.support.settled import wear

pytestmark = pytest.mark.browser
AXE = ROOT / "book" / "vendor" / "axe" / "axe.min.js"

# What a control shows: the addresses of its figures and sounds, and its words.
SHOWN = """handle => {
  const panel = handle.closest('.speech-explore').querySelector('.speech-panel');
  const figures = [...panel.querySelectorAll('img')].map(image => image.src);
  const sounds = [...panel.querySelectorAll('.speech-player')].map(face => face.ariaLabel);
  return [...figures, ...sounds, panel.textContent].join(' ');
}"""


# Of each control: whether level is its subject, how many settings its parameters have, and the
# levels of the sounds of each setting.
LEVELS = """() => [...document.querySelectorAll('.speech-explore')].map(box => {
  const shape = [...box.querySelectorAll('.speech-control')].map(control =>
    control.querySelectorAll('[type=radio], option').length
    || Number(control.querySelector('[type=range]').max) + 1);
  const templates = [...box.querySelectorAll(':scope > template')];
  const levels = templates.map(({ content }) =>
    [...content.querySelectorAll('audio')].map(audio => Number(audio.dataset.level)));
  const start = Number(box.dataset.start);
  levels.splice(start, 0, levels[start] ?? levels[start - 1]);
  const even = levels.every(({ length }) => length === levels[0].length);
  return ['loud' in box.dataset, shape, even ? levels : []];
})"""
# Keeps one token of code of each kind and surroundings, the others' letters without their colour:
# thousands that look alike are most of what axe would look at.
ONE_TOKEN_EACH = """() => {
  const kept = new Set();
  for (const token of document.querySelectorAll('.highlight span[class]:not(:has(*))')) {
    const around = token.closest('.highlight').parentElement.parentElement.className;
    const kind = `${token.className} in ${around}`;
    if (!kept.has(kind) && token.checkVisibility()) kept.add(kind);
    else token.replaceWith(token.textContent);
  }
}"""
INSTRUMENT = re.compile(
    r'<figure class="speech-instrument".*?<script type="application/json"(.*?)</script>', re.DOTALL
)
MOST = 1_000_000  # bytes of a page, as gzip sends it, before media are asked for


@dataclass
class Opened:
    """A page in the browser, and all that it asked for and complained about."""

    name: str
    page: Any
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    first: list[str] = field(default_factory=list)  # requests before anything was done

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
    opened = Opened(request.param, page, address)
    opened.listen()
    page.goto(f"{address}{request.param}.html")
    page.wait_for_load_state("load")
    page.evaluate("async () => window.MathJax && await window.MathJax.startup.promise")
    opened.first = list(opened.requests)
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


def test_equations_are_numbered_from_one(opened):
    numbers = opened.page.locator(".eqno").evaluate_all(
        "all => all.map(one => Number(one.textContent.match(/[0-9]+/)[0]))"
    )
    assert numbers == list(range(1, len(numbers) + 1))


def test_pictures_are_there_and_described(opened):
    images = opened.page.evaluate("""() => [...document.images].map(
        ({ currentSrc, src, alt, naturalWidth }) => [currentSrc || src, alt, naturalWidth])""")
    assert [src for src, _, width in images if not width] == []
    assert [src for src, alt, _ in images if not alt.strip()] == []


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_does_not_scroll_sideways(opened, width):
    opened.page.set_viewport_size({"width": width, "height": 900})
    assert opened.page.evaluate("() => document.documentElement.scrollWidth") <= width + 1


def test_controls_answer_to_the_keyboard(opened):
    page = opened.page
    for control in page.locator(".speech-explore .speech-control").all():
        assert control.locator("label, legend").first.text_content().strip()
        chosen = control.locator("input[type=range], select, :checked").first
        before = chosen.evaluate(SHOWN)
        _tab_to(page, control, chosen)
        last = chosen.evaluate("""input => Number(input.value) === (input.tagName === 'SELECT'
          ? input.length : input.type === 'range' ? Number(input.max) + 1 : Infinity) - 1""")
        page.keyboard.press(
            "ArrowUp"
            if last and chosen.evaluate("i => i.type !== 'range'")
            else "ArrowLeft"
            if last
            else "ArrowDown"
        )
        if before == control.evaluate(SHOWN):  # a range goes down with that arrow
            page.keyboard.press("ArrowRight")
        assert control.evaluate(SHOWN) != before
        if spoken := chosen.get_attribute("aria-valuetext"):
            assert spoken == control.locator("output").text_content()
        _wait_for_pictures(page, control)


def test_levels_do_not_jump(opened):
    controls = opened.page.evaluate(LEVELS)
    assert len(controls) == opened.page.locator(".speech-explore").count()
    for loud, shape, found in controls:
        if loud or not found:
            continue
        for place in range(len(found[0])):
            given = np.array([levels[place] for levels in found]).reshape(shape)
            given = np.where(given > -150, given, np.nan)
            for axis in range(given.ndim):
                assert np.nanmax(np.abs(np.diff(given, axis=axis)), initial=0) <= 6.1


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
    for player in opened.page.locator(".speech-player").all():
        assert (player.get_attribute("aria-label") or "").strip()
        player.get_by_role("button", name="Play").click()
        time = player.locator(".speech-time")
        start = time.text_content()
        opened.page.wait_for_function(
            "([time, start]) => time.textContent !== start", arg=[time.element_handle(), start]
        )
        # a short sound may have come to its end by itself
        player.evaluate("player => player.querySelector('.speech-play.playing')?.click()")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessible(opened, theme):
    wear(opened.page, theme)
    if not opened.page.evaluate("() => 'axe' in window"):
        opened.page.evaluate(AXE.read_text("utf-8"))
        opened.page.evaluate(ONE_TOKEN_EACH)
    # Without preloading, which asks for style sheets at addresses that are none.
    found = opened.page.evaluate("""async () => {
      const rules = { 'label-content-name-mismatch': { enabled: true } };
      // Formulas are the library's: glyphs, and the same in MathML for readers of the screen.
      const there = { exclude: [['mjx-container > *']] };
      const { violations, incomplete } = await axe.run(there, { preload: false, rules });
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


def test_every_figure_is_made_for_both_themes(opened):
    """One that a cell leaves open is shown at its end, light on dark pages and without words."""
    assert opened.page.locator('.cell_output img[src*="_images/"]').count() == 0


def test_a_page_is_light(opened, site):
    """What a page asks for before anybody asks for media, and what is not among it."""
    # What a page makes for itself (a worker, to see whether there are any) is no file.
    names = [url for url in opened.first if "/_media/" not in url and not url.startswith("blob:")]
    assert not [n for n in names if re.search("fontawesome|require|html-manager|widgets", n)]
    files = [site / url.removeprefix(opened.address).split("?")[0] for url in names]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) < MOST
    source = files[0].read_text("utf-8")
    # An instrument draws the recording that it plays: that file is part of its picture, as are its
    # numbers where they are many.
    drawn = set(re.findall(r"[0-9a-f]+\.(?:wav|json)", "".join(INSTRUMENT.findall(source))))
    media = [url for url in opened.first if "/_media/" in url]
    asked = {url.rpartition("/")[2] for url in media if url.endswith((".wav", ".json"))}
    assert asked <= drawn
    heard = sum((site / "book" / "_media" / name).stat().st_size for name in asked)
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) + heard < MOST
    for heavy in ("fontawesome", "require.js", "application/vnd.jupyter.widget"):
        assert heavy not in source


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


@pytest.mark.parametrize(
    ("query", "chapter"),
    [("masking", "psychoacoustics"), ("forward backward", "hmm"), ("formant", "source_filter")],
)
def test_search_finds_the_chapter_of_a_word_first(browser, address, query, chapter):
    page = browser.new_page()
    page.goto(f"{address}search.html?q={query}")
    first = page.locator("#search-results li a").first
    first.wait_for()
    page.wait_for_timeout(1000)  # all results are in their places
    assert f"book/{chapter}.html" in first.get_attribute("href")
    page.close()


def test_the_title_page_leads_to_every_chapter(browser, address):
    page = browser.new_page()
    page.goto(f"{address}book/index.html")
    cards = page.locator(".speech-card")
    assert cards.count() == len(list((ROOT / "exercises").glob("*/*.ipynb")))
    for card in cards.all():
        assert card.locator("svg").count() == 1 and "minutes" in card.inner_text()
        links = card.locator("a").evaluate_all("all => all.map(a => a.href)")
        assert len(links) == 2 and links[1] == links[0].replace("/book/", "/homework/")
        assert all(page.request.get(link).ok for link in links)
    page.close()


def test_a_line_follows_the_sound_of_the_title_page(browser, address):
    page = browser.new_page()
    page.goto(f"{address}book/index.html")
    words = page.locator(".speech-words [data-at]")
    assert words.count() > 10 and words.last.is_visible()  # all there before anything plays
    page.locator(".speech-follow audio").evaluate(
        "player => { player.muted = true; player.play(); }"
    )
    page.wait_for_function("() => document.querySelectorAll('.reached').length >= 2")
    assert not words.last.is_visible() and page.locator(".speech-line").is_visible()
    page.close()


def test_figures_are_legible_in_the_dark(browser, address):
    page = browser.new_page(color_scheme="dark")
    page.goto(f"{address}{toc_pages()[0]}.html")
    image = page.locator(".speech-picture img").first
    image.wait_for()
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    assert image.evaluate("i => i.getAttribute('src') === i.dataset.dark")
    address = image.evaluate("i => i.src")
    pixels = Image.open(io.BytesIO(page.request.get(address).body())).convert("RGBA")
    grey = np.asarray(pixels.convert("LA"))
    drawn = grey[..., 0][grey[..., 1] == 255]  # letters and lines; the ground is the page's
    assert (grey[..., 1] == 0).mean() > 0.1 and np.percentile(drawn, 99) > 200
    background = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    page.close()
    assert max(int(part) for part in re.findall(r"\d+", background)[:3]) < 80


def test_figures_are_as_wide_on_a_phone_as_their_type_needs(browser, address):
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto(f"{address}book/lpc.html")
    widths = page.locator(".speech-picture img:visible").evaluate_all(
        "all => all.map(image => [image.clientWidth, Number(image.getAttribute('width'))])"
    )
    page.close()
    assert len(widths) > 3
    assert all(shown >= min(NARROW, whole) for shown, whole in widths)


def test_figures_follow_the_theme_also_in_controls(browser, address):
    page = browser.new_page()
    opened = Opened("lpc", page, address)
    opened.listen()
    page.goto(f"{address}book/lpc.html")
    control = page.locator(".speech-explore:has(img)").first
    figure = control.locator("img").first
    light, dark = figure.get_attribute("src"), figure.get_attribute("data-dark")
    assert light != dark
    assert not any(url.endswith(dark) for url in opened.requests)
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(
        "([i, src]) => i.getAttribute('src') === src", arg=[figure.element_handle(), dark]
    )
    chosen = control.locator("input[type=range], select, :checked").first
    chosen.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([i, src]) => i.getAttribute('src') !== src", arg=[figure.element_handle(), dark]
    )
    assert figure.get_attribute("src") == figure.get_attribute("data-dark")
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    page.wait_for_function("i => i.src.endsWith(i.dataset.light)", arg=figure.element_handle())
    assert figure.get_attribute("src") not in (light, dark)
    page.close()


def _tab_to(page, control, chosen) -> None:
    """Reach what is chosen of a control with the Tab key from the element before it."""
    control.evaluate("""control => {
      const stop = document.createElement('span');
      stop.tabIndex = 0;
      control.before(stop);
      stop.focus();
    }""")
    page.keyboard.press("Tab")
    assert chosen.evaluate("input => document.activeElement === input")
    control.evaluate("control => control.previousElementSibling.remove()")


def _wait_for_pictures(page, control) -> None:
    page.wait_for_function(
        """control => [...control.closest('.speech-explore').querySelectorAll('img')]
             .every(image => image.complete && image.naturalWidth > 0)""",
        arg=control.element_handle(),
    )
