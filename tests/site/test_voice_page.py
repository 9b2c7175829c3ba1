"""The page of one's own voice: Chromium's microphone says a digit, and Python listens to it."""

import io
import re

import numpy as np
import pytest
import soundfile
from scipy.signal import resample_poly

from speechlab import corpora, voice, wav
from speechlab.site.python import policy
from tests.conftest import launched
from tests.support.building import ROOT
from tests.support.instrument_pages import PAGE, serve
from tests.support.python_pages import make_site

pytestmark = pytest.mark.browser
AXE = ROOT / "book" / "vendor" / "axe" / "axe.min.js"
RAW = re.compile(r"^```\{raw\} html\n(.*?)^```", re.MULTILINE | re.DOTALL)
DIGIT = 7
SINGLE = {"vocoded": 1e-4, "by_network": 1e-4, "by_templates": 1e-4, "by_models": 1e-4}
# What has come so far: the recording, and values by result; arrays as plain lists.
LISTEN = """() => {
  const desk = document.querySelector(".voice-desk");
  const plain = (value) => ArrayBuffer.isView(value) ? Array.from(value)
    : Array.isArray(value) ? value.map(plain)
    : value && typeof value === "object"
      ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)])) : value;
  window.results = {};
  desk.addEventListener("voice-recording", ({ detail }) => {
    window.samples = Array.from(detail);
    window.results = {};
  });
  desk.addEventListener("voice-result", ({ detail: { key, values } }) => {
    window.results[key] = plain(values);
  });
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A site of this page alone, with Python, below another folder; without Sphinx."""
    above = tmp_path_factory.mktemp("site")
    site = above / "course"
    (site / "book").mkdir(parents=True)
    make_site(site)
    text = (ROOT / "book" / "your_voice.md").read_text(encoding="utf-8")
    word = corpora.digits("test", corpora.speakers()[0], DIGIT)[0]
    (site / "book" / "word.wav").write_bytes(wav.encoded(word.samples, word.rate))
    player = '<div class="speech-sound"><audio src="word.wav" aria-label="Seven."></audio></div>'
    page = PAGE.format("".join(RAW.findall(text)) + player)
    held = policy.with_policy(page)
    assert held != page and policy.PYTHON.search(page)
    (site / "book" / "your_voice.html").write_text(held, encoding="utf-8")
    return above


@pytest.fixture(scope="module")
def place(folder):
    server = serve(folder)
    yield f"http://127.0.0.1:{server.server_port}/course/"
    server.shutdown()


@pytest.fixture(scope="module")
def chromium(browser, tmp_path_factory):
    """A Chromium whose microphone hears a digit and a pause, for ever."""
    word = corpora.digits("test", corpora.speakers()[0], DIGIT)[0]
    heard = np.concatenate([np.zeros(2000), word.samples / np.abs(word.samples).max() / 2])
    heard = resample_poly(np.append(heard, np.zeros(12_000)), 6, 1)
    file = tmp_path_factory.mktemp("microphone") / "word.wav"
    file.write_bytes(wav.encoded(heard, 48_000))
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    flags.append(f"--use-file-for-fake-audio-capture={file}")
    with_voice = launched(browser.browser_type, *flags)
    yield with_voice
    with_voice.close()


@pytest.fixture(scope="module")
def page(chromium, place):
    """The page, with Python in one worker for all tests."""
    context = chromium.new_context()
    page = context.new_page()
    page.asked, page.complaints = [], []
    context.on("request", lambda request: page.asked.append(request.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(f"{place}book/your_voice.html")
    page.locator(".voice-record").wait_for()
    page.evaluate(LISTEN)
    yield page
    context.close()


def give(page, content, name="sound.wav"):
    """Choose a file of this content."""
    file = {"name": name, "mimeType": "audio/wav", "buffer": content}
    page.locator("input[type=file]").set_input_files(file)


def compared(ours, theirs, tolerance, name):
    """What came to the page against what the same function gives here."""
    if isinstance(theirs, dict):
        assert ours.keys() == theirs.keys(), name
        for key, value in theirs.items():
            compared(ours[key], value, tolerance, f"{name}.{key}")
    elif isinstance(theirs, bytes | str | list):
        assert ours == (list(theirs) if isinstance(theirs, bytes) else theirs), name
    elif np.ndim(theirs):
        assert ours["shape"] == list(np.shape(theirs)), name
        given = np.reshape(ours["data"], np.shape(theirs))
        size = max(1.0, np.max(np.abs(theirs), initial=0))
        assert np.allclose(given, theirs, rtol=0, atol=tolerance * size), name
    else:
        assert ours == pytest.approx(theirs, rel=tolerance, abs=tolerance), name


def test_a_digit_is_recognised_coded_and_said_again(page, place):
    page.get_by_role("button", name="Record", exact=True).press("Enter")
    page.get_by_role("button", name="Stop").wait_for()
    page.wait_for_timeout(2500)
    page.locator(".voice-record").press("Enter")
    page.get_by_text("All results are there.").wait_for()
    samples = np.array(page.evaluate("samples"))
    assert 1 < len(samples) / voice.RATE < 10
    results = page.evaluate("results")
    asked = {
        "look": ["look"],
        "spectrogram": ["spectrogram", "mfcc"],
        "formants": ["formants", "vowel_chart", "pitch"],
        "digits": ["by_models", "by_templates", "by_network"],
        "units": ["units"],
        "vocoded": ["vocoded"],
        "prediction": ["prediction"],
        "robot": ["robot"],
        "codec": ["codec"],
    }
    for key, names in asked.items():
        for name, ours in zip(names, results[key]):
            function = getattr(voice, name)
            theirs = function() if name == "vowel_chart" else function(samples)
            compared(ours, theirs, SINGLE.get(name, 1e-6), name)
    models, templates, network = results["digits"]
    for heard in (models, templates, network):
        assert DIGIT in heard["digits"]["data"]
    table = page.locator("[data-voice=digits] table").inner_text()
    assert "seven" in table
    for name in ("vocoded", "voices", "prediction", "robot", "codec", "recording"):
        player = page.locator(f"[data-voice={name}] audio").first
        assert player.evaluate("player => player.duration") > 1
        assert page.locator(f"[data-voice={name}] a[download]").first.is_visible()
    kept = "async () => [...new Uint8Array(await (await fetch(document.querySelector("
    kept += "'[data-voice=codec] a').href)).arrayBuffer())]"
    saved, rate = soundfile.read(io.BytesIO(bytes(page.evaluate(kept))))
    assert rate == voice.RATE and len(saved) == len(samples)
    assert saved == pytest.approx(voice.codec(samples)["samples"], abs=1e-4)
    outside = [url for url in page.asked if not url.startswith((place, "blob:", "data:"))]
    assert outside == [] and page.complaints == []


def test_the_page_works_without_a_network_once_it_has_begun(page):
    page.evaluate("() => { window.results = {}; }")
    page.context.set_offline(True)
    try:
        word = corpora.digits("test", digits=4)[0].samples
        give(page, wav.encoded(word, 8000))
        page.wait_for_function("() => results.codec")
        assert np.allclose(page.evaluate("samples"), word, rtol=0, atol=1e-4)
        assert page.locator(".voice-trouble").inner_text() == ""
    finally:
        page.context.set_offline(False)


def test_another_voice_can_be_chosen(page):
    before = page.locator("[data-voice=voices] audio").get_attribute("src")
    page.get_by_role("radio", name="cedar").check()
    page.get_by_text("in the voice cedar").wait_for()
    assert page.locator("[data-voice=voices] audio").get_attribute("src") != before


def test_axe_finds_nothing(page):
    page.evaluate(AXE.read_text())
    run = """async () => (await axe.run("main")).violations.map(
      ({ id, nodes }) => [id, nodes[0].html])"""
    found = page.evaluate(run)
    assert found == []


def sound_of(samples, rate=8000, **how):
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="WAV", **how)
    return buffer.getvalue()


TONE = 0.3 * np.sin(0.3 * np.arange(8000))


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "This file is empty."),
        (b"no sound at all", "This is no sound that the browser can read"),
        (sound_of(np.zeros(8000)), "Nothing is to be heard in this recording"),
        (sound_of(TONE[:800]), "only 0.10 s long: say a whole word"),
    ],
    ids=["empty", "text", "silence", "too short"],
)
def test_what_is_no_recording_is_refused_in_a_sentence(page, content, says):
    give(page, content)
    page.locator(".voice-trouble", has_text=says).wait_for()
    assert page.locator(".voice-waits").count() == 0
    assert page.complaints == []


def test_a_long_stereo_file_that_clips_is_cut_mixed_and_warned_of(page):
    loud = np.clip(4 * np.sin(0.02 * np.arange(600 * 11_025)), -1, 1)
    give(page, sound_of(np.stack([loud, loud], axis=1), 11_025))
    page.get_by_text("The recording is 600 s long; these are its first 10 s.").wait_for()
    page.get_by_text("of the samples are at the limits").wait_for()
    samples = np.array(page.evaluate("samples"))
    assert len(samples) == 80_000 and np.abs(samples).max() > 0.9
    give(page, sound_of(np.stack([TONE, -TONE], axis=1)))  # which cancel each other
    page.locator(".voice-trouble", has_text="Nothing is to be heard").wait_for()


REFUSED = (
    "navigator.mediaDevices.getUserMedia = async () => {"
    " throw new DOMException('no', 'NotAllowedError'); };"
)
MISSING = "Object.defineProperty(navigator, 'mediaDevices', { value: undefined });"


@pytest.mark.parametrize(
    "script, says", [(REFUSED, "The microphone was refused"), (MISSING, "lets no page record")]
)
def test_without_a_microphone_the_page_says_so(browser, place, script, says):
    page = browser.new_page()
    page.add_init_script(script)
    page.goto(f"{place}book/your_voice.html")
    page.get_by_role("button", name="Record", exact=True).click()
    page.locator(".voice-trouble", has_text=says).wait_for()
    assert page.get_by_role("button", name="Record", exact=True).is_enabled()
    assert page.get_by_role("button", name="Use the page's recording").is_enabled()
    page.close()


def test_a_browser_without_modules_is_told(browser, place):
    """Chromium has modules: this is what one without would run, if the page's policy lets it."""
    page = browser.new_page()
    page.goto(f"{place}book/your_voice.html")
    said = page.get_by_text("This browser cannot run the scripts of this page")
    assert said.is_hidden()
    page.evaluate("""() => {
      const script = document.createElement("script");
      script.text = document.querySelector("script[nomodule]").text;
      document.body.append(script);
    }""")
    assert said.is_visible()
    page.close()


def test_a_site_without_python_says_so(browser, place):
    page = browser.new_page()
    none = '{"pyodide": null, "why": "This copy of the book was built without Python."}'
    page.route("**/python.json", lambda route: route.fulfill(body=none))
    page.goto(f"{place}book/your_voice.html")
    page.get_by_text("This copy of the book was built without Python.").wait_for()
    assert page.get_by_role("button").count() == 0
    page.close()
