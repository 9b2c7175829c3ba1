"""Instruments: their numbers are the chapters', and they answer to keyboard, finger and voice."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator

import matplotlib
import numpy as np
import pytest
from instrument_pages import Chapter, Scripts, run_chapter, serve, write_page
from scipy import signal

matplotlib.use("agg")
import matplotlib.pyplot as plt

from speechlab import instrument, picture, sound
from speechlab.show import media
from speechlab.show.instruments import FOLDER, bundled, names
from speechlab.speech import synthesis

TOPICS = {"source_filter": ("formant_plane",)}
browser_test = pytest.mark.browser


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The site lies below another folder, as it does on most hosts."""
    folder = tmp_path_factory.mktemp("site") / "course"
    (folder / "book").mkdir(parents=True)
    return folder


@pytest.fixture(scope="session")
def chapters(folder) -> dict[str, Chapter]:
    """The chapters that have instruments, run as the book runs them, each with a page."""
    before = os.environ.get(media.VARIABLE)
    os.environ[media.VARIABLE] = str(folder / "book" / media.FOLDER)
    try:
        found = {topic: run_chapter(topic) for topic in TOPICS}
    finally:
        del os.environ[media.VARIABLE]
        if before is not None:
            os.environ[media.VARIABLE] = before
    plt.close("all")
    for topic, chapter in found.items():
        write_page(folder, topic, chapter)
    return found


@pytest.fixture(scope="session")
def place(folder, chapters) -> Iterator[str]:
    server = serve(folder.parent)
    yield f"http://127.0.0.1:{server.server_port}/course/"
    server.shutdown()


@pytest.fixture(scope="module")
def scripts(browser, place) -> Iterator[Scripts]:
    page = browser.new_page()
    page.goto(f"{place}book/source_filter.html")
    yield Scripts(page, place)
    page.close()


def close(ours, theirs, relative=1e-6) -> None:
    """The numbers of the page are those of Python, relative to the largest of them."""
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    assert ours.shape == theirs.shape
    assert np.max(np.abs(ours - theirs)) <= relative * np.max(np.abs(theirs))


# What `instrument` gives.


@pytest.fixture
def still():
    return picture(plt.subplots()[0], "How it begins.")


def test_the_book_gets_plain_html(still, tmp_path, monkeypatch):
    monkeypatch.setenv(media.VARIABLE, str(tmp_path))
    tone = sound(synthesis.tone(500), 8000, "A tone.")
    data = {"voice": tone, "row": np.arange(3), "words": "</script><b>"}
    page = instrument("formant_plane", still, "Try & hear.", **data)._repr_html_()
    assert 'data-instrument="formant_plane"' in page and "Try &amp; hear." in page
    assert 'alt="How it begins."' in page and "<noscript>" in page
    assert page.count("</script>") == 1 and 'src="http' not in page
    found = json.loads(re.search(r"<script[^>]*>(.*?)</script>", page).group(1))
    assert found["row"] == [0, 1, 2] and found["words"] == "</script><b>"
    assert (tmp_path / found["voice"]["wav"].split("/")[1]).read_bytes() == tone.wav
    assert len(media.referenced(page)) == 2  # so that the build ships sound and picture


def test_what_is_refused(still):
    for wrong, complaint, kind in (
        ({"name": "trombone"}, "formant_plane", ValueError),
        ({"caption": " "}, "caption", ValueError),
        ({"still": "a picture"}, "not with a str", TypeError),
        ({"data": np.nan}, "finite", ValueError),
        ({"data": object()}, "a object", TypeError),
    ):
        given = {"name": "formant_plane", "still": still, "caption": "Try."} | wrong
        with pytest.raises(kind, match=complaint):
            instrument(**given)


def test_every_instrument_is_in_a_chapter(chapters):
    placed = [name for chapter in chapters.values() for name in chapter.instruments]
    assert sorted(placed) == list(names())
    assert {topic: tuple(chapter.instruments) for topic, chapter in chapters.items()} == TOPICS


def test_modules_import_nothing_from_elsewhere():
    for path in FOLDER.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), path.name
    for name in names():
        assert "import " not in re.sub(r"//.*|/\*.*?\*/", "", bundled(name), flags=re.DOTALL)


# Numbers.


@browser_test
@pytest.mark.parametrize("formants", [(500, 1500), (270, 2290), (730, 1090), (880, 620)])
def test_the_response_of_the_tract(scripts, chapters, formants):
    four, rate = [*formants, 2600, 3500], 10_000
    sections = scripts.signals.resonances(four, [60, 90, 150, 200], rate)
    hertz, gain = chapters["source_filter"]["gain_of"](four)
    close(scripts.formant_plane.response(sections, hertz.tolist(), rate), gain)


@browser_test
def test_the_vowel_that_is_heard(scripts, chapters):
    four, rate = [500, 1500, 2600, 3500], 10_000
    source = chapters["source_filter"]["source"]
    sections = scripts.signals.resonances(four, [60, 90, 150, 200], rate)
    heard = scripts.formant_plane.vowel(source, sections)
    around = np.concatenate([source[-2000:], source])
    wanted = signal.sosfilt(synthesis.vocal_tract(four, rate=rate), around)[2000:]
    close(heard, synthesis.at_level(wanted, -20))
    # It can be repeated: what would follow the end is the beginning.
    again = signal.sosfilt(synthesis.vocal_tract(four, rate=rate), np.tile(source, 2))
    close(synthesis.at_level(again[len(source) :], -20), heard)


# In the page.


# Chromium's fake microphone says what the tests give it.
HEARD = """() => {
  const connect = AudioNode.prototype.connect;
  AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode) {
      window.tap = this.context.createAnalyser();
      window.tap.fftSize = 8192;
      connect.call(this, window.tap);
    }
    return connect.call(this, to, ...rest);
  };
  window.level = () => {
    const samples = new Float32Array(8192);
    window.tap?.getFloatTimeDomainData(samples);
    return Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / 8192);
  };
  window.frames = [];
  addEventListener("instrument-frame", ({ detail }) => window.frames.push(detail));
}"""


def open_page(browser, place, topic, script="", **options):
    """A chapter's instruments, all of them started, and what the page complained about."""
    page = browser.new_page(**{"viewport": {"width": 1280, "height": 900}} | options)
    page.set_default_timeout(20_000)
    page.complaints, page.requests = [], []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda request: page.requests.append(request.url))
    page.add_init_script(f"({HEARD})(); {script}")
    page.goto(f"{place}book/{topic}.html")
    for figure in page.locator("figure[data-instrument]").all():
        figure.scroll_into_view_if_needed()
        figure.locator(".instrument-words").wait_for()
        figure.locator(".instrument-still").wait_for(state="hidden")
    return page


EVERY = [(topic, name) for topic, there in TOPICS.items() for name in there]
every_instrument = pytest.mark.parametrize(("topic", "name"), EVERY)


@pytest.fixture
def opened(browser, place, topic, name):
    """The page of a topic, and one instrument of it."""
    page = open_page(browser, place, topic)
    yield page, page.locator(f'[data-instrument="{name}"]')
    assert page.complaints == []
    assert [url for url in page.requests if not url.startswith((place, "blob:", "data:"))] == []
    page.close()


PICTURE = """figure => [...figure.querySelectorAll('svg')].map(svg => svg.innerHTML).join()
  + [...figure.querySelectorAll('canvas')].map(canvas => canvas.toDataURL()).join()
  + figure.querySelector('.instrument-words').textContent"""


def changed(page, figure, before: str) -> None:
    page.wait_for_function(
        f"([figure, before]) => ({PICTURE})(figure) !== before",
        arg=[figure.element_handle(), before],
    )


@browser_test
@every_instrument
def test_by_keyboard(opened):
    page, figure = opened
    sliders = figure.locator('input[type="range"], [role="slider"]')
    assert sliders.count() >= 2
    for slider in sliders.all():
        if "Volume" in (slider.evaluate("e => e.labels?.[0].textContent ?? ''")):
            continue
        before = figure.evaluate(PICTURE)
        slider.focus()
        page.keyboard.press("ArrowRight")
        changed(page, figure, before)
        assert slider.get_attribute("aria-valuetext")
    play = figure.get_by_role("button", name="Play")
    play.focus()
    page.keyboard.press("Space")
    page.wait_for_function("() => window.level() > 1e-4")
    figure.get_by_role("button", name="Stop").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => window.level() === 0")
    page.wait_for_function(
        "figure => figure.querySelector('[role=status].instrument-spoken').textContent"
        " === figure.querySelector('.instrument-words').textContent",
        arg=figure.element_handle(),
    )


@browser_test
@every_instrument
def test_by_touch_on_a_phone(browser, place, topic, name):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    page = open_page(browser, place, topic, **phone)
    figure = page.locator(f'[data-instrument="{name}"]')
    before = figure.evaluate(PICTURE)
    pad = figure.locator(".pad, .instrument-slider:nth-of-type(3) input").first
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    page.touchscreen.tap(box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2)
    changed(page, figure, before)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    small = figure.evaluate("""figure =>
      [...figure.querySelectorAll('button, input, [role=slider]')]
        .filter(e => e.offsetParent !== null || e.ownerSVGElement)
        .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
        .filter(([, { width, height }]) => Math.min(width, height) < 24).map(([html]) => html)""")
    assert small == []
    assert page.complaints == []
    page.close()


@browser_test
@every_instrument
def test_a_frame_takes_at_most_sixteen_milliseconds(opened):
    _, figure = opened
    figure.get_by_role("button", name="Play").click()
    slider = figure.locator('input[type="range"]:not([aria-valuetext*="dB"])').first
    spent = slider.evaluate("""async slider => {
      window.frames = [];
      for (let k = 0; k <= 60; k += 1) {
        slider.value = Number(slider.min) + (slider.max - slider.min) * k / 60;
        slider.dispatchEvent(new Event('input'));
        await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
      }
      return window.frames;
    }""")
    assert len(spent) >= 30
    print(f"median {np.median(spent):.1f} ms, nine in ten within {np.quantile(spent, 0.9):.1f} ms")
    assert np.median(spent) <= 16


@browser_test
@every_instrument
def test_it_begins_quietly_and_stays_under_its_ceiling(opened):
    page, figure = opened
    figure.get_by_role("button", name="Play").click()
    page.wait_for_function("() => window.level() > 1e-4")
    page.wait_for_timeout(500)
    assert 20 * np.log10(page.evaluate("() => window.level()") * np.sqrt(2)) < -25
    sliders = figure.locator('input[type="range"]')
    for slider in sliders.all():
        slider.press("End")
    page.wait_for_timeout(500)
    peak = page.evaluate("""() => {
      const samples = new Float32Array(8192);
      window.tap.getFloatTimeDomainData(samples);
      return Math.max(...samples.map(Math.abs));
    }""")
    assert 0 < peak <= 0.5 + 1e-6


@browser_test
@pytest.mark.parametrize("topic", TOPICS)
def test_without_sound_output_the_picture_still_moves(browser, place, topic):
    page = open_page(browser, place, topic, "delete window.AudioContext;")
    for figure in page.locator("figure[data-instrument]").all():
        figure.get_by_role("button", name="Play").click()
        assert "no sound output" in figure.locator(".instrument-notice").inner_text()
        before = figure.evaluate(PICTURE)
        figure.locator('input[type="range"]').nth(1).press("ArrowRight")
        changed(page, figure, before)
    assert page.complaints == []
    page.close()


@browser_test
@pytest.mark.parametrize("topic", TOPICS)
def test_without_javascript_there_is_a_picture_and_a_note(browser, place, topic):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{place}book/{topic}.html")
    for figure in page.locator("figure[data-instrument]").all():
        assert figure.locator("img").first.get_attribute("alt")
        assert "JavaScript" in figure.locator("noscript").inner_text()
    context.close()


@browser_test
@every_instrument
def test_the_bundle_is_the_same_instrument(browser, place, chapters, topic, name):
    """As anywidget runs it: one module, at an address without neighbours."""
    page = browser.new_page()
    page.goto(f"{place}book/{topic}.html")
    words = page.evaluate(
        """async ([text, data]) => {
          const blob = new Blob([text], { type: 'text/javascript' });
          const { default: module } = await import(URL.createObjectURL(blob));
          const el = document.createElement('div');
          document.body.append(el);
          await module.render({ model: { get: (key) => ({ data })[key] }, el });
          await new Promise((resolve) => setTimeout(resolve, 300));
          return el.innerText;
        }""",
        [bundled(name), chapters[topic].instruments[name].data],
    )
    page.close()
    assert chapters[topic].instruments[name].data["caption"] in words and "Volume" in words
