"""The level of a control's sounds: no jumps, unless the level is what the control is about."""

from __future__ import annotations

import numpy as np
import pytest

from speechlab import sound
from speechlab.show import levels

RATE = 8000


def tone(level: float):
    wave = np.sin(2 * np.pi * 440 * np.arange(RATE // 2) / RATE)
    return sound(10 ** (level / 20) * wave, RATE, f"A tone of {level:g} dB.")


def after(given, scale=True, loud=False):
    """The levels of a control with one parameter, and whether they were changed."""
    found, changed = levels.steady(
        [[tone(level)] for level in given], (len(given),), [scale], [loud]
    )
    return [sounds[0].level for sounds in found], changed


def test_levels_without_jumps_stay_as_they_are():
    assert after([-30, -25, -20, -15]) == (pytest.approx([-30, -25, -20, -15], abs=0.1), False)


def test_levels_that_jump_become_one():
    assert after([-40, -30, -28]) == (pytest.approx([-30] * 3, abs=0.1), True)


def test_categories_are_all_neighbours():
    assert after([-30, -25, -20], scale=False) == (pytest.approx([-25] * 3, abs=0.1), True)


def test_where_the_level_is_the_subject_it_stays():
    assert after([-60, -30, -10], loud=True) == (pytest.approx([-60, -30, -10], abs=0.2), False)


def test_along_the_other_parameter_only():
    given = [[-50, -40], [-30, -20]]  # the level is the subject of the first
    settings = [[tone(level)] for row in given for level in row]
    found, changed = levels.steady(settings, (2, 2), [True, True], [True, False])
    assert changed
    assert [sounds[0].level for sounds in found] == pytest.approx([-45, -45, -25, -25], abs=0.1)


def test_nothing_is_clipped_and_silence_stays_silent():
    click = np.zeros(RATE)
    click[4000] = 0.9  # no room above its peak, whatever its level
    settings = [[tone(-5)], [tone(-10)], [sound(click, RATE, "A click.")]]
    settings.append([sound(np.zeros(RATE), RATE, "Silence.")])
    found, changed = levels.steady(settings, (4,), [True], [False])
    assert changed
    peaks = [np.abs(levels.samples(sounds[0])[0]).max() for sounds in found]
    assert max(peaks) < 0.98 and peaks[3] == 0
    assert np.ptp([sounds[0].level for sounds in found[:3]]) < 0.2
    silent = [[sound(np.zeros(RATE), RATE, "Silence.")] for _ in range(2)]
    assert levels.steady(silent, (2,), [True], [False])[1] is False


def test_settings_of_different_kinds_are_left_alone():
    assert levels.steady([[tone(-10)], []], (2,), [True], [False])[1] is False
