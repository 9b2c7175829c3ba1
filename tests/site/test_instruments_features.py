"""The instrument of the chapter on features: its stages and its sound are the chapter's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import fft, signal

from speechlab.speech import synthesis
from tests.support.instrument_pages import close

pytestmark = pytest.mark.browser
rates = pytest.mark.parametrize("rate", [8000, 44_100, 48_000])


@pytest.fixture(scope="module")
def script(scripts):
    return scripts.mel_cepstrum


@pytest.fixture(scope="module")
def chapter(chapters):
    return chapters["features"]


def staged(scripts, samples, start, rate=8000):
    """All stages of a frame, as the page has them."""
    file = f"{scripts.address}_static/speechlab/instruments/cepstra.js"
    found = scripts.page.evaluate(
        """async ([file, samples, start, rate]) => {
          const { stages, framing } = await import(file);
          const found = stages(Float64Array.from(samples), start, framing(rate));
          return Object.fromEntries(Object.entries(found).map(([k, v]) => [k, Array.from(v)]));
        }""",
        [file, np.asarray(samples).tolist(), int(start), rate],
    )
    return {name: np.array(values) for name, values in found.items()}


def test_every_stage_of_a_frame(scripts, chapter):
    for place in (0, chapter["loudest"], 20):
        words, start = chapter["words"], chapter["HOP"] * int(place)
        found = staged(scripts, words, start)
        frame = words[start : start + 256] * np.hanning(256)
        close(found["frame"], frame)
        power = np.abs(np.fft.rfft(frame)) ** 2 / np.sum(np.hanning(256) ** 2)
        close(found["power"], power)
        close(found["bands"], chapter["TRIANGLES"] @ power * chapter["rate"] / 256)
        close(found["levels"], chapter["levels"][place])
        close(found["numbers"], chapter["numbers"][place])


@rates
def test_a_microphone_of_any_rate_has_the_same_levels(scripts, rate):
    vowel = synthesis.vowel(120, [700, 1200, 2500, 3500], seconds=1, rate=rate, level=-20)
    found = staged(scripts, vowel, rate // 2, rate)
    length = round(0.032 * rate)
    frame = vowel[rate // 2 :][:length] * np.hanning(length)
    hertz, power = signal.periodogram(frame, rate, window="boxcar", detrend=False, nfft=4 * length)
    # The mean power under a triangle, by an integral over the finely sampled spectrum.
    corners = 700 * np.expm1(np.linspace(0, np.log1p(4000 / 700), 34))
    density = power * rate / 2 * length / np.sum(np.hanning(length) ** 2)
    for band in range(8, 32, 4):
        left, peak, right = corners[band : band + 3]
        weight = np.interp(hertz, [left, peak, right], [0, 1, 0])
        level = 10 * np.log10(np.sum(weight * density) / np.sum(weight))
        assert found["levels"][band] == pytest.approx(level, abs=1.5)


@pytest.mark.parametrize("kept", [1, 2, 13, 32])
def test_the_curve_of_the_numbers_kept(script, chapter, kept):
    row = chapter["numbers"][chapter["loudest"]]
    close(script.smoothed(row, kept), chapter["levels_of"](row[np.newaxis], kept)[0])
    if kept == 32:
        close(script.smoothed(row, kept), chapter["levels"][chapter["loudest"]])


def test_the_cosine_transform(scripts):
    row = np.random.default_rng(3).standard_normal(32)
    close(scripts.cepstra.cosines(row), fft.dct(row, norm="ortho") * np.append(2**0.5, np.ones(31)))


@pytest.mark.parametrize("kept", [1, 13, 32])
def test_the_sound_of_the_numbers(script, chapter, kept):
    words = chapter["words"]
    noise = np.random.default_rng(4).standard_normal(len(words))
    levels = chapter["levels_of"](chapter["numbers"], kept)
    close(script.soundOfNumbers(words, kept, noise), chapter["said_again"](levels, noise))


def test_noise_with_all_numbers_of_noise_is_as_strong(script):
    given = np.random.default_rng(5).standard_normal(8000)
    other = np.random.default_rng(6).standard_normal(8000)
    heard = np.array(script.soundOfNumbers(0.1 * given, 32, other))
    assert synthesis.level_of(heard[800:-800]) == pytest.approx(-17, abs=1)  # 0.1 rms


def test_silence_has_numbers_and_no_sound(scripts, script):
    found = staged(scripts, np.zeros(300), 0)
    assert np.all(found["levels"] == pytest.approx(-100))
    heard = script.soundOfNumbers(np.zeros(800), 13, np.ones(800))
    assert np.abs(heard).max() < 1e-4


def opened(browser, place, microphone=""):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.add_init_script(microphone)
    page.goto(f"{place}book/features.html")
    figure = page.locator('[data-instrument="mel_cepstrum"]')
    figure.scroll_into_view_if_needed()
    figure.locator(".instrument-still").wait_for(state="hidden")
    return page, figure


SINGING = """navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const tone = context.createOscillator();
  tone.frequency.value = 1500;
  const end = context.createMediaStreamDestination();
  tone.connect(end);
  tone.start();
  window.stream = end.stream;
  return end.stream;
};"""


def test_the_microphone_is_watched(browser, place, chapter):
    page, figure = opened(browser, place, SINGING)
    figure.get_by_role("button", name="Watch the microphone").click()
    figure.get_by_text("The microphone now").first.wait_for()
    assert "Nothing is stored or sent" in figure.locator(".instrument-notice").inner_text()
    # The tallest bar is that of the band at 1500 Hz.
    at = np.argmin(np.abs(700 * np.expm1(np.linspace(0, np.log1p(4000 / 700), 34)) - 1500))
    page.wait_for_function(
        """([figure, band]) => {
          const plot = figure.querySelector('svg[aria-label^="Stage 3"]');
          const points = plot.querySelector('path.line').getAttribute('d').slice(1).split('L')
            .map((point) => point.split(',').map(Number));
          const highest = points.reduce((best, p, k) => (p[1] < points[best][1] ? k : best), 0);
          return Math.floor(highest / 4) === band;
        }""",
        arg=[figure.element_handle(), int(at) - 1],
    )
    figure.get_by_role("button", name="Stop watching").click()
    figure.get_by_text("Frame at").first.wait_for()
    assert page.evaluate("() => stream.getTracks().every((t) => t.readyState === 'ended')")
    assert page.complaints == []
    page.close()


def test_a_refused_microphone_is_said(browser, place, chapter):
    refused = "navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('no'); };"
    page, figure = opened(browser, place, refused)
    figure.get_by_role("button", name="Watch the microphone").click()
    figure.get_by_text("so the recording of the page is used").wait_for()
    assert page.complaints == []
    page.close()


def test_the_picture_follows_the_sound(browser, place, chapter):
    page, figure = opened(browser, place)
    words = figure.locator(".instrument-words")
    before = words.inner_text()
    figure.get_by_role("button", name="Play").click()
    page.wait_for_function(
        "([words, before]) => words.textContent !== before",
        arg=[words.element_handle(), before],
    )
    figure.get_by_role("button", name="Stop").click()
    assert page.complaints == []
    page.close()
