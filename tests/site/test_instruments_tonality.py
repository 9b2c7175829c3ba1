"""The instrument of the chapter on tonality: its numbers are the chapter's own."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.instrument_pages import close

pytestmark = pytest.mark.browser


@pytest.fixture
def chapter(chapters):
    """What the cells of the chapter left behind; its page is there."""
    return chapters["tonality"]


@pytest.mark.parametrize("start", [0, 20_000, 51_111])
def test_the_pitch_classes_of_a_frame(scripts, chapter, start):
    frame = chapter["small"][start : start + chapter["FRAME"]]
    rate = int(chapter["small_rate"])
    wanted = chapter["classes_of"](frame, rate)[chapter["fifths"]]
    close(scripts.circle_of_fifths.classes(frame, rate), wanted)


@pytest.mark.parametrize("hour", range(12))
def test_a_pure_tone_is_at_its_own_place(scripts, chapter, hour):
    rate = int(chapter["small_rate"])
    pitch = 60 + hour * 7 % 12
    tone = np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * np.arange(4096) / rate)
    weights = np.array(scripts.circle_of_fifths.classes(tone, rate))
    assert weights.argmax() == hour and weights[hour] > 0.95 * weights.sum()


def test_the_point_where_they_balance(scripts, chapter):
    weights = np.random.default_rng(3).uniform(size=12)
    in_pitch_order = weights[np.argsort(chapter["fifths"])]
    balanced = chapter["balance"](in_pitch_order)
    right, up = scripts.circle_of_fifths.balance(weights)
    assert right == pytest.approx(balanced.imag) and up == pytest.approx(balanced.real)
    assert scripts.circle_of_fifths.balance(np.zeros(12)) == [0, 0], "silence is in the middle"


def test_after_the_end_the_loop_begins_again(scripts):
    samples = np.arange(10.0)
    assert scripts.circle_of_fifths.around(samples, 8, 4) == [8, 9, 0, 1]
