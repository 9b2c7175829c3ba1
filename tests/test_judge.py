"""The judge: points by criterion, and the mistake that explains the answers, if one does."""

import numpy as np

from autograder.exercise import Case, Criterion, Exercise, Mistake
from autograder.judge import answers_of, judge


def mean_square(x):
    if len(x) == 0:
        raise ValueError("x is empty")
    return np.mean(np.square(x))


EXERCISE = Exercise(
    function=mean_square,
    cases=lambda rng: [
        Case((rng.standard_normal(8) + 2,), "eight numbers"),
        Case((rng.standard_normal(5) - 1,), "five numbers"),
        Case((np.zeros(0),), "nothing", "bad input"),
    ],
    criteria=(Criterion("the value", 3), Criterion("refuses nothing", 1, "bad input")),
    mistakes=(
        Mistake(edit=("np.mean(np.square(x))", "np.mean(x) ** 2"), says="square of the mean"),
        Mistake(edit=("np.mean(", "np.sum("), says="a sum"),
    ),
)
CASES = EXERCISE.cases(np.random.default_rng(0))


def verdict(function):
    return judge(EXERCISE, CASES, answers_of(function, CASES))


def test_points_go_by_criterion():
    found = verdict(lambda x: np.mean(x**2) if len(x) else 0.0)
    assert [c.earned for c in found.criteria] == [3, 0]
    assert "should raise ValueError" in found.criteria[1].message
    assert found.mistake == ""


def test_a_mistake_is_named_when_every_answer_is_its_own():
    for function, says in EXERCISE.wrong:
        assert verdict(function).mistake == says


def test_a_mistake_is_named_even_where_a_refusal_was_left_out_too():
    found = verdict(lambda x: float(np.sum(x**2)))
    assert found.earned == 0
    assert found.mistake == "a sum"


def test_answers_that_are_nobody_s_get_no_sentence_but_the_criterion_s():
    found = verdict(lambda x: 42.0)
    assert (found.earned, found.mistake) == (0, "")
    assert found.criteria[0].message == "with eight numbers, your answer is not the right number"


def test_no_message_holds_an_expected_value():
    expected = [f"{mean_square(case.args[0]):.3f}" for case in CASES[:2]]
    said = str(verdict(lambda x: 42.0))
    assert not any(value in said for value in expected)


def test_changed_arguments_are_noted_without_costing_points():
    def in_place(x):
        if len(x) == 0:
            raise ValueError
        x *= x
        return x.mean()

    found = verdict(in_place)
    assert found.earned == EXERCISE.points
    assert "changes its arguments" in found.notes[0]


def test_too_few_answers_lose_and_do_not_break():
    assert judge(EXERCISE, CASES, ()).earned == 0


def test_refusing_everything_is_no_refusal():
    def refuses(x):
        raise ValueError("no")

    def fails(x):
        raise TypeError("a fault") if len(x) else ValueError("empty")

    assert verdict(refuses).earned == 0
    assert "every other input" in verdict(refuses).criteria[1].message
    assert verdict(fails).earned == 1
