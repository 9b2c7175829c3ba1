"""The instrument of the chapter on WaveNet: the tree of dilations, counted in another way."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.settled import steady_box

pytestmark = pytest.mark.browser
LAYERS = pytest.mark.parametrize("layers", [1, 2, 3, 4, 5])


def impulse_response(layers: int) -> np.ndarray:
    """How often each sample back in time is met on the way down, by SciPy-free convolution."""
    response = np.ones(1)
    for layer in range(layers):
        taps = np.zeros(2**layer + 1)
        taps[[0, -1]] = 1
        response = np.convolve(response, taps)
    return response


@LAYERS
def test_what_a_value_has_heard(scripts, layers):
    rows = scripts.dilations.heard(layers, 33)
    reached = 33 - np.flatnonzero(impulse_response(layers))
    assert rows[0] == sorted(reached.tolist()) and len(rows) == layers + 1
    assert rows[layers] == [33]


@LAYERS
def test_the_work_with_queues_and_without(scripts, layers):
    anew = scripts.dilations.computed(layers, 33, False)
    queues = scripts.dilations.computed(layers, 33, True)
    assert len(anew) == 2**layers - 1 and len(queues) == layers
    assert len({tuple(node) for node in anew}) == len(anew), "none is computed twice"


@LAYERS
def test_what_is_computed_with_queues_needs_only_what_is_kept(scripts, layers):
    there = {tuple(node) for node in scripts.dilations.kept(layers, 33)} | {(0, 33)}
    for layer, place in scripts.dilations.computed(layers, 33, True):
        assert (layer - 1, place) in there, "what came before at the same place"
        assert (layer - 1, place - 2 ** (layer - 1)) in there, "what the queue gives back"
        there.add((layer, place))
    assert len(there) == 1 + layers + 2**layers - 1


@LAYERS
@pytest.mark.parametrize("queues", [True, False])
def test_a_click_for_each_value_and_a_bell_for_each_sample(scripts, layers, queues):
    clicks = np.array(scripts.dilations.work(layers, 33, queues))
    each, values = round(8000 / 24), len(scripts.dilations.computed(layers, 33, queues))
    assert len(clicks) % (each * values) == 0 and len(clicks) >= 48 * each
    loudest = np.abs(clicks.reshape(-1, each)).max(axis=1)
    bells = np.flatnonzero(loudest > 0.5)
    assert bells.tolist() == list(range(values - 1, len(loudest), values))


def test_a_click_on_the_picture_and_the_queues(browser, place, chapters):
    assert chapters["wavenet"]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{place}book/wavenet.html")
    figure = page.locator('[data-instrument="dilations"]')
    figure.scroll_into_view_if_needed()
    words = figure.locator(".instrument-words")
    words.wait_for()
    box = steady_box(figure.locator("svg.pad"))
    page.mouse.click(box["x"] + box["width"] - 12, box["y"] + 18)
    page.wait_for_function("w => w.textContent.includes('place 35')", arg=words.element_handle())
    assert "it has heard 16 samples" in words.inner_text()
    assert "15 values to compute" in words.inner_text()
    figure.get_by_label("are kept in queues").check()
    page.wait_for_function("w => w.textContent.includes('4 values')", arg=words.element_handle())
    assert "15 older values kept" in words.inner_text()
    page.close()
