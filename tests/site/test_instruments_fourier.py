"""The instruments of the chapter fourier: their numbers are SciPy's and the chapter's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, signal

from tests.support.instrument_pages import close
from tests.support.settled import steady_box

pytestmark = pytest.mark.browser
RATE = 8000
NAMES = {
    "rectangular": "boxcar",
    "hann": "hann",
    "hamming": "hamming",
    "blackman": "blackman",
    "gaussian": "gaussian",
}
every_shape = pytest.mark.parametrize("shape", NAMES)


def window(shape: str, length: int) -> np.ndarray:
    name = NAMES[shape]
    return signal.get_window((name, length / 6) if name == "gaussian" else name, length)


@pytest.fixture(scope="module")
def vowel(chapters) -> dict:
    return chapters["fourier"].instruments["circles"].data["vowel"]


# One period of each wave, for times from 0 to 1.
WAVES = {
    "square": lambda t: 1.0 if t < 0.5 else -1.0,
    "sawtooth": lambda t: 2 * t - 1,
    "triangle": lambda t: abs(4 * t - 2) - 1,
}


@pytest.mark.parametrize("wave", WAVES)
def test_the_harmonics_by_integration(scripts, vowel, wave):
    found = scripts.circles.harmonics(wave, 7, vowel)
    for k in range(1, 8):
        c = (
            2
            * integrate.quad_vec(
                lambda t: WAVES[wave](t) * np.exp(-2j * np.pi * k * t),  # noqa: B023
                0,
                1,
                points=[0.5],
            )[0]
        )
        a, phase = found["amplitudes"][k - 1], found["phases"][k - 1]
        assert a * np.exp(1j * phase) == pytest.approx(c, abs=1e-7)
    power = integrate.quad(lambda t: WAVES[wave](t) ** 2, 0, 1, points=[0.5])[0]
    kept = np.sum(np.square(found["amplitudes"])) / 2
    assert found["share"] == pytest.approx(kept / power, rel=1e-7)


def test_the_circles_draw_the_vowel(scripts, chapters, vowel):
    chapter = chapters["fourier"]
    period, P = chapter["period"], chapter["P"]
    count = (P - 1) // 2
    found = scripts.circles.harmonics("vowel", count, vowel)
    parts = found["amplitudes"], found["phases"]
    drawn = [scripts.circles.arms(*parts, n / P)[-1] for n in range(0, P, 7)]
    c = np.fft.rfft(period)
    c[0] = 0
    c[count + 1 :] = 0  # half the rate, if there is such a bin
    wanted = np.fft.irfft(c, P) / np.abs(period).max()
    close([along for along, _ in drawn], wanted[::7])
    assert found["share"] == pytest.approx(1)
    assert vowel["hertz"] == pytest.approx(chapter["rate"] / P)


def test_other_phases_keep_the_amplitudes_and_the_power(scripts, vowel):
    found = scripts.circles.harmonics("square", 9, vowel)
    times = np.arange(64) / 64
    waves = {}
    for which in ("own", "zero", "random"):
        phases = scripts.circles.withPhases(which, found["phases"])
        waves[which] = [
            scripts.circles.arms(found["amplitudes"], phases, t)[-1][0] for t in times.tolist()
        ]
    sizes = {which: np.abs(np.fft.rfft(wave)) for which, wave in waves.items()}
    close(sizes["zero"], sizes["own"])
    close(sizes["random"], sizes["own"])
    assert np.abs(np.subtract(waves["random"], waves["own"])).max() > 0.3


@every_shape
@pytest.mark.parametrize("length", [64, 321])
def test_windows_are_scipys(scripts, shape, length):
    close(scripts.windows.weights(shape, length), window(shape, length))


@every_shape
@pytest.mark.parametrize("zeros", [1, 2, 8])
def test_the_levels_of_the_bins(scripts, chapters, shape, zeros):
    word, w = chapters["fourier"]["word"], window(shape, 321)
    framed = word[1000:1321] * w
    ours = scripts.windows.binLevels(framed, w, 321 * zeros)
    theirs = 2 * np.abs(np.fft.rfft(framed, 321 * zeros)) / w.sum()
    close(10 ** (np.array(ours) / 20), np.sqrt(theirs**2 + 1e-12))


@every_shape
@pytest.mark.parametrize(("distance", "level"), [(25, 0), (45, 0), (167, -40)])
def test_what_is_seen_of_two_sines(scripts, chapters, shape, distance, level):
    chapter, w = chapters["fourier"], window(shape, 400)
    close(scripts.two_sines.framed(distance, level, w), chapter["two_sines"](distance, w, level))
    found = scripts.two_sines.seen(distance, level, w)
    close([found["valley"], found["above"]], chapter["seen"](distance, w, level), 1e-5)


def test_the_window_is_dragged(browser, place, chapters):
    assert chapters["fourier"]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{place}book/fourier.html")
    figure = page.locator('[data-instrument="vowel_window"]')
    figure.scroll_into_view_if_needed()
    wave = figure.locator("svg.pad")
    wave.wait_for()
    figure.locator(".instrument-words").wait_for()
    box = steady_box(wave)
    slider = figure.get_by_label("Middle of the window")
    places = []
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 40)
    page.mouse.down()
    for part in (0.3, 0.5, 0.7):
        page.mouse.move(box["x"] + part * box["width"], box["y"] + 40)
        places.append(float(slider.input_value()))
    page.mouse.up()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 40)
    assert places == sorted(set(places)) and float(slider.input_value()) == places[-1]
    page.close()


def test_the_circles_turn_only_when_they_are_asked_to(browser, place, chapters):
    assert chapters["fourier"]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{place}book/fourier.html")
    figure = page.locator('[data-instrument="circles"]')
    figure.locator(".instrument-words").wait_for()
    time = figure.get_by_label("Time", exact=True)
    before = time.input_value()
    page.wait_for_timeout(400)
    assert time.input_value() == before
    figure.get_by_role("button", name="Turn the circles").click()
    page.wait_for_function("([e, old]) => e.value !== old", arg=[time.element_handle(), before])
    figure.get_by_role("button", name="Hold the circles").click()
    page.wait_for_timeout(100)
    held = time.input_value()
    page.wait_for_timeout(400)
    assert time.input_value() == held
    page.close()
