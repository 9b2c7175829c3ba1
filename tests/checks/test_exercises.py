"""The rule that keeps the hidden checks honest, for every exercise of every topic.

The reference scores full, the untouched stub zero, each known mistake less than full and is
named, each correct alternative full.
"""

import pytest

from autograder.course.catalogue import exercises, topics
from autograder.exercise.declare import Exercise
from autograder.judging.score import answers_of, draw, judge

STUDENTS = ("ada", "grace", "edsger")
ALL = [(topic, exercise) for topic in topics() for exercise in exercises(topic)]
IDS = [f"{topic}-{exercise.name}" for topic, exercise in ALL]
every_exercise = pytest.mark.parametrize(("topic", "exercise"), ALL, ids=IDS)


def verdicts(exercise: Exercise, function):
    for student in STUDENTS:
        cases = draw(exercise, "a secret", student)
        yield judge(exercise, cases, answers_of(function, cases))


@every_exercise
def test_reference_scores_full(topic, exercise):
    for verdict in verdicts(exercise, exercise.function):
        assert verdict.earned == exercise.points > 0, verdict


@every_exercise
def test_untouched_stub_scores_zero(topic, exercise):
    def stub(*args, **kwargs):
        raise NotImplementedError

    for verdict in verdicts(exercise, stub):
        assert verdict.earned == 0, verdict
        assert "not written yet" in verdict.criteria[0].message


@every_exercise
@pytest.mark.parametrize("answer", [None, 0, 1.0, "x", [], float("nan")], ids=repr)
def test_constant_answers_earn_little(topic, exercise, answer):
    for verdict in verdicts(exercise, lambda *args, **kwargs: answer):
        assert verdict.earned < exercise.points / 2, verdict


@every_exercise
def test_three_mistakes_or_more_each_named(topic, exercise):
    assert len(exercise.mistakes) >= 3
    assert len({m.says for m in exercise.mistakes}) == len(exercise.mistakes)
    for function, says in exercise.wrong:
        answers = answers_of(function, draw(exercise, "a secret", STUDENTS[0]))
        broken = [a.message for a in answers if a.error == "NameError"]
        assert not broken, f"the edit itself does not run: {says} {broken[0]}"
        for verdict in verdicts(exercise, function):
            assert verdict.earned < exercise.points, f"full marks for: {says}"
            assert verdict.mistake == says, f"not named: {says}; instead {verdict}"


@every_exercise
def test_correct_alternatives_score_full(topic, exercise):
    assert exercise.alternatives
    for function, why in exercise.right:
        for verdict in verdicts(exercise, function):
            assert verdict.earned == exercise.points, f"{why}: {verdict}"


@every_exercise
def test_inputs_are_fresh_for_each_student_and_the_same_at_a_regrade(topic, exercise):
    from autograder.sandbox.wire import encode

    ada, again, grace = (
        [encode(list(case.args)) for case in draw(exercise, "a secret", who)]
        for who in ("ada", "ada", "grace")
    )
    assert ada == again
    assert ada != grace
