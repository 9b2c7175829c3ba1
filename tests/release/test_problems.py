"""Every problem of the exam and the homeworks is asked, or its topic is not there yet."""

import pytest

from autograder.course.catalogue import exercises, topics
from autograder.release.problems import PROBLEMS, Line, Oracle, caught, measured, table

ASKED = {
    name: [e for topic in topics() for e in exercises(topic) if name in e.answers]
    for name in PROBLEMS
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_problem_of_a_topic_that_is_there_is_asked(name):
    problem = PROBLEMS[name]
    assert problem.topic not in topics() or ASKED[name], f"{problem.topic}: no exercise asks {name}"


def test_exercises_name_problems_that_exist():
    named = {name for topic in topics() for e in exercises(topic) for name in e.answers}
    assert named <= PROBLEMS.keys()


def test_a_line_says_what_is_missing():
    exercise = ASKED["exam 3"][0]
    count = len(exercise.mistakes)
    oracle = (Oracle("enumeration", 1e-12),)
    assert Line("exam 3", "hmm").trouble == "no exercise asks it"
    assert Line("exam 3", "hmm", exercise, count).trouble == "no oracle"
    assert Line("exam 3", "hmm", exercise, count - 1, oracle).trouble == "a mistake is not named"
    whole = Line("exam 3", "hmm", exercise, caught(exercise), oracle)
    assert whole.trouble == ""
    text = table([whole])
    assert "last_scale_factor" in text and "1.0e-12 enumeration" in text and "book/hmm.md" in text


def test_the_oracles_are_measured_by_their_own_tests():
    found = measured(["dtw"])
    assert {exercise.name for exercise in exercises("dtw")} <= found.keys()
    assert all(0 <= one.difference < 1 for oracles in found.values() for one in oracles)
