"""The judge: from the answers that came back as data to points and sentences.

It never touches an object of the student's. It draws the inputs, asks the reference, compares,
and looks among the known mistakes for one that explains a wrong answer.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from autograder.exercise import Case, Criterion, Exercise, generator
from autograder.runner.call import perform
from autograder.runner.job import Answer, Call, Exam, Status


@dataclass(frozen=True)
class CriterionResult:
    """One line of the feedback: what was looked at, the points, and what was found wrong."""

    name: str
    points: float
    earned: float
    message: str = ""


@dataclass(frozen=True)
class Verdict:
    """The judgement of one exercise of one submission, as plain data."""

    exercise: str
    points: float
    earned: float
    criteria: tuple[CriterionResult, ...]
    mistake: str = ""
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return asdict(self)


def draw(exercise: Exercise, *who: str) -> list[Case]:
    """The inputs of this student for this exercise; the same ones at every regrade."""
    return exercise.cases(generator(*who, exercise.name))


def exam(exercise: Exercise, cases: list[Case]) -> Exam:
    """What the sandbox is asked to do for the exercise."""
    return Exam(
        calls=tuple(Call(exercise.name, case.args, case.kwargs) for case in cases),
        forbidden=exercise.forbidden,
        seconds=exercise.limits.seconds,
        memory_mb=exercise.limits.memory_mb,
    )


def answers_of(function: Any, cases: list[Case]) -> tuple[Answer, ...]:
    """The answers of a function that we trust (a reference, a mistake), called in this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a wrong variant may divide by zero; nobody needs to know
        return tuple(perform(function, Call(function.__name__, c.args, c.kwargs)) for c in cases)


def _trouble(answer: Answer, exercise: Exercise) -> str:
    """The sentence for a call that did not return."""
    where = f" (line {answer.line} of your cell)" if answer.line else ""
    detail = f": {answer.message}" if answer.message else ""
    if answer.error == "NotImplementedError":
        return "this function is not written yet"
    return {
        Status.ERROR: f"your function raised {answer.error}{detail}{where}",
        Status.MISSING: f"no function named `{exercise.name}` was found in your notebook",
        Status.TIMEOUT: f"your function took too long (the limit is {exercise.limits.seconds:g} s "
        "for all calls): is there a loop that never ends?",
        Status.MEMORY: f"your function asked for more than {exercise.limits.memory_mb} MiB "
        "of memory",
        Status.DIED: "your function ended the Python process instead of returning",
        Status.TOO_LARGE: "your function returned far more data than was asked for",
        Status.FORBIDDEN: f"your function calls `{answer.message}`, which this exercise does not "
        f"allow: {exercise.because}",
        Status.NOT_RUN: "not tried, because an earlier call did not come back",
    }[answer.status]


def _check(
    criterion: Criterion, answer: Answer, expected: Answer, case: Case, exercise: Exercise
) -> str | None:
    if expected.status is Status.ERROR:
        if answer.status is Status.OK:
            return f"your function should raise {expected.error} here but returned a value"
        same = expected.error in (answer.error, *answer.bases)
        return None if answer.status is Status.ERROR and same else _trouble(answer, exercise)
    if answer.status is not Status.OK:
        return _trouble(answer, exercise)
    try:
        part = criterion.select(answer.value)
    except Exception:
        part = answer.value  # not even the right container: let the comparison say so
        return (
            criterion.equal(part, expected.value, case)
            or "your answer is not of the form asked for"
        )
    return criterion.equal(part, criterion.select(expected.value), case)


def _refuses_all(answers: tuple[Answer, ...], expected: tuple[Answer, ...]) -> bool:
    """Does the function raise, on every input that has an answer, what it should on the others?

    Then it refuses nothing in particular, and one line would earn the points for refusing.
    """
    wanted = {right.error for right in expected if right.status is Status.ERROR}
    pairs = [a for a, right in zip(answers, expected) if right.status is Status.OK]
    return bool(pairs) and all(
        a.status is Status.ERROR and wanted & {a.error, *a.bases} for a in pairs
    )


def _score(
    exercise: Exercise, cases: list[Case], answers: tuple[Answer, ...], expected: tuple[Answer, ...]
):
    """Yields a CriterionResult for each criterion."""
    refuses_all = _refuses_all(answers, expected)
    for criterion in exercise.criteria:
        message = ""
        for case, answer, right in zip(cases, answers, expected, strict=True):
            if case.group == criterion.group:
                says = _check(criterion, answer, right, case, exercise)
                if not says and refuses_all and right.status is Status.ERROR:
                    says = "your function refuses this, but it refuses every other input, too"
                if says:
                    message = f"with {case.kind}, {says}"
                    break
        yield CriterionResult(
            criterion.name, criterion.points, 0.0 if message else criterion.points, message
        )


def _agrees(exercise: Exercise, case: Case, answer: Answer, other: Answer) -> bool:
    """Are the two answers to this input the same, as far as any criterion looks?"""
    return all(
        _check(criterion, answer, other, case, exercise) is None
        for criterion in exercise.criteria
        if criterion.group == case.group
    )


def _known_mistake(
    exercise: Exercise,
    cases: list[Case],
    answers: tuple[Answer, ...],
    expected: tuple[Answer, ...],
) -> str:
    """The sentence of the one mistake that gives these answers, or "" if none or several do.

    If none does on every input, the inputs that have an answer are looked at alone: who makes the
    mistake may also have left out a refusal, which the criteria say in any case.
    """
    answered = [i for i, right in enumerate(expected) if right.status is Status.OK]
    refused = [i for i, right in enumerate(expected) if right.status is not Status.OK]

    def like(function: Callable, inputs: list[int]) -> bool:
        return all(
            _agrees(exercise, cases[i], answers[i], answers_of(function, [cases[i]])[0])
            for i in inputs
        )

    near = [(function, says) for function, says in exercise.wrong if like(function, answered)]
    exact = {says for function, says in near if like(function, refused)}
    if all(_agrees(exercise, cases[i], answers[i], expected[i]) for i in answered):
        near = []  # right wherever there is an answer
    found = exact or {says for _, says in near}
    return found.pop() if len(found) == 1 else ""


def judge(exercise: Exercise, cases: list[Case], answers: tuple[Answer, ...]) -> Verdict:
    """Points and sentences for one exercise, from the answers to its cases."""
    if len(answers) != len(cases):
        answers = (*answers, *[Answer(Status.NOT_RUN)] * len(cases))[: len(cases)]
    expected = answers_of(exercise.function, cases)
    results = tuple(_score(exercise, cases, answers, expected))
    earned = sum(result.earned for result in results)
    mistake = (
        "" if earned == exercise.points else _known_mistake(exercise, cases, answers, expected)
    )
    notes = []
    if any(answer.changed for answer in answers):
        notes.append(
            "Your function changes its arguments in place; whoever calls it will be surprised. "
            "Work on a copy."
        )
    return Verdict(exercise.name, exercise.points, earned, results, mistake, tuple(notes))
