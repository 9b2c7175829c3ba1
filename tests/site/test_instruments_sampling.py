"""The instruments of the chapter on sampling: their numbers are those of NumPy and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

pytestmark = pytest.mark.browser
RATE = 48_000


@pytest.fixture
def chapter(chapters):
    """What the cells of the chapter left behind; its page is there."""
    return chapters["sampling"]


@pytest.fixture
def part(chapter) -> np.ndarray:
    """A power of two of samples of the page's recording, silent at the ends."""
    return chapter["whole"][20_000 : 20_000 + 4096] * np.hanning(4096)


def close(ours, theirs, absolute=1e-9) -> None:
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    assert ours.shape == theirs.shape
    assert np.max(np.abs(ours - theirs)) <= absolute


def ideal(x: np.ndarray, hertz: float) -> np.ndarray:
    spectrum, frequencies = np.fft.rfft(x), np.fft.rfftfreq(len(x), 1 / RATE)
    spectrum[frequencies > hertz] = 0
    spectrum[frequencies == hertz] *= 0.5
    return np.fft.irfft(spectrum, len(x))


@pytest.mark.parametrize("hertz", [500, 3000, 8000, 24_000])
def test_the_low_pass_filter(scripts, part, hertz):
    close(scripts.converter.lowPassed(part, hertz, RATE), ideal(part, hertz))


@pytest.mark.parametrize("bits", [1, 2, 5, 8])
def test_the_quantiser_is_the_chapters(scripts, chapter, part, bits):
    numbers = np.array(scripts.converter.kept(part, 1, bits))
    close(numbers, chapter["rounded"](part, bits))
    loud = np.array([-7.0, -1.0, -0.999, 0.0, 0.5, 1.0, 3.0])
    close(scripts.converter.kept(loud, 1, bits), chapter["rounded"](loud, bits))


@pytest.mark.parametrize("every", [2, 4, 8])
def test_the_reconstruction_is_scipys(scripts, part, every):
    numbers = np.array(scripts.converter.kept(part, every, 16))
    assert np.count_nonzero(numbers) <= len(part) / every
    wanted = signal.resample(numbers[::every], len(part))
    close(scripts.converter.joined(numbers, every, RATE), wanted)


def test_the_reconstruction_goes_through_the_samples_of_any_sound(scripts, part):
    for every in (3, 5, 7, 12):
        numbers = np.array(scripts.converter.kept(part, every, 6))
        curve = np.array(scripts.converter.joined(numbers, every, RATE))
        inside = slice(20 * every, len(part) - 40 * every, every)
        # 4096 is no multiple, so the last gap is shorter; it is silent, and far away.
        assert np.abs(curve - numbers)[inside].max() < 0.02


def test_the_steps_hold_each_number(scripts, part):
    numbers = np.array(scripts.converter.kept(part, 8, 4))
    close(scripts.converter.held(numbers, 8), np.repeat(numbers[::8], 8))


def test_the_error_in_decibels(scripts, chapter, part):
    other = chapter["rounded"](part, 6)
    assert scripts.converter.above(part, other) == pytest.approx(chapter["snr"](part, other))


@pytest.mark.parametrize(
    ("hertz", "every", "comes"),
    [(5000, 6, 3000), (1000, 6, 1000), (7000, 8, 1000), (11_000, 12, 1000)],
)
def test_a_tone_comes_back_as_its_alias(scripts, hertz, every, comes):
    tone = np.array(scripts.converter.toneOf(hertz, RATE))
    close(
        tone[2000:50_000], 0.7 * np.sin(2 * np.pi * hertz * np.arange(65_536) / RATE)[2000:50_000]
    )
    numbers = np.array(scripts.converter.kept(tone, every, 12))
    heard = np.array(scripts.converter.joined(numbers, every, RATE))
    assert scripts.converter.strongest(heard, RATE) == pytest.approx(comes, abs=1)


@pytest.mark.parametrize(("turns", "shots"), [(5, 6), (2, 6), (7, 6), (6, 6), (12.9, 3.1), (4, 9)])
def test_the_film_shows_what_its_shots_say(scripts, chapter, turns, shots):
    angles, seen = chapter["shots_of"](turns, shots)
    close(scripts.wagon_wheel.strip(turns, shots, 8), angles)
    assert scripts.wagon_wheel.apparent(turns, shots) == pytest.approx(seen, abs=1e-9)
    # A wheel that turns as the film says stands in every shot where this one stands.
    number = np.arange(8)
    wheel, film = (np.exp(2j * np.pi * speed * number / shots) for speed in (turns, seen))
    close(np.abs(wheel - film), np.zeros(8))
    assert abs(seen) <= shots / 2


@pytest.fixture
def page(browser, place, chapter):
    page = browser.new_page()
    page.goto(f"{place}book/sampling.html")
    yield page
    page.close()


def test_the_wheel_turns_when_it_is_asked_to(page):
    figure = page.locator('[data-instrument="wagon_wheel"]')
    figure.scroll_into_view_if_needed()
    figure.locator(".instrument-words").wait_for()
    hand = figure.locator("svg g g").first
    still = hand.get_attribute("transform")
    page.wait_for_timeout(300)
    assert hand.get_attribute("transform") == still
    figure.get_by_role("button", name="Turn the wheel").click()
    page.wait_for_function(
        "([hand, still]) => hand.getAttribute('transform') !== still",
        arg=[hand.element_handle(), still],
    )
    figure.get_by_role("button", name="Hold the wheel").click()
    page.wait_for_timeout(300)
    resting = hand.get_attribute("transform")
    page.wait_for_timeout(300)
    assert hand.get_attribute("transform") == resting


def test_the_sound_brings_the_wheel_along(page):
    figure = page.locator('[data-instrument="wagon_wheel"]')
    figure.scroll_into_view_if_needed()
    figure.get_by_role("button", name="Play").click()
    figure.get_by_role("button", name="Hold the wheel").wait_for()
    figure.get_by_role("button", name="Stop", exact=True).click()
    figure.get_by_role("button", name="Turn the wheel").wait_for()


def test_layers_can_be_hidden(page):
    figure = page.locator('[data-instrument="converter"]')
    figure.scroll_into_view_if_needed()
    figure.locator(".instrument-words").get_by_text("samples a second").wait_for()
    curve = figure.locator("path.line.ink-1")
    assert curve.is_visible()
    figure.get_by_label("the curve", exact=True).uncheck()
    curve.wait_for(state="hidden")
    figure.get_by_label("the curve", exact=True).check()
    curve.wait_for(state="visible")
