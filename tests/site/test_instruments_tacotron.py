"""The instrument of attention: its weights are those of the system, and of the exercises."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from autograder.reference import tacotron
from tests.site.test_instruments import open_page
from tests.support.instrument_pages import close

pytestmark = pytest.mark.browser
N, S, A, TAPS = 6, 9, 5, 7


@pytest.fixture
def chapter(chapters):
    """What the cells of the chapter left behind; its page is there."""
    return chapters["tacotron"]


def drawn(seed):
    """A small net with random weights, as the page gets one."""
    rng = np.random.default_rng(seed)
    sizes = {
        "keys": (N, A),
        "queries": (S, A),
        "place": (TAPS, A),
        "place_bias": (A,),
        "match": (A,),
    }
    return {name: rng.normal(size=size) for name, size in sizes.items()}


def by_exercises(net, scale):
    """The same by the references of the exercises, the weights of all steps summed up anew."""
    past, rows = np.zeros((1, N)), []
    for query in net["queries"]:
        place = tacotron.location_features(past, net["place"])
        given = query, net["keys"], place, np.eye(A), np.eye(A), scale * np.eye(A)
        _, weights, _ = tacotron.attention_step(*given, scale * net["place_bias"], net["match"])
        past = np.vstack([past, weights])
        rows.append(weights)
    return np.array(rows)


def plain(net):
    return {name: array.tolist() for name, array in net.items()}


@pytest.mark.parametrize("scale", [1.0, 0.4, 0.0])
@pytest.mark.parametrize("seed", range(3))
def test_attention_is_that_of_the_exercises(scripts, seed, scale):
    net = drawn(seed)
    close(scripts.reading.attend(plain(net), scale), by_exercises(net, scale), 1e-5)


def test_large_energies_are_survived(scripts):
    net = drawn(0)
    net["match"] = 1e3 * np.sign(net["match"])
    rows = np.array(scripts.reading.attend(plain(net), 0.0))
    energies = np.tanh(net["queries"][:, None] + net["keys"]) @ net["match"]
    close(rows, softmax(energies, axis=1), 1e-6)


def test_with_all_of_its_location_term_it_is_the_attention_of_the_system(scripts, chapter):
    data = chapter.instruments["reading"].data
    for text, states in data["texts"].items():
        found = np.array(scripts.reading.attend(data["net"] | states, 1.0))
        assert np.abs(found - chapter["spoken"][text].attention).max() < 0.02


@pytest.mark.parametrize("seed", range(3))
def test_how_far_it_gets(scripts, seed):
    rows = np.random.default_rng(seed).dirichlet(np.ones(N), 5)
    assert scripts.reading.furthest(rows.tolist()) == rows.argmax(axis=1).max() + 1


def test_without_its_location_term_it_loses_its_place(browser, place, chapter):
    page = open_page(browser, place, "tacotron")
    figure = page.locator('[data-instrument="reading"]')
    words = figure.locator(".instrument-words")
    letters = len(chapter["TEXTS"][0])
    words.get_by_text(f"as far as letter {letters} of {letters}.").wait_for()
    figure.get_by_label("Location term turned down by").press("End")
    words.get_by_text(f"as far as letter {letters} of").wait_for(state="detached")
    assert page.complaints == []
    page.close()
