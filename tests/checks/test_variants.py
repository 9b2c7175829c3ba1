"""Right answers that were refused, and wrong ones that were accepted, once: none of them again."""

import math
from collections import deque, namedtuple
from functools import cache

import numpy as np
import pytest

from autograder.course.catalogue import exercises, topics
from autograder.exercise.compare import Close
from autograder.exercise.variants import answering, as_lists
from autograder.judging.equality import answers_of
from autograder.judging.score import draw, exam, judge
from autograder.release.authoring import source_notebook
from autograder.sandbox import wire
from autograder.sandbox.job import Job
from autograder.sandbox.outside.box import Box

NAMES = [f"student {number}" for number in range(200)]


def named(topic, name):
    (found,) = [exercise for exercise in exercises(topic) if exercise.name == name]
    return found


# --- the range of a pitch's lags, at the edge of rounding ---------------------------------

PITCH = named("psychoacoustics", "correlogram_pitch")


def pitch_with(lags_of):
    """`correlogram_pitch` with another way to find the lags of the range."""

    def pitch(phi, rate, low, high):
        PITCH.function(phi, rate, low, high)  # refuses what has no answer
        phi = np.asarray(phi)
        summary = sum(band / band[0] for band in phi if band[0] > 0)
        lags = [lag for lag in lags_of(rate, low, high) if 0 < lag < len(summary)]
        return rate / max(lags, key=lambda lag: summary[lag])

    return pitch


RIGHT = {
    "rounded inwards": lambda rate, low, high: range(
        math.ceil(rate / high), math.floor(rate / low) + 1
    ),
    "by multiplication": lambda rate, low, high: [
        lag for lag in range(1, 220) if low * lag <= rate <= high * lag
    ],
    "by floor division": lambda rate, low, high: range(int(-(-rate // high)), int(rate // low) + 1),
}
WRONG = {
    "cut down": lambda rate, low, high: range(int(rate / high), int(rate / low) + 1),
    "rounded": lambda rate, low, high: range(round(rate / high), round(rate / low) + 1),
    "rounded up": lambda rate, low, high: range(math.ceil(rate / high), math.ceil(rate / low) + 1),
    "the last one left out": lambda rate, low, high: range(
        math.ceil(rate / high), math.floor(rate / low)
    ),
}


@cache
def drawn(name):
    cases = draw(PITCH, "a secret", name)
    return cases, answers_of(PITCH.function, cases)


def lost(function, name):
    cases, expected = drawn(name)
    return PITCH.points - judge(PITCH, cases, answers_of(function, cases), expected).earned


@pytest.mark.parametrize("lags", RIGHT.values(), ids=RIGHT)
def test_a_right_range_of_lags_scores_full_under_every_name(lags):
    assert {lost(pitch_with(lags), name) for name in NAMES} == {0}


@pytest.mark.parametrize("lags", WRONG.values(), ids=WRONG)
def test_a_wrong_range_of_lags_costs_its_point_under_every_name(lags):
    assert min(lost(pitch_with(lags), name) for name in NAMES) > 0


# --- p multiplications a sample -----------------------------------------------------------

BY_MATRIX = """
import numpy as np
def weighted_synthesis(excitations, c):
    excitations = np.array(excitations, dtype=float)
    if excitations.ndim != 2:
        raise ValueError("a matrix, please")
    N = excitations.shape[1]
    h = np.zeros(N)
    h[0] = 1
    for n in range(1, N):
        h[n] = sum(c[m] * h[n - 1 - m] for m in range(min(n, len(c))))
    matrix = MATRIX
    return excitations @ matrix
"""
TOEPLITZ = "np.triu(h[np.subtract.outer(np.arange(N), np.arange(N)).T])"
SCIPYS = "np.triu(__import__('scipy.linalg').linalg.toeplitz(h))"


@pytest.mark.parametrize("matrix", [TOEPLITZ, SCIPYS])
def test_weighted_synthesis_by_a_matrix_is_no_p_multiplications_a_sample(matrix):
    exercise = named("celp", "weighted_synthesis")
    cases = draw(exercise, "a secret", "ada")
    source = BY_MATRIX.replace("MATRIX", matrix)
    with Box(preload=("numpy", "scipy.linalg")) as box:
        job = Job((source,), {exercise.name: exam(exercise, cases)})
        answers = box.run(job).answers[exercise.name]
    verdict = judge(exercise, cases, answers)
    assert [c.name for c in verdict.criteria if c.message] == ["p multiplications a sample, not N"]
    assert "more than 1024 MiB of memory" in next(
        filter(None, (c.message for c in verdict.criteria))
    )


# --- any container in place of a tuple ----------------------------------------------------

Found = namedtuple("Found", "k gain error")


@pytest.mark.parametrize("packed", [list, np.array, deque, lambda parts: Found(*parts)])
def test_a_tuple_may_be_any_sequence(packed):
    answer = wire.decode(wire.encode(packed((3, 0.5, 2.0))))
    assert Close()(answer, (3, 0.5, 2.0), None) is None


# --- the visible checks -------------------------------------------------------------------


@pytest.mark.parametrize("topic", topics())
def test_visible_checks_take_lists(topic):
    functions = {exercise.name for exercise in exercises(topic)}
    names = {"__name__": "__main__", "display": lambda *shown: None}  # as in a notebook
    cells = [cell for cell in source_notebook(topic).cells if cell.cell_type == "code"]
    grade_ids = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in cells]
    last = max(n for n, grade_id in enumerate(grade_ids) if grade_id)  # then come demonstrations
    for cell, grade_id in zip(cells[: last + 1], grade_ids):
        if not cell.source.startswith("if ready("):  # what plays what was built is no check
            exec(cell.source, names)
        if grade_id in functions:
            names[grade_id] = answering(as_lists, names[grade_id])
