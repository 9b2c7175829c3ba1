"""The chequerboard of the chapter on features: what it finds is what the chapter finds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from tests.support.instrument_pages import close

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def script(scripts):
    return scripts.parts_meet


@pytest.fixture(scope="module")
def chapter(chapters):
    return chapters["features"]


def test_how_alike_frames_are_and_where_parts_meet(script, chapter):
    frames = chapter.instruments["parts_meet"].data["frames"]
    close(script.similarity(frames), chapter["self_alike"])


@pytest.mark.parametrize("half", [1, 5, 16])
def test_what_the_chequerboard_finds(script, chapter, half):
    alike = chapter["self_alike"]
    close(script.contrast(alike.tolist(), half), chapter["checkered"](alike, half))


def test_boundaries_are_peaks(script):
    curve = np.random.default_rng(5).uniform(size=60)
    assert script.peaks(curve, 0.6) == signal.find_peaks(curve, 0.6)[0].tolist()
    assert script.peaks(np.zeros(5), 0.0) == []


def test_a_click_is_where_it_belongs(script):
    heard = np.array(script.clicked(np.zeros(8000), 8000, [0.25, 0.999]))
    assert np.flatnonzero(heard)[0] == 2001 and np.all(heard[2240:7992] == 0)
    assert 0.1 < np.abs(heard).max() <= 0.15
