"""What a declaration says in short is what it means; a slip in one is an error that says where."""

import numpy as np
import pytest

from autograder.exercise.compare import Close
from autograder.exercise.declare import (
    Alternative,
    Case,
    Criterion,
    DeclarationError,
    Exercise,
    Mistake,
)
from autograder.exercise.draw import BAD, spoilt
from autograder.exercise.variants import edited, in_one_array, in_single_precision, parsed


def scaled(x, gain=1.0, *, offset=0.0):
    """Multiplied by `gain`; the word return is no statement here."""
    if not np.size(x) or not np.all(np.isfinite(x)) or gain <= 0:
        raise ValueError("x or gain")
    y = gain * np.asarray(x)
    return y + offset


def exercise(**given):
    return Exercise(
        **{
            "function": scaled,
            "cases": lambda rng: [Case((rng.standard_normal(4), 2.0), "four numbers")],
            "criteria": (Criterion("the values", 2),),
            "mistakes": "gain * => (1 + gain) *\n    One too many.",
            **given,
        }
    )


def drawn(made):
    return made.draw(np.random.default_rng(0))


# --- mistakes and alternatives ------------------------------------------------------------


def test_a_text_of_mistakes_is_read_as_edits_and_sentences():
    text = """
        gain * => -gain *
            The sign
            is wrong.
        y = gain
        => y = 2 * gain
        return y => y = -y; return y
            Two edits, the first of them broken before its arrow.
        + offset =>
            The offset is lost.
    """
    assert list(parsed(text)) == [
        ((("gain *", "-gain *"),), "The sign is wrong."),
        (
            (("y = gain", "y = 2 * gain"), ("return y", "y = -y; return y")),
            "Two edits, the first of them broken before its arrow.",
        ),
        ((("+ offset", ""),), "The offset is lost."),
    ]
    answers = [wrong([1.0], 3.0, offset=1.0) for wrong, _ in exercise(mistakes=text).wrong]
    assert np.array_equal(np.ravel(answers), [-2, -5, 3])


def test_texts_and_objects_can_be_mixed():
    made = exercise(mistakes=("gain * => -gain *\n    A sign.", Mistake(np.sum, says="A sum.")))
    assert [mistake.says for mistake in made.mistakes] == ["A sign.", "A sum."]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("gain * -> -gain *\n    A sign.", "is no edit"),
        ("=> -gain *\n    A sign.", "is no edit"),
        ("gain * => -gain *", "has no sentence"),
        ("gain * => -gain *\n    A sign.\ny = => z =", "has no sentence"),
    ],
)
def test_a_slip_in_a_text_is_an_error(text, says):
    with pytest.raises(DeclarationError, match=says):
        exercise(mistakes=text)


@pytest.mark.parametrize(("old", "times"), [("nothing", 0), ("gain", 4), ("Multiplied", 0)])
def test_an_edit_must_fit_exactly_once_and_not_the_docstring(old, times):
    with pytest.raises(DeclarationError, match=f"scaled: '{old}' occurs {times} times"):
        edited(scaled, (old, "new"))


def test_an_edit_may_replace_what_the_docstring_says_too():
    assert edited(scaled, ("return y", "return -y"))([1.0]) == [-1.0]


def test_a_function_is_called_only_with_what_the_reference_answers():
    def other(x, gain=1.0, *, offset=0.0):
        x *= gain
        return x + offset

    x = np.ones(3)
    (guarded, why), *_ = exercise(alternatives=(Alternative(other, why="in place"),)).right
    assert why == "in place"
    with pytest.raises(ValueError, match="x or gain"):
        guarded(x, -1.0)
    assert np.array_equal(x, np.ones(3))
    assert np.array_equal(guarded(x, 2.0, offset=1.0), [3, 3, 3])
    assert Mistake(other, guard=False, says="").of(scaled) is other


def test_the_forms_of_an_answer_are_tried_for_every_exercise():
    answers = {why: function(np.ones(2), 0.1) for function, why in exercise().right}
    assert answers["lists in place of arrays"] == [0.1, 0.1]
    assert answers["single precision"].dtype == np.float32
    assert in_single_precision((np.ones(2, complex), 1j, "x"))[0].dtype == np.complex64
    assert in_one_array((1, 2.5)).tolist() == [1.0, 2.5]
    assert in_one_array((np.ones(2), np.ones(3)))[1].shape == (3,)
    ragged = (np.ones(2), (np.ones((1, 2)), np.ones((3, 2))))
    assert in_one_array(ragged) is ragged


# --- refusals -----------------------------------------------------------------------------


def test_bad_input_is_the_first_case_with_arguments_replaced():
    made = exercise(
        refuses={
            "no gain": {"gain": lambda gain: 0 * gain},
            "an offset, too": {"gain": -1.0, "offset": 3.0},
            **spoilt("x"),
        }
    )
    usual, *bad = drawn(made)
    assert {case.group for case in bad} == {BAD}
    assert [case.kind for case in bad] == ["no gain", "an offset, too", "NaN in x", "an empty x"]
    assert [case.args[1] for case in bad] == [0.0, -1.0, 2.0, 2.0]
    assert bad[0].args[0] is usual.args[0]
    assert bad[1].kwargs == {"offset": 3.0}
    assert np.isnan(bad[2].args[0]).sum() == 1
    assert bad[3].args[0].shape == (0,)


def test_the_criterion_for_refusing_comes_with_it():
    assert exercise().points == 2
    assert exercise(refuses=spoilt("x")).points == 3
    other = Criterion("tells what is no signal", 0.5, BAD)
    assert exercise(refuses=spoilt("x"), refusal=other).criteria[-1] is other


def test_an_argument_that_is_not_there_is_an_error():
    with pytest.raises(DeclarationError, match="scaled has no argument 'volume'"):
        drawn(exercise(refuses={"too loud": {"volume": 11}}))


def test_forbidden_calls_may_be_a_text():
    assert exercise(forbidden="numpy.dot numpy.sum").forbidden == ("numpy.dot", "numpy.sum")


# --- what counts as equal -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ([], np.zeros((0, 3, 3))),
        ([[], []], np.zeros((2, 0, 3))),
        (np.array([1.0, 2.0]), (1, 2.0)),
        (np.eye(2), ([1.0, 0.0], [0.0, 1.0])),
        ([np.float32(1), 2], (1.0, 2.0)),
        (np.full(2, 1 + 1e-5j, np.complex64), np.ones(2, complex)),
        (np.str_("one"), "one"),
        (np.array("one"), "one"),
        (np.array(True), True),
    ],
)
def test_what_is_the_same_in_another_container_is_right(answer, expected):
    assert Close()(answer, expected, None) is None


@pytest.mark.parametrize(
    ("answer", "expected", "says"),
    [
        ([[]], np.zeros((0, 3, 3)), "shape"),
        (np.zeros(0), np.zeros((0, 3, 3)), "shape"),
        ([], np.zeros((1, 3)), "shape"),
        (np.array([1.0, 2.0, 3.0]), (1, 2.0), "a tuple of 2"),
        (np.array(1.0), (1, 2.0), "a tuple of 2"),
        (np.str_("two"), "one", "not the right text"),
        (np.array(["one"]), "one", "should be a text but is an array of shape (1,)"),
        (1, True, "should be a truth value but is an int"),
    ],
)
def test_what_is_not_the_same_is_not(answer, expected, says):
    assert says in Close()(answer, expected, None)
