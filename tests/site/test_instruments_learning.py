"""The race of optimisers: its numbers are those of the chapter, and those of the exercises."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from autograder.reference import learning
from tests.support.settled import steady_box

pytestmark = pytest.mark.browser
SURFACES = ("valley", "bend", "saddle", "words")
STARTS = [(-2.5, 1.5), (1.2, -0.7)]
RATE, BETA, STEPS = 0.1, 0.9, 80


@pytest.fixture
def chapter(chapters):
    """What the cells of the chapter left behind; its page is there."""
    return chapters["learning"]


@pytest.fixture
def words(chapter):
    """The examples of the last surface, as the page gets them."""
    return chapter.instruments["optimiser_race"].data["words"]


def close(ours, theirs, absolute=1e-9) -> None:
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    assert ours.shape == theirs.shape
    assert np.max(np.abs(ours - theirs)) <= absolute


def by_exercises(slope, start):
    """The four paths by the references of the exercises."""

    def path(step, averages):
        w, *state = np.array(start), *(np.zeros(2) for _ in range(averages))
        points = [w]
        for t in range(1, STEPS + 1):
            w, *state = step(w, *state, slope(w), t)
            points.append(w)
        return np.array(points)

    return {
        "plain": path(lambda w, g, t: (w - RATE * g,), 0),
        "momentum": path(lambda w, v, g, t: learning.momentum_step(w, v, g, RATE, BETA), 1),
        "RMSprop": path(lambda w, s, g, t: learning.rmsprop_step(w, s, g, RATE, 0.9, 1e-8), 1),
        "Adam": path(
            lambda w, v, s, g, t: learning.adam_step(w, v, s, g, t, RATE, BETA, 0.999, 1e-8), 2
        ),
    }


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("surface", SURFACES)
def test_the_paths_are_those_of_the_chapter_and_of_the_exercises(
    scripts, chapter, words, surface, start
):
    found = scripts.optimiser_race.race(surface, list(start), RATE, BETA, words)
    slope = chapter["surfaces"][surface][1]
    for name, path in by_exercises(slope, start).items():
        close(found[name], path, 1e-6)
        close(chapter["run"](surface, start, name, RATE, BETA), path, 1e-6)


@pytest.mark.parametrize("surface", SURFACES)
def test_slopes_and_costs_belong_together(scripts, chapter, words, surface):
    height, slope = chapter["surfaces"][surface]
    for point in (np.array([0.7, -0.4]), np.array([-1.5, 1.1])):
        close(slope(point), optimize.approx_fprime(point, height, 1e-7), 1e-5)
        found = scripts.page.evaluate(
            """async ([file, words, surface, point]) => {
              const { surfaces } = await import(file);
              const { cost, slope } = surfaces(words)[surface];
              return [cost(point), ...slope(point)];
            }""",
            [
                f"{scripts.address}_static/speechlab/instruments/optimiser_race.js",
                words,
                surface,
                point.tolist(),
            ],
        )
        close(found, [height(point), *slope(point)])


def test_a_path_that_leaves_the_map_ends(scripts, words):
    found = scripts.optimiser_race.race("valley", [1.0, 1.0], 1.0, 0.9, words)
    assert 2 < len(found["plain"]) < STEPS and len(found["Adam"]) == STEPS + 1


def test_the_tone_is_an_octave_lower_for_each_tenth(scripts):
    heard = [scripts.optimiser_race.pitch(cost) for cost in (1.0, 0.1, 0.01, 1e-9, 1e9)]
    close(heard, [440, 220, 110, 55, 1760])
    melody = np.array(scripts.optimiser_race.melody([1.0] * 81))
    assert len(melody) == 80 * 320
    assert np.fft.rfft(melody).__abs__().argmax() / len(melody) * 8000 == pytest.approx(440, abs=1)


def test_a_point_that_is_dropped_runs_and_is_said(browser, place, chapter):
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.goto(f"{place}book/learning.html")
    figure = page.locator('[data-instrument="optimiser_race"]')
    figure.scroll_into_view_if_needed()
    words = figure.locator(".instrument-words")
    words.get_by_text("after 80 steps").wait_for()
    pad = figure.locator(".pad")
    box = steady_box(pad)
    page.mouse.click(box["x"] + 0.8 * box["width"], box["y"] + 0.3 * box["height"])
    page.wait_for_function(
        "e => / after [0-9]{1,2} steps/.test(e.textContent) && !/after 80/.test(e.textContent)",
        arg=words.element_handle(),
    )
    words.get_by_text("after 80 steps").wait_for()
    figure.get_by_label("two spoken words").check()
    handle = figure.locator("[role=slider]")
    handle.focus()
    before = words.inner_text()
    page.keyboard.press("ArrowUp")
    page.wait_for_function(
        "([e, before]) => e.textContent !== before", arg=[words.element_handle(), before]
    )
    page.close()
