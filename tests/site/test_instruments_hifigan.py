"""Upsampling, periods and the blind test: their numbers are those of the chapter and of SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from autograder.reference import hifigan
from tests.site.test_instruments import open_page
from tests.support.instrument_pages import close

pytestmark = pytest.mark.browser


@pytest.fixture
def chapter(chapters):
    """What the cells of the chapter left behind; its page is there."""
    return chapters["hifigan"]


@pytest.mark.parametrize("D", [1, 2, 7, 16])
@pytest.mark.parametrize("kind", ["zeros", "hold", "line", "sinc"])
def test_the_upsampling_sum(scripts, chapter, kind, D):
    K = chapter["kernel"](kind, D)
    close(scripts.upsampling.kernel(kind, D), K, 1e-12)
    z = chapter["z"][:2000]
    y = scripts.upsampling.doubled(z, K)
    close(y, chapter["doubled"](z, K), 1e-9)
    close(y, hifigan.upsample(z[:, None], K[:, None, None])[:, 0], 1e-9)


def test_the_spread_signal_counts_from_one(scripts):
    found = [scripts.upsampling.spread([3, 5], i) for i in range(-2, 9)]
    assert found == [0, 0, 0, 0, 3, 0, 5, 0, 0, 0, 0]


def test_the_spectrum_of_what_is_heard(scripts, chapter):
    y = chapter["doubled"](chapter["z"], chapter["kernel"]("hold", 2))
    close(scripts.upsampling.spectrum(y), chapter["spectrum"](y), 1e-6)


@pytest.mark.parametrize("period", [2, 3, 20, 61, 160])
def test_how_alike_rows_are(scripts, chapter, period):
    x = chapter["vowel"]
    assert scripts.periods.likeness(x, period) == pytest.approx(chapter["alike"](x, period))


def test_the_period_of_the_vowel(scripts, chapter):
    assert scripts.periods.clearest(chapter["vowel"], 40, 110) == chapter["period"]


@pytest.mark.parametrize("length", [5, 160, 161])
def test_averages_and_columns(scripts, chapter, length):
    x = chapter["vowel"][:length]
    for times, wanted in enumerate(hifigan.average_pools(x, 3)):
        close(scripts.periods.pooled(x, times), wanted, 1e-9)
    folded = hifigan.fold_periods(x, 3)
    close(np.array(scripts.periods.held(x, 3, 1))[: length // 3 * 3 : 3], folded[: length // 3, 1])


def test_the_order_is_drawn(scripts):
    orders = [tuple(scripts.blind_test.shuffled(4, seed)) for seed in range(2400)]
    assert set(map(len, map(set, orders))) == {4}
    counts = np.unique(orders, axis=0, return_counts=True)[1]
    assert len(counts) == 24 and stats.chisquare(counts).pvalue > 1e-4


@pytest.mark.parametrize("ratings", [[10, 50, 30, 90], [50, 50, 30, 90], [1, 2, 2, 2]])
def test_the_rank_correlation(scripts, ratings):
    measured = [4.0, 2.5, 6.0, 0.0]
    wanted = stats.spearmanr(ratings, measured).statistic
    assert scripts.blind_test.rankCorrelation(ratings, measured) == pytest.approx(wanted)
    assert scripts.blind_test.rankCorrelation([50] * 4, measured) == 0


def test_names_come_when_they_are_asked_for(browser, place, chapter):
    page = open_page(browser, place, "hifigan")
    figure = page.locator('[data-instrument="blind_test"]')
    words = figure.locator(".instrument-words")
    names = chapter.instruments["blind_test"].data["names"]
    words.get_by_text("You hear A.").wait_for()
    assert not any(name in figure.locator(".instrument-pictures").inner_text() for name in names)
    figure.get_by_label("How good is B?").press("End")
    figure.get_by_role("button", name="Show which is which").click()
    words.get_by_text("correlate").wait_for()
    shown = words.inner_text()
    assert all(name in shown for name in names)
    figure.get_by_role("button", name="Hide, shuffle and begin anew").click()
    words.get_by_text("A 50, B 50, C 50, D 50").wait_for()
    assert page.complaints == []
    page.close()
