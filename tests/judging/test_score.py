"""The judge: points by criterion, and the mistake that explains the answers, if one does."""

from dataclasses import replace

import numpy as np

from autograder.exercise.compare import Close
from autograder.exercise.declare import Case, Criterion, Exercise, Mistake
from autograder.judging import diagnose
from autograder.judging.score import answers_of, draw, judge, prepare
from autograder.sandbox.job import Answer, Status


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
        Mistake("np.mean(np.square(x)) => np.mean(x) ** 2", says="square of the mean"),
        Mistake("np.mean( => np.sum(", says="a sum"),
    ),
)
CASES = draw(EXERCISE, "somebody")


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


def test_the_inputs_on_which_a_mistake_shows_are_drawn_until_there_are_three():
    assert len(EXERCISE.cases(np.random.default_rng(0))) == 3
    numbers = [case.args[0] for case in CASES if case.group != "bad input"]
    assert len(numbers) == 4
    assert len({case.tobytes() for case in numbers}) == 4


def test_one_input_that_fits_is_not_enough_for_a_sentence():
    few = CASES[:1] + CASES[2:3]
    assert judge(EXERCISE, few, answers_of(np.sum, few)).mistake == ""


def test_a_mistake_on_the_inputs_it_was_seen_on_and_another_elsewhere_is_not_named():
    found = verdict(lambda x: np.sum(x**2) if len(x) > 5 else np.sum(x**2) + 1)
    assert found.mistake == ""


def test_of_two_mistakes_that_answer_alike_neither_is_named():
    alike = replace(
        EXERCISE,
        mistakes=(
            *EXERCISE.mistakes,
            Mistake("np.mean(np.square(x)) => len(x) * np.mean(x**2)", says="len times"),
        ),
    )
    cases = draw(alike, "somebody")
    assert judge(alike, cases, answers_of(alike.wrong[1][0], cases)).mistake == ""
    assert judge(alike, cases, answers_of(alike.wrong[0][0], cases)).mistake == "square of the mean"


def test_a_mistake_that_needs_no_answer_is_named_by_what_it_does_not_refuse():
    lax = Mistake('raise ValueError("x is empty") => return 0.0', says="no refusal")
    exercise = replace(EXERCISE, mistakes=(*EXERCISE.mistakes, lax))
    assert diagnose.rehearsal(exercise).enough == (3, 3, 1)  # there is only one empty vector
    cases = draw(exercise, "somebody")
    assert judge(exercise, cases, answers_of(exercise.wrong[2][0], cases)).mistake == "no refusal"


def test_a_mistake_of_another_form_than_the_answer_is_compared_as_a_whole():
    def pair(x):
        return np.sum(x), np.mean(x)

    exercise = Exercise(
        function=pair,
        cases=lambda rng: [Case((rng.standard_normal(4),), f"draw {i}") for i in range(3)],
        criteria=(Criterion("mean", 1, select=lambda answer: answer[1]),),
        mistakes=(Mistake(np.sum, says="the sum only"),),
    )
    cases = draw(exercise, "somebody")
    assert judge(exercise, cases, answers_of(np.sum, cases)).mistake == "the sum only"
    assert judge(exercise, cases, answers_of(lambda x: (1, 2), cases)).mistake == ""


def test_answers_that_are_nobody_s_get_no_sentence_but_the_criterion_s():
    found = verdict(lambda x: 42.0)
    assert (found.earned, found.mistake) == (0, "")
    assert found.criteria[0].message == "with eight numbers, your answer is not the right number"


def test_numbers_that_are_wrong_in_one_way_on_all_inputs_are_seen_together():
    for wrong, words in (
        (lambda x: 2 * np.mean(x**2), "off by one and the same factor"),
        (lambda x: np.mean(x**2) + 1, "one and the same number is added"),
    ):
        assert words in verdict(wrong).criteria[0].message.partition("; over all inputs")[2]
    turned = verdict(lambda x: -np.mean(x**2)).criteria[0].message
    assert turned.count("the sign is the opposite one") == 1
    assert "; over" not in verdict(lambda x: np.mean(x**3)).criteria[0].message
    assert "; over" not in verdict(lambda x: "three").criteria[0].message


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
    assert "refuses other inputs" in verdict(refuses).criteria[1].message
    assert verdict(fails).earned == 1


MORE = replace(
    EXERCISE,
    cases=lambda rng: (
        [Case((rng.standard_normal(8) + 2,), "numbers") for _ in range(9)]
        + [Case((np.zeros(0),), "nothing", "bad input")]
    ),
)
DRAWN = prepare(MORE, "somebody")
SIZES = [len(case.args[0]) for case in DRAWN.calls()]  # as the function sees them


def points_for_refusing(refuses):
    """What a function gets that refuses the calls whose number and input's size it is asked of."""
    raised, zero = Answer(Status.ERROR, error="ValueError"), Answer(Status.OK, 0.0)
    answers = tuple(raised if refuses(i, size) else zero for i, size in enumerate(SIZES))
    return judge(MORE, DRAWN.cases, DRAWN.put_back(answers), DRAWN.expected).criteria[1].earned


def test_refusing_blindly_earns_nothing():
    assert points_for_refusing(lambda i, size: i > 0) == 0
    assert points_for_refusing(lambda i, size: not size or i % 2) == 0


def test_who_refuses_what_should_be_refused_has_the_point_be_the_rest_wrong():
    assert points_for_refusing(lambda i, size: not size) == 1
    assert points_for_refusing(lambda i, size: not size or i == 0) == 1


def test_an_input_to_be_refused_comes_anywhere_but_first():
    found = [prepare(MORE, f"student {i}") for i in range(40)]
    places = {tuple(i for i, case in enumerate(d.calls()) if not case.args[0].size) for d in found}
    assert len(places) > 4 and 0 not in set().union(*places)
    assert DRAWN.order == prepare(MORE, "somebody").order
    answers = answers_of(EXERCISE.function, DRAWN.calls())
    assert DRAWN.put_back(answers) == DRAWN.expected


def test_numbers_that_no_float_holds_are_wrong_and_no_fault():
    assert verdict(lambda x: 2**4000 if len(x) else 0).earned == 0


def test_a_list_far_longer_than_asked_for_is_not_read():
    found = verdict(lambda x: [["ab"] * 1000] * 50)
    assert "far longer than asked for: a list of length 50" in found.criteria[0].message


# --- the docstring's names and the answer's own indices -----------------------------------


def peak(x):
    """Where a signal is largest.

    Parameters
    ----------
    x : array_like, shape (N,)

    Returns
    -------
    place, height : float
        Its index, and its value.

    Raises
    ------
    ValueError
        Never.
    """
    return float(np.argmax(x)), float(np.max(x))


def table(x):
    """A matrix of three columns."""
    return np.stack([x, x**2, x**3], axis=1)


def messages(function, wrong, *criteria):
    exercise = Exercise(
        function=function,
        cases=lambda rng: [Case((rng.standard_normal(5),), "five numbers")],
        criteria=criteria,
        mistakes=(),
    )
    cases = draw(exercise, "somebody")
    return [c.message for c in judge(exercise, cases, answers_of(wrong, cases)).criteria]


def test_the_parts_of_a_tuple_have_the_docstrings_names():
    criteria = Criterion("the place", 1, select=0), Criterion("the height", 1, select=1)
    both = Criterion("both", 1)
    assert messages(peak, lambda x: (0.5, -7.0), *criteria, both) == [
        "with five numbers, `place` is not the right number",
        "with five numbers, `height` is not the right number",
        "with five numbers, `place` is not the right number",
    ]
    turned = Criterion("height and place", 1, select=(1, 0))
    told = messages(peak, lambda x: (-7.0, float(np.max(x))), turned)
    assert told == ["with five numbers, `place` is not the right number"]
    none = messages(peak, lambda x: None, *criteria)
    assert none[0].startswith("with five numbers, your answer should be a tuple of 2 values")


def test_columns_that_are_looked_at_are_told_by_their_own_index():
    first, others = (
        Criterion("the first", 1, equal=Close(columns=(0,))),
        Criterion("the others", 1, equal=Close(columns=(1, 2))),
    )

    def off(x):
        found = table(x)
        found[3, 2] += 1
        return found

    right, wrong = messages(table, off, first, others)
    assert right == ""
    assert "first at index (3, 2)" in wrong
