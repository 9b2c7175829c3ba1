"""A mistake's sentence is said of the mistake, and of nothing that is not the mistake.

Wrong answers that nobody listed are made by machine (`bench/mutate.py`). A seeded sample of them is
tried here; `python bench/mutants.py` tries all.
"""

import re

import numpy as np
import pytest

from autograder.course.catalogue import ROOT, exercises, topics
from autograder.exercise.draw import generator
from autograder.judging import diagnose
from autograder.judging.diagnose import ENOUGH, identity
from autograder.judging.equality import answers_of, failing
from autograder.judging.score import draw, judge
from bench.mutants import tried
from bench.mutate import mutants

ALL = [(topic, exercise) for topic in topics() for exercise in exercises(topic)]
IDS = [f"{topic}-{exercise.name}" for topic, exercise in ALL]
every_exercise = pytest.mark.parametrize(("topic", "exercise"), ALL, ids=IDS)
STUDENTS = ("barbara", "claude")
SAMPLE = 5
CAUGHT = 0.95  # of the sampled mutants that are seen to differ from the reference


@every_exercise
def test_each_mistake_gets_its_own_sentence_and_shows_on_several_inputs(topic, exercise):
    cases = draw(exercise, "another secret", "barbara")
    right = answers_of(exercise.function, cases)
    for (wrong, says), enough in zip(exercise.wrong, diagnose.rehearsal(exercise).enough):
        answers = answers_of(wrong, cases)
        assert judge(exercise, cases, answers).mistake == says
        shown = zip(cases, answers, right)
        inputs = {identity(c) for c, a, r in shown if failing(exercise, c, a, r)}
        assert len(inputs) >= enough


@every_exercise
def test_where_an_exercise_has_too_few_inputs_the_few_are_all_it_has(topic, exercise):
    """Less than `ENOUGH` is taken only of inputs that every student gets alike."""
    few = [i for i, enough in enumerate(diagnose.rehearsal(exercise).enough) if enough < ENOUGH]
    drawn = [draw(exercise, "a secret", student) for student in STUDENTS]
    for i in few:
        wrong = exercise.wrong[i][0]
        shown = []
        for cases in drawn:
            pairs = zip(cases, answers_of(wrong, cases), answers_of(exercise.function, cases))
            shown.append({identity(c) for c, a, r in pairs if failing(exercise, c, a, r)})
        assert shown[0] == shown[1]


@every_exercise
def test_the_place_to_read_is_a_section_of_the_chapter(topic, exercise):
    chapter = (ROOT / "book" / f"{topic}.md").read_text()
    assert exercise.read in re.findall(r"^##+ (.*)$", chapter, flags=re.M)
    cases = draw(exercise, "a secret", "ada")
    wrong = judge(exercise, cases, answers_of(exercise.wrong[0][0], cases))
    assert exercise.read in wrong.read
    assert not judge(exercise, cases, answers_of(exercise.function, cases)).read


@pytest.mark.parametrize("topic", topics())
def test_wrong_answers_that_nobody_listed_lose_points_and_get_no_false_sentence(topic):
    found = []
    for exercise in exercises(topic):
        every = list(mutants(exercise.function))
        chosen = generator("sample", exercise.name).choice(
            len(every), min(SAMPLE, len(every)), replace=False
        )
        found += [(exercise, tried(exercise, every[i])) for i in chosen]
    for exercise, one in found:
        where = f"{exercise.name}: {one.mutant.change}"
        assert not one.false, f"{where} is not: {one.verdict.mistake}"
        if one.caught:
            assert_helps(exercise, one.verdict, where)
    caught = sum(one.caught for _, one in found)
    survivors = [f"{e.name}: {one.mutant.change}" for e, one in found if one.differs]
    assert caught >= CAUGHT * (caught + len(survivors)), survivors


def assert_helps(exercise, verdict, where):
    """Each criterion that was missed says on what input and in what way; none gives a value."""
    assert verdict.read, where
    values = expected_values(exercise)
    for criterion in verdict.criteria:
        assert (criterion.earned == criterion.points) == (not criterion.message), where
        if criterion.message:
            assert re.match(r"with .+, ", criterion.message), where
            told = re.findall(r"-?\d+\.\d{3,}", criterion.message.partition(", ")[2])
            assert not values & set(told), where


def expected_values(exercise):
    """The expected numbers, as text with three digits and more."""
    found = set()
    cases = draw(exercise, "mutants", "ada")
    for answer in answers_of(exercise.function, cases):
        parts = answer.value if isinstance(answer.value, tuple) else (answer.value,)
        for part in parts:
            if isinstance(part, (float, np.ndarray)) and np.asarray(part).dtype.kind == "f":
                for digits in (3, 4, 6):
                    found |= {f"{x:.{digits}f}" for x in np.ravel(part)}
                found |= {repr(float(x)) for x in np.ravel(part)}
    return found
