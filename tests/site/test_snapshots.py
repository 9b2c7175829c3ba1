"""A control in a built page: its settings, and what it does under the hands of a reader."""

from __future__ import annotations

import gzip
import io
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from speechlab import explore, picture, sound
from speechlab.show import media
from speechlab.speech import synthesis
from tests.support.building import ROOT, served
from tests.support.settled import until

RATE = 8000
WEB = ROOT / "book" / "speechlab" / "web"


@pytest.fixture
def book(tmp_path, monkeypatch) -> Path:
    """The folder of a page; its media go where the page finds them."""
    monkeypatch.setenv(media.VARIABLE, str(tmp_path / media.FOLDER))
    return tmp_path


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page)).strip()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_every_setting_is_in_the_page_in_order(book, count):
    values = {"a": [1, 2, 3], "b": ["x", "y"], "c": [0.5, 0.25]}
    chosen = dict(list(values.items())[:count])
    control = explore(lambda **given: " ".join(map(str, given.values())), **chosen)
    expected = [""]
    for options in chosen.values():
        expected = [f"{before} {value}".strip() for before in expected for value in options]
    assert [text(setting) for setting in control.settings] == expected
    page = control._repr_html_()
    inside = re.findall(r'<template data-setting="(\d+)">(.*?)</template>', page, re.DOTALL)
    assert [(int(n), text(setting)) for n, setting in inside] == list(enumerate(expected))[1:]


def test_it_opens_at_start_and_says_so_without_a_script(book):
    control = explore(
        lambda a, b: f"shown {a} {b}", start={"a": 2, "b": "z"}, a=[1, 2], b=list("xyz")
    )
    page = control._repr_html_()
    assert control.start == 5 and 'data-start="5"' in page
    panel = page.split('<div class="speech-panel">')[1].split("</div>")[0]
    assert text(panel) == "shown 2 z"
    assert "a: 2; b: z" in re.search("<noscript>(.*?)</noscript>", page).group(1)
    assert page.count("disabled") == 4  # dead controls do not look alive


def test_numbers_are_a_scale_few_texts_buttons_and_many_a_list(book):
    page = explore(lambda n, few, many: "x", n=[1, 5], few=list("abcde"), many=list("abcdef"))
    page = page._repr_html_()
    assert page.count('type="range"') == 1 and page.count('type="radio"') == 5
    assert page.count("<select") == 1 and page.count("<option") == 6
    mapped = explore(lambda n: "x", n={"none": 0, "some": 1})._repr_html_()
    assert "range" not in mapped and mapped.count('type="radio"') == 2


def test_words_are_escaped_and_names_unique(book):
    page = explore(lambda a: "x", {"a": "<b>&"}, a=['"', "<i>"])._repr_html_()
    assert "<b>" not in page and "<i>" not in page and "&lt;b&gt;&amp;" in page
    other = explore(lambda a: "x", a=[1, 2])._repr_html_()
    assert not set(re.findall(r'(?:name|id)="([^"]+)"', page)) & set(
        re.findall(r'(?:name|id)="([^"]+)"', other)
    )


def test_the_control_says_that_it_changed_levels(book):
    def shown(level):
        return sound(synthesis.tone(500, level=level, seconds=0.3, rate=RATE), RATE, "A tone.")

    assert "one level" in explore(shown, level=[-40, -20])._repr_html_()
    loud = explore(shown, level_by="level", level=[-40, -20])._repr_html_()
    assert "one level" not in loud and "data-loud" in loud
    assert re.findall(r'data-level="([^"]+)"', loud) == ["-40.0", "-20.0"]


# Records what reaches the loudspeaker, on the thread that makes it (which loses no sample where the
# page is slow), and when on that thread's clock a sound begins at which place of it. The recorder
# takes a while to load; the page gets a context that has one, so that no sound plays unrecorded.
LISTEN = """() => {
  window.heard = []; window.begun = [];
  const connect = AudioNode.prototype.connect;
  const context = new AudioContext();
  context.suspend();
  const ear = `registerProcessor("ear", class extends AudioWorkletProcessor {
    process([[samples]]) {
      this.port.postMessage(samples ?? new Float32Array(128));
      return true;
    }
  });`;
  const address = URL.createObjectURL(new Blob([ear], { type: "text/javascript" }));
  context.audioWorklet.addModule(address).then(() => {
    const node = new AudioWorkletNode(context, "ear", { numberOfOutputs: 1 });
    node.port.onmessage = ({ data }) => window.heard.push(...data);
    connect.call(node, context.destination);
    AudioNode.prototype.connect = function (target, ...rest) {
      return connect.call(this, target === context.destination ? node : target, ...rest);
    };
    window.AudioContext = function () { return context; };
    window.listening = true;
  });
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (when, offset) {
    window.begun.push([when, offset]);
    return start.call(this, when, offset);
  };
}"""
SECONDS = 8  # of a steady sound: on a slow machine, too, it plays still when something is asked


@pytest.fixture
def opened(book, browser):
    """A page with a control of steady sounds and one of levels, in a browser."""

    def steady(level, kind):
        samples = np.full(SECONDS * RATE, 0.3 + 0.1 * level)
        return [sound(samples, RATE, f"Number {level}, {kind}."), f"text {level} {kind}"]

    def louder(decibels):
        return sound(synthesis.tone(300, decibels, 2, RATE), RATE, f"{decibels} dB.")

    first = explore(
        steady, {"level": "Level"}, start={"level": 2}, level=[1, 2, 3, 4], kind=["p", "q"]
    )
    names = {"decibels": "Decibels"}
    second = explore(louder, names, level_by="decibels", decibels=[-40, -30, -20, -10])
    many = explore(lambda m: f"many {m}", m=list("abcdefg"))
    (book / "web").symlink_to(WEB)
    drawn = picture(plt.figure(figsize=(3, 2)), "Nothing.")
    body = "".join(part._repr_html_() for part in (first, second, many, drawn))
    (book / "page.html").write_text(
        '<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>x</title>'
        '<link rel="icon" href="web/icon.svg"><link rel="stylesheet" href="web/icons.css">'
        '<link rel="stylesheet" href="web/speechlab.css">'
        f'<script defer src="web/explore.js"></script><body class="bd-content">{body}',
        encoding="utf-8",
    )
    with served(book) as address:
        page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
        page.asked, page.complaints = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.add_init_script(f"({LISTEN})()")
        page.goto(f"{address}page.html")
        page.address = address
        page.wait_for_function("() => window.listening")
        yield page
        assert page.complaints == []
        page.close()


@pytest.mark.browser
def test_the_keyboard_moves_it_and_speaks(opened):
    scale = opened.get_by_label("Level", exact=True)
    scale.focus()
    opened.keyboard.press("ArrowRight")
    assert scale.get_attribute("aria-valuetext") == "3"
    assert opened.locator(".speech-text").first.inner_text() == "text 3 p"
    opened.get_by_label("p", exact=True).focus()
    opened.keyboard.press("ArrowRight")
    assert opened.locator(".speech-text").first.inner_text() == "text 3 q"
    assert opened.get_by_role("group", name="Number 3, q.").count() == 1
    opened.get_by_label("Level", exact=True).focus()
    opened.keyboard.press("Home")
    assert opened.locator(".speech-text").first.inner_text() == "text 1 q"
    opened.get_by_label("m", exact=True).select_option(label="f")
    assert opened.locator(".speech-text").last.inner_text() == "many f"


@pytest.mark.browser
def test_a_finger_moves_it(opened):
    box = opened.get_by_label("Level", exact=True).bounding_box()
    opened.touchscreen.tap(box["x"] + box["width"] - 5, box["y"] + box["height"] / 2)
    assert opened.locator(".speech-text").first.inner_text() == "text 4 p"
    opened.get_by_text("q", exact=True).tap()
    assert opened.locator(".speech-text").first.inner_text() == "text 4 q"


@pytest.mark.browser
def test_no_sound_is_loaded_before_a_reader_comes_near_and_then_the_neighbours_are(opened):
    opened.wait_for_timeout(200)
    assert not [url for url in opened.asked if url.endswith(".flac")]
    opened.get_by_label("Level", exact=True).focus()
    until(opened, lambda: sum(url.endswith(".flac") for url in opened.asked) >= 3)
    opened.wait_for_load_state("networkidle")
    assert all(url.startswith(opened.address) for url in opened.asked)


@pytest.mark.browser
def test_a_playing_sound_goes_on_where_it_was_without_a_click(opened):
    opened.get_by_role("button", name="Play").first.click()
    heard = "() => window.heard.filter(x => Math.abs(x) > 0.3).length"
    opened.wait_for_function(f"() => ({heard})() > 0.35 * 44100")
    opened.get_by_label("Level", exact=True).focus()
    opened.keyboard.press("ArrowRight")
    opened.wait_for_function("() => window.begun.length === 2")
    (first, at), (second, place) = opened.evaluate("() => window.begun")
    assert at == 0 and place > 0.3
    assert place == pytest.approx(second - first, abs=0.01)
    opened.wait_for_function("() => window.heard.slice(-2000).every(x => x > 0.58)")
    opened.get_by_role("button", name="Pause").first.click()
    opened.wait_for_function("() => window.heard.at(-1) === 0")
    heard = np.array(opened.evaluate("() => window.heard"))
    assert heard.max() == pytest.approx(0.6, abs=0.03) and heard[-1] == 0
    # Levels of 0.5 and 0.6 come and go over 5 ms, 220 samples or more: no step is larger than
    # what that leaves for one sample (and the quantum at which a ramp may begin).
    assert np.abs(np.diff(heard)).max() < 0.6 / (0.005 * 44100) * 4


@pytest.mark.browser
def test_the_loop_switch_keeps_it_playing(opened):
    opened.get_by_label("Loop").first.check()
    opened.get_by_label("Position in the sound").first.evaluate(
        "slider => { slider.value = 7.8; slider.dispatchEvent(new Event('input')); }"
    )
    opened.get_by_role("button", name="Play").first.click()
    opened.wait_for_timeout(900)
    assert opened.get_by_role("button", name="Pause").count() == 1
    opened.get_by_label("Loop").first.uncheck()
    opened.wait_for_function("() => !document.querySelector('.speech-play.playing')")


@pytest.mark.browser
def test_nothing_is_loud_before_the_volume_is_set(opened):
    scale = opened.get_by_label("Decibels", exact=True)
    scale.focus()
    opened.keyboard.press("End")
    opened.get_by_label("Loop").nth(1).check()
    opened.get_by_role("button", name="Play", exact=True).nth(1).click()
    opened.wait_for_function("() => window.heard.filter(x => Math.abs(x) > 0.01).length > 10_000")
    before = opened.evaluate("() => Math.max(...window.heard)")
    assert before == pytest.approx(10 ** (-34 / 20), rel=0.1)  # 6 dB above the level at start
    opened.get_by_role("button", name="My volume is set").click()
    opened.wait_for_function("() => window.heard.slice(-400).some(x => x > 0.312)")
    after = np.abs(opened.evaluate("() => window.heard"))
    assert after.max() == pytest.approx(10 ** (-10 / 20), rel=0.1)
    assert opened.locator(".speech-volume").count() == 0
    assert opened.get_by_label("Decibels", exact=True).evaluate("s => s === document.activeElement")


@pytest.mark.browser
def test_the_tone_is_as_loud_as_it_says(opened):
    opened.get_by_role("button", name="Play the tone").click()
    opened.wait_for_function("() => window.heard.filter(x => Math.abs(x) > 0.01).length > 18_000")
    opened.get_by_role("button", name="Stop the tone").click()
    heard = opened.evaluate("() => window.heard")
    assert np.abs(heard).max() == pytest.approx(10 ** (-30 / 20), rel=0.05)


@pytest.mark.browser
def test_targets_are_large_enough(opened):
    sizes = opened.evaluate("""() => [...document.querySelectorAll(
        '.speech-explore :is(input, select, button)')].map(element => {
          const { width, height } = element.getBoundingClientRect();
          return [element.type, width, height];
        })""")
    assert len(sizes) > 10
    assert [size for size in sizes if min(size[1:]) < 24] == []


@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_handle_and_groove_stand_out(opened, theme):
    colours = opened.evaluate(
        """theme => {
          document.documentElement.dataset.theme = theme;
          const style = getComputedStyle(document.querySelector('.speech-explore'));
          return ['--mark', '--groove'].map(name => style.getPropertyValue(name).trim());
        }""",
        theme,
    )
    ground = {"light": (255, 255, 255), "dark": (18, 18, 18)}[theme]  # the theme's own grounds
    for colour in colours:
        assert contrast(tuple(bytes.fromhex(colour.removeprefix("#"))), ground) >= 3


def contrast(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """The ratio of WCAG 2 between two colours of 8 bits a channel."""
    light = []
    for colour in (one, other):
        parts = np.array(colour) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        light.append(linear @ [0.2126, 0.7152, 0.0722])
    return (max(light) + 0.05) / (min(light) + 0.05)


@pytest.mark.browser
def test_without_a_script_the_first_setting_and_a_note_are_there(opened, browser):
    page = browser.new_page(java_script_enabled=False)
    page.goto(f"{opened.address}page.html")
    assert page.locator(".speech-text").first.inner_text() == "text 2 p"
    assert "needs JavaScript" in page.locator(".speech-explore").first.inner_text()
    assert page.locator(".speech-explore").first.locator("audio[controls]").count() == 1
    page.close()


@pytest.mark.browser
def test_figures_move_without_an_audio_output(opened):
    opened.evaluate(
        "() => { window.AudioContext = function () { throw new Error('no device'); }; }"
    )
    scale = opened.get_by_label("Level", exact=True)
    scale.focus()
    opened.keyboard.press("ArrowRight")
    assert opened.locator(".speech-text").first.inner_text() == "text 3 p"


@pytest.mark.browser
def test_a_sound_that_is_gone_leaves_a_player_that_can_be_used(opened, book):
    for lost in (book / media.FOLDER).iterdir():
        lost.unlink()
    opened.get_by_role("button", name="Play").first.click()
    opened.wait_for_function("() => !document.querySelector('.speech-play.playing')")


@pytest.mark.browser
@pytest.mark.parametrize("colours", ["active", "none"])
def test_in_forced_colours_a_control_is_still_seen(opened, colours):
    opened.emulate_media(forced_colors=colours)
    seen = Image.open(io.BytesIO(opened.get_by_label("Level", exact=True).screenshot()))
    seen = seen.convert("RGB")
    ground = seen.getpixel((1, 1))
    assert max(contrast(colour, ground) for _, colour in seen.getcolors(100_000)) >= 3


@pytest.mark.browser
def test_in_forced_colours_figures_keep_a_ground(opened):
    """The figure for a dark page has none, and the system's ground may be white."""
    opened.evaluate("document.documentElement.dataset.theme = 'dark'")
    image = "document.querySelector('img[data-dark]')"
    for forced, which in (("none", "dark"), ("active", "light"), ("none", "dark")):
        opened.emulate_media(forced_colors=forced)
        opened.wait_for_function(f"() => {image}.src.endsWith({image}.dataset.{which})")


def test_the_script_is_small():
    assert len(gzip.compress((WEB / "explore.js").read_bytes())) < 6_000
