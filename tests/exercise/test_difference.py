"""In what way an answer differs: the words that students read, and that they hold no value."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.exercise.compare import Close

X = np.random.default_rng(0).standard_normal(8)
SQUARE = np.random.default_rng(1).standard_normal((4, 4))
BINS = np.random.default_rng(2).uniform(1, 2, (6, 2)) @ [1, 1j]


def at(array, value, *where):
    changed = array.copy()
    for index in where:
        changed[index] = value
    return changed


KINDS = {
    "the sign is the opposite one": [(-X, X), (-BINS, BINS), (0.5, -0.5)],
    "off by one and the same factor": [(2 * X, X), (SQUARE / 3, SQUARE)],
    "the same number is added to all": [(X + 1, X), (np.array([1, 2, 4]), np.array([0, 1, 3]))],
    "the order is reversed": [(X[::-1], X)],
    "their order is not": [(np.sort(X), X)],
    "rows and columns are swapped": [(SQUARE.T, SQUARE)],
    "some signs are not": [(np.abs(X), X)],
    "the phases are not": [(np.conj(BINS), BINS), (np.abs(BINS), BINS)],
    "one place too late": [(np.append(9, X[:-1]), X)],
    "one place too early": [(np.append(X[1:], 9), X)],
    "only the first is wrong": [(at(X, 9, 0), X)],
    "only the last is wrong": [(at(X, 9, -1), X)],
    "only the first and the last are wrong": [(at(X, 9, 0, -1), X)],
    "only the first row is wrong": [(at(SQUARE, 9, 0), SQUARE)],
    "only the last column is wrong": [(at(SQUARE, 9, (slice(None), -1)), SQUARE)],
    "only the main diagonal is wrong": [(SQUARE + np.eye(4), SQUARE)],
    "only a few are wrong": [(at(X, 9, 3), X)],
    "all your values are zero": [(0 * X, X), (0.0, 3.0)],
    "1 missing at the beginning": [(X[1:], X)],
    "2 missing at the end": [(X[:-2], X)],
    "1 too many at the beginning": [(np.append(9, X), X)],
    "3 too many at the end": [(np.append(X, [9, 9, 9]), X)],
}
CASES = [(words, *pair) for words, pairs in KINDS.items() for pair in pairs]


@pytest.mark.parametrize(("words", "answer", "expected"), CASES)
def test_the_kind_of_difference_is_told(words, answer, expected):
    assert words in Close()(answer, expected, None)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [(6.0, 3.0), (-1, 1), (np.array([2.0, 4.0]), np.array([1.0, 2.0])), (X**2 + 1, X), (BINS, X)],
)
def test_nothing_is_said_where_there_is_too_little_to_see(answer, expected):
    says = Close()(answer, expected, None)
    assert says and ":" not in says


def test_without_detail_the_verdict_is_the_same():
    for _, answer, expected in CASES:
        assert ":" not in Close(detail=False)(answer, expected, None)


numbers = st.floats(allow_nan=True, width=64)
arrays = hnp.array_shapes(min_dims=0, max_dims=3, max_side=4).flatmap(
    lambda shape: st.tuples(
        hnp.arrays(float, shape, elements=numbers), hnp.arrays(float, shape, elements=numbers)
    )
)


@settings(max_examples=200, deadline=None)
@given(arrays)
def test_any_two_arrays_are_compared_and_no_expected_value_is_told(pair):
    answer, expected = pair
    says = Close(finite=False)(answer, expected, None)
    assert (says is None) == (Close(finite=False, detail=False)(answer, expected, None) is None)
    values = expected[np.isfinite(expected)]
    assert not any(repr(float(value)) in (says or "") for value in values if value % 1)
