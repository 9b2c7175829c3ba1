"""A sentence about a number stands only where the number bears it out."""

import numpy as np
import pytest

from speechlab import claim
from speechlab.show.claims import ClaimError


def test_a_true_sentence_is_shown_as_markdown():
    assert claim("It *falls*.", np.bool_(True))._repr_markdown_() == "It *falls*."


def test_what_is_true_otherwise_is_shown_instead():
    assert repr(claim("It falls.", 3 < 2, "It rises.")) == "It rises."


def test_a_false_sentence_stops_the_page():
    with pytest.raises(ClaimError, match=r"contradict the sentence: It falls\."):
        claim("It falls.", False)


def test_several_truth_values_are_none():
    with pytest.raises(TypeError, match="one truth value"):
        claim("It falls.", np.array([True, False]))
