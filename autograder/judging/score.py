"""The judge: from the answers that came back as data to points and sentences.

The judge never touches an object of the student's. It draws the inputs, asks the reference,
compares, and looks among the known mistakes for one that explains a wrong answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

from autograder.exercise.declare import Case, Criterion, Exercise
from autograder.exercise.draw import generator
from autograder.judging import diagnose
from autograder.judging.equality import answers_of, check, together
from autograder.judging.outcome import Outcome, ended
from autograder.sandbox.job import Answer, Call, Exam, Status

SAME_CALL = "not judged, because of the same call"
BLIND = "your function refuses this, but it refuses other inputs, too"


@dataclass(frozen=True)
class CriterionResult:
    """One line of the feedback: what was looked at, the points, and what was found wrong.

    `outcome` is what happened in the call that `message` tells of, and `error` the name of the
    exception if the call raised one.
    """

    name: str
    points: float
    earned: float
    message: str = ""
    outcome: Outcome = Outcome.OK
    error: str = ""


@dataclass(frozen=True)
class Verdict:
    """The judgement of one exercise of one submission, as plain data.

    `ended` is the outcome of the first call that neither returned nor raised, whatever criterion
    it belongs to; OK where every call did. `at_check` is True where the function counts as its
    check found it, though the notebook defines it anew further down.
    """

    exercise: str
    points: float
    earned: float
    criteria: tuple[CriterionResult, ...]
    mistake: str = ""
    notes: tuple[str, ...] = ()
    read: str = ""  # where to read about it, if something is wrong
    ended: Outcome = Outcome.OK
    at_check: bool = False


def draw(exercise: Exercise, *who: str) -> list[Case]:
    """The inputs of this student for this exercise; the same ones at every regrade.

    Behind the usual inputs come more of those on which some mistake has to show itself.
    """
    rng = generator(*who, exercise.name)
    cases = exercise.draw(rng)
    for positions in diagnose.rehearsal(exercise).again:
        more = exercise.draw(rng)
        cases += [more[i] for i in positions if i < len(more)]
    return cases


def exam(exercise: Exercise, cases: list[Case]) -> Exam:
    """What the sandbox is asked to do for the exercise."""
    return Exam(
        calls=tuple(Call(exercise.name, case.args, case.kwargs) for case in cases),
        forbidden=exercise.forbidden,
        **asdict(exercise.limits),
    )


def _refuses_blindly(answers: tuple[Answer, ...], expected: tuple[Answer, ...]) -> bool:
    """Does the function raise, on many inputs that have an answer, what it should on bad input?

    Such a function refuses nothing in particular: a single line would earn the points for
    refusing. A function that refuses one odd input too many is not meant.
    """
    wanted = {right.error for right in expected if right.status is Status.ERROR}
    pairs = [a for a, right in zip(answers, expected) if right.status is Status.OK]
    refused = [a for a in pairs if a.status is Status.ERROR and wanted & {a.error, *a.bases}]
    return bool(pairs) and 4 * len(refused) > len(pairs)


Judged = list[tuple[Case, Answer, Answer]]  # inputs, the answers to them, the reference's answers


def _failure(
    exercise: Exercise, criterion: Criterion, judged: Judged, blind: bool
) -> tuple[Case, str, Outcome, str] | None:
    """The first input that fails the criterion: its sentence, the outcome, the error's name."""
    for case, answer, right in judged:
        if says := check(criterion, answer, right, case, exercise):
            outcome = Outcome.of(answer)
            return case, says, outcome, answer.error if outcome is Outcome.RAISED else ""
        if blind and right.status is Status.ERROR:
            return case, BLIND, Outcome.WRONG, ""
    return None


def _score(
    exercise: Exercise, cases: list[Case], answers: tuple[Answer, ...], expected: tuple[Answer, ...]
) -> Iterator[CriterionResult]:
    blind, banned = _refuses_blindly(answers, expected), False
    judged = list(zip(cases, answers, expected, strict=True))
    for criterion in exercise.criteria:
        mine = [one for one in judged if one[0].group == criterion.group]
        failure = _failure(exercise, criterion, mine, blind)
        if failure is None:
            yield CriterionResult(criterion.name, criterion.points, criterion.points)
            continue
        case, says, outcome, error = failure
        if outcome is Outcome.FORBIDDEN:
            message = SAME_CALL if banned else says
            banned = True
        else:
            message = f"with {case.kind}, {says}"
            words = together(criterion, ((a, r) for _, a, r in mine))
            if words and words not in says:
                message += f"; over all inputs of this kind, {words}"
        yield CriterionResult(criterion.name, criterion.points, 0.0, message, outcome, error)


@dataclass(frozen=True)
class Drawn:
    """One student's inputs for one exercise, and the reference's answers to them.

    `order` is the order in which the function is called: inputs that are to be refused come among
    the others, so that the function cannot tell by counting which they are.
    """

    cases: list[Case]
    expected: tuple[Answer, ...]
    order: tuple[int, ...] = ()

    def calls(self) -> list[Case]:
        """The inputs in the order of the calls."""
        return [self.cases[i] for i in self.order]

    def put_back(self, answers: tuple[Answer, ...]) -> tuple[Answer, ...]:
        """The answers to the calls, in the order of the inputs."""
        given = dict(zip(self.order, answers))
        return tuple(given.get(i, Answer(Status.NOT_RUN)) for i in range(len(self.cases)))


def _order(expected: tuple[Answer, ...], *who: str) -> tuple[int, ...]:
    refused = [i for i, right in enumerate(expected) if right.status is Status.ERROR]
    order = [i for i in range(len(expected)) if i not in refused]
    rng = generator(*who, "order")
    for i in refused:
        order.insert(int(rng.integers(min(1, len(order)), len(order) + 1)), i)
    return tuple(order)


def prepare(exercise: Exercise, *who: str) -> Drawn:
    """The student's inputs and the reference's answers, which need no look at the notebook."""
    cases = draw(exercise, *who)
    expected = answers_of(exercise.function, cases)
    return Drawn(cases, expected, _order(expected, *who, exercise.name))


def judge(
    exercise: Exercise,
    cases: list[Case],
    answers: tuple[Answer, ...],
    expected: tuple[Answer, ...] | None = None,
) -> Verdict:
    """Points and sentences for one exercise, from the answers to its cases.

    `expected` are the reference's answers, if they are known already.
    """
    if len(answers) != len(cases):
        answers = (*answers, *[Answer(Status.NOT_RUN)] * len(cases))[: len(cases)]
    if expected is None:
        expected = answers_of(exercise.function, cases)
    results = tuple(_score(exercise, cases, answers, expected))
    earned = sum(result.earned for result in results)
    full = earned == exercise.points  # most are: nothing below is computed for those
    mistake = "" if full else diagnose.named(exercise, cases, answers, expected)
    notes = []
    if any(answer.changed for answer in answers):
        notes.append(
            "Your function changes its arguments in place; whoever calls it will be surprised. "
            "Work on a copy."
        )
    read = "" if full else exercise.where
    whole = exercise.name, exercise.points, earned, results, mistake, tuple(notes), read
    return Verdict(*whole, ended(answers))
