"""Do the hidden checks catch wrong answers that nobody listed, and say nothing false about them?

    python bench/mutants.py                 every topic (minutes)
    python bench/mutants.py lpc             one topic
    python bench/mutants.py lpc --list      and every mutant that kept full marks

Each reference is changed in one place by machine (`bench/mutate.py`), and each changed function is
graded like a student's. *caught* lost points; *named* got the sentence of a known mistake, and
*false* are those of them that are not that mistake on inputs that nobody had looked at. What
kept full marks is called a *survivor* if it was seen to differ from the reference on inputs
that are close to those of the exercise, and *alike* if it was not: most of those compute the
same in another way.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autograder.course.catalogue import exercises, topics  # noqa: E402
from autograder.exercise.declare import Case, Exercise  # noqa: E402
from autograder.exercise.draw import generator  # noqa: E402
from autograder.judging.equality import answers_of, failing  # noqa: E402
from autograder.judging.score import Verdict, draw, judge  # noqa: E402
from autograder.sandbox.job import Answer, Status  # noqa: E402
from bench.mutate import Mutant, mutants  # noqa: E402

SECONDS = 2.0
FRESH = 3  # students whose inputs nobody had looked at
GUESSES = 40  # inputs close to those of the exercise


class TooLong(BaseException):
    """A mutant that does not come back."""


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise `TooLong` in the body after so many seconds."""

    def ring(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def answers(function: Callable, cases: list[Case]) -> tuple[Answer, ...]:
    """The function's answers, as the box would bring them: none after a call that hangs."""
    found: list[Answer] = []
    with contextlib.suppress(TooLong), at_most(SECONDS):
        for case in cases:
            one = answers_of(function, [case])[0]
            if one.error == TooLong.__name__:
                break
            found.append(one)
    hung = [Answer(Status.TIMEOUT)] * (len(found) < len(cases))
    return (*found, *hung, *[Answer(Status.NOT_RUN)] * (len(cases) - len(found) - len(hung)))


@dataclass(frozen=True)
class Tried:
    """What the grader said of a mutant."""

    mutant: Mutant
    verdict: Verdict
    false: bool = False  # a sentence that is not true of it
    differs: str = ""  # on what it is not the reference, though it kept full marks

    @property
    def caught(self) -> bool:
        return self.verdict.earned < self.verdict.points


def is_mistake(exercise: Exercise, function: Callable, says: str) -> bool:
    """Is the function the mistake, wherever there is an answer, on inputs of other students?"""
    wrong = next(wrong for wrong, sentence in exercise.wrong if sentence == says)
    for number in range(FRESH):
        cases = draw(exercise, "fresh", str(number))
        right = answers_of(exercise.function, cases)
        pairs = zip(cases, right, answers(function, cases), answers_of(wrong, cases))
        if any(r.status is Status.OK and failing(exercise, c, a, m) for c, r, a, m in pairs):
            return False
    return True


def _changed(value: Any, rng: np.random.Generator) -> Any:
    """The argument, changed a little in a way that keeps its type."""
    if isinstance(value, np.ndarray) and value.ndim and value.size:
        changes = [
            lambda: np.delete(value, rng.integers(value.shape[-1]), axis=-1),
            lambda: value[1:],
            lambda: rng.permutation(value),
            lambda: np.concatenate([value, value[:1]]),
        ]
        if value.dtype.kind == "f":
            changes.append(lambda: value * float(rng.choice([-1, 0.5, 3])))
        return changes[rng.integers(len(changes))]()
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        return value + int(rng.choice([-1, 1]))
    if isinstance(value, float):
        return value * float(rng.choice([0.9, 1.1]))
    if isinstance(value, (str, list, tuple)) and len(value):
        return value[1:] if rng.integers(2) else value + value[:1]
    return value


def _nearby(case: Case, rng: np.random.Generator) -> Case:
    """The case with one of its arguments changed a little."""
    i = int(rng.integers(len(case.args)))
    return replace(case, args=(*case.args[:i], _changed(case.args[i], rng), *case.args[i + 1 :]))


def difference(exercise: Exercise, function: Callable) -> str:
    """On what the function is not the reference: a kind of input, or "" if none was found."""
    for number in range(FRESH):
        cases = draw(exercise, "fresh", str(number))
        for case, right, answer in zip(
            cases, answers_of(exercise.function, cases), answers(function, cases)
        ):
            if failing(exercise, case, answer, right):
                return f"the inputs of another student: {case.kind}"
    rng = generator("nearby", exercise.name)
    cases = [c for c in draw(exercise, "nearby") if c.args and type(c) is Case]
    for _ in range(GUESSES if cases else 0):
        case = cases[int(rng.integers(len(cases)))]
        try:
            near = _nearby(case, rng)
            right, answer = answers_of(exercise.function, [near])[0], answers(function, [near])[0]
            if failing(exercise, near, answer, right):
                return f"close to {case.kind}" + " (refused)" * (right.status is not Status.OK)
        except Exception:  # inputs that no comparator was made for say nothing
            continue
    return ""


def tried(exercise: Exercise, mutant: Mutant, student: str = "ada") -> Tried:
    """Grade one mutant, and look whether what was said of it is true."""
    cases = draw(exercise, "mutants", student)
    verdict = judge(exercise, cases, answers(mutant.function, cases))
    if verdict.earned == verdict.points:
        return Tried(mutant, verdict, differs=difference(exercise, mutant.function))
    says = verdict.mistake
    false = bool(says) and not is_mistake(exercise, mutant.function, says)
    return Tried(mutant, verdict, false)


HEADS = ("mutants", "caught", "named", "false", "survivors", "alike")


def row(title: str, numbers: Sequence[Any]) -> str:
    return f"{title:42s}" + "".join(f"{n:>10}" for n in numbers)


def measure(topic: str, exercise: Exercise, everything: bool) -> np.ndarray:
    """Try all mutants of an exercise and print its line; the numbers in it."""
    found = [tried(exercise, mutant) for mutant in mutants(exercise.function)]
    kept = [one for one in found if not one.caught]
    false = [one for one in found if one.false]
    survivors = sum(bool(one.differs) for one in kept)
    named = sum(bool(one.verdict.mistake) for one in found)
    numbers = [len(found), len(found) - len(kept), named, len(false), survivors]
    numbers.append(len(kept) - survivors)
    print(row(f"{topic}.{exercise.name}", numbers), flush=True)
    for one in false:
        print(f"    FALSE: {one.mutant.change}: {one.verdict.mistake}")
    for one in kept if everything else []:
        print(f"    {one.differs or 'alike'}: {one.mutant.change}")
    return np.array(numbers)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("topic", nargs="*", metavar="TOPIC")
    parser.add_argument("--list", action="store_true", help="list what kept full marks")
    options = parser.parse_args()
    print(row("exercise", HEADS))
    asked = [(t, exercise) for t in options.topic or topics() for exercise in exercises(t)]
    total = sum(measure(topic, exercise, options.list) for topic, exercise in asked)
    print(row("all", total))
    every, caught, survivors = total[0], total[1], total[4]
    print(f"\n{caught / every:.1%} of all mutants lost points; of those that were seen to differ")
    print(f"from the reference, {caught / (caught + survivors):.1%}")


if __name__ == "__main__":
    main()
