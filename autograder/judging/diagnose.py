"""Which known mistake explains a wrong answer? Only one that the outputs show, and no other.

A sentence that names the wrong mistake sends a student looking in the wrong place, so it takes
more than one lucky input. A mistake shows on an input where the mistake's answer is not the
reference's: there the student's answer must be the mistake's own, on `ENOUGH` different inputs.
Some mistakes show on one kind of input only; a rehearsal, with inputs that belong to no student,
finds those kinds, and more inputs of those kinds are drawn until there are enough.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

from autograder.exercise.declare import Case, Criterion, Exercise, Refusals
from autograder.exercise.draw import generator
from autograder.exercise.variants import Mistake
from autograder.judging.equality import answers_of, failing
from autograder.sandbox import wire
from autograder.sandbox.job import Answer, Status

ENOUGH = 3  # inputs on which a mistake must show itself
ROUNDS = 2  # of the rehearsal, for every mistake
MORE_ROUNDS = 4  # for a mistake that showed on few inputs: chance may have played a part
MOST = 8  # draws for one student; a kind that shows too little in so many has little to show


@dataclass(frozen=True)
class Rehearsal:
    """What the inputs of an exercise can show.

    `again` holds, for each further draw, the positions of the inputs to take from it; `enough`
    holds, for each mistake, on how many inputs it must show. That is less than `ENOUGH` only
    where an exercise has no more inputs to offer, such as the one empty sequence.
    """

    again: tuple[tuple[int, ...], ...]
    enough: tuple[int, ...]


@dataclass(frozen=True)
class _Trial:
    """A mistake in the rehearsal: the positions where it shows, round by round."""

    shows: tuple[frozenset[int], ...]
    fresh: frozenset[int]  # the positions whose inputs differ from draw to draw

    @property
    def least(self) -> int:
        return min(map(len, self.shows))

    @property
    def again(self) -> frozenset[int]:
        """The positions of the inputs to draw again, so that the mistake shows more often."""
        return frozenset.union(*self.shows) & self.fresh

    @property
    def draws(self) -> int:
        """How many further draws let the mistake show `ENOUGH` times, even with bad luck."""
        if self.least >= ENOUGH or not self.again:
            return 0
        each = [len(shown & self.fresh) for shown in self.shows]
        surely = max(min(each), sum(each) / len(each) / 2)
        return min(MOST - 1, math.ceil((ENOUGH - self.least) / surely))


def identity(case: Case) -> bytes:
    """The inputs as bytes, to tell whether two cases are one."""
    return wire.encode([list(case.args), case.kwargs])


def _counted(shown: set[int], expected: tuple[Answer, ...]) -> set[int]:
    """Of the positions `shown`, those of inputs with an answer; if there are none, all of them."""
    return {i for i in shown if expected[i].status is Status.OK} or shown


def _shows(exercise: Exercise, cases: list[Case], expected: tuple[Answer, ...], wrong: Callable):
    """The positions of different inputs on which the mistake shows."""
    theirs = answers_of(wrong, cases)
    shown = {i for i, c in enumerate(cases) if failing(exercise, c, theirs[i], expected[i])}
    once = {identity(cases[i]): i for i in sorted(_counted(shown, expected), reverse=True)}
    return frozenset(once.values())


class _Rehearsing:
    """The rounds of a rehearsal, drawn as they are needed."""

    def __init__(self, exercise: Exercise) -> None:
        self.exercise = exercise
        self.rng = generator("rehearsal", exercise.name)
        self.rounds: list[tuple[list[Case], tuple[Answer, ...]]] = []
        inputs = [list(map(identity, self.round(i)[0])) for i in range(ROUNDS)]
        changed = (len(set(position)) > 1 for position in zip(*inputs))
        self.fresh = frozenset(i for i, differs in enumerate(changed) if differs)

    def round(self, number: int) -> tuple[list[Case], tuple[Answer, ...]]:
        while len(self.rounds) <= number:
            cases = self.exercise.draw(self.rng)
            self.rounds.append((cases, answers_of(self.exercise.function, cases)))
        return self.rounds[number]

    def trial(self, wrong: Callable) -> _Trial:
        shows = [_shows(self.exercise, *self.round(i), wrong) for i in range(ROUNDS)]
        if min(map(len, shows)) <= ENOUGH:
            rounds = range(ROUNDS, ROUNDS + MORE_ROUNDS)
            shows += [_shows(self.exercise, *self.round(i), wrong) for i in rounds]
        return _Trial(tuple(shows), self.fresh)


def rehearse(exercise: Exercise) -> Rehearsal:
    """Find out which inputs have to be drawn again, with draws that belong to no student."""
    if not exercise.mistakes:
        return Rehearsal((), ())
    rehearsing = _Rehearsing(exercise)
    trials = [rehearsing.trial(wrong) for wrong, _ in exercise.wrong]
    again = [
        tuple(sorted(set().union(*(t.again for t in trials if t.draws > draw))))
        for draw in range(max(t.draws for t in trials))
    ]
    enough = [ENOUGH if t.again else min(ENOUGH, t.least) for t in trials]
    return Rehearsal(tuple(again), tuple(enough))


@functools.cache
def _rehearsal(
    function: Callable,
    cases: Callable,
    criteria: tuple[Criterion, ...],
    mistakes: tuple[Mistake, ...],
    refuses: Refusals | None,
) -> Rehearsal:
    return rehearse(Exercise(function, cases, criteria, mistakes, refuses=refuses))


def rehearsal(exercise: Exercise) -> Rehearsal:
    """The rehearsal of an exercise, made once in a process; limits and words do not change it."""
    return _rehearsal(
        exercise.function,
        exercise.cases,
        exercise.criteria,
        exercise.mistakes,
        exercise.refuses,
    )


def named(
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
    misses = [failing(exercise, *given) for given in zip(cases, answers, expected)]

    def shows(wrong: Callable, inputs: list[int]) -> set[int] | None:
        """Where the student's answers are wrong; None if they are not the answers of `wrong`."""
        theirs = {}
        for i in inputs:  # most mistakes differ on the first input: no more of it is computed
            theirs[i] = answers_of(wrong, [cases[i]])[0]
            if failing(exercise, cases[i], answers[i], theirs[i]):
                return None
        for i in inputs:
            if failing(exercise, cases[i], theirs[i], expected[i]) != misses[i]:
                return None
        return {i for i in inputs if misses[i]}

    exact, near = [], []
    for (wrong, says), enough in zip(exercise.wrong, rehearsal(exercise).enough):
        shown = shows(wrong, answered)
        if shown is None:
            continue
        beyond = shows(wrong, refused)
        if where := shown or beyond:
            sure = len({identity(cases[i]) for i in where}) >= enough
            (near if beyond is None else exact).append((says, sure))
    candidates = exact or near
    sentences = {says for says, _ in candidates}
    return sentences.pop() if len(sentences) == 1 and any(ok for _, ok in candidates) else ""
