"""The instrument of the chapter on flows: its layers undo the chapter's, and its areas are true."""

from __future__ import annotations

import numpy as np
import pytest

from speechlab.autodiff import Value
from tests.support.instrument_pages import close

pytestmark = pytest.mark.browser
POINTS = pytest.mark.parametrize("point", [(0.0, 0.0), (1.2, -0.4), (-2.1, 1.7)])


@pytest.fixture
def chapter(chapters):
    """What the cells of the chapter left behind; its page is there."""
    return chapters["waveglow"]


@pytest.fixture
def layers(chapter):
    """The layers as the page has them."""
    return chapter.instruments["coupling_layers"].data["layers"]


def noise_of(chapter, x) -> tuple[np.ndarray, float]:
    """The chapter's way from formants to noise, and its log-determinant."""
    one, two, scales = chapter["to_noise"](chapter["layers"], Value(np.array([x])))
    return np.array([one.data[0, 0], two.data[0, 0]]), float(scales.data[0, 0])


@POINTS
def test_all_layers_undo_those_of_the_chapter(scripts, chapter, layers, point):
    x = scripts.coupling_layers.pushed(layers, list(point), len(layers))
    z, scales = noise_of(chapter, x)
    assert z == pytest.approx(np.array(point), abs=1e-9)
    area = scripts.coupling_layers.logArea(layers, list(point), len(layers))
    assert area == pytest.approx(-scales, abs=1e-6)


@POINTS
def test_no_layer_changes_nothing(scripts, layers, point):
    assert scripts.coupling_layers.pushed(layers, list(point), 0) == list(point)
    assert scripts.coupling_layers.logArea(layers, list(point), 0) == pytest.approx(0, abs=1e-9)


@POINTS
@pytest.mark.parametrize("passed", [0.5, 1, 2.3])
def test_the_sides_of_the_square_are_the_derivatives(scripts, layers, point, passed):
    script = scripts.coupling_layers
    step = 1e-3  # coarser than the instrument's own
    for axis, side in enumerate(script.sides(layers, list(point), passed)):
        ends = [
            np.array(script.pushed(layers, list(point + sign * step * np.eye(2)[axis]), passed))
            for sign in (-1, 1)
        ]
        close(side, (ends[1] - ends[0]) / (2 * step), 1e-4)


def test_a_layer_moves_one_of_the_two_numbers(scripts, layers):
    paths = [scripts.coupling_layers.pushed(layers, [0.7, -0.2], n) for n in (0, 0.5, 1, 1.5, 2)]
    moved = np.diff(paths, axis=0) != 0
    assert moved.sum(axis=1).tolist() == [1, 1, 1, 1], "half a layer, and the rest of it"
    assert np.all(moved[0] == moved[1]) and np.all(moved[1] != moved[2]), "they take turns"


def test_the_density_of_the_noise(scripts):
    point = [0.3, -1.1]
    wanted = -np.log(2 * np.pi) - (0.3**2 + 1.1**2) / 2
    assert scripts.coupling_layers.logNoise(point) == pytest.approx(wanted)
