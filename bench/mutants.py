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
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autograder.agree import answers_of, failing  # noqa: E402
from autograder.exercise import Case, Exercise, exercises, generator, topics  # noqa: E402
from autograder.judge import Verdict, draw, judge  # noqa: E402
from autograder.runner.job import Answer, Status  # noqa: E402
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


def _nearby(case: Case, rng: np.random.Generator) -> Case:
    """The case with one of its arguments changed a little, in a way that keeps its type."""
    i = int(rng.integers(len(case.args)))
    value = case.args[i]
    if isinstance(value, np.ndarray) and value.size:
        how = rng.integers(5)
        if how == 0:
            value = value * float(rng.choice([-1, 0.5, 3])) if value.dtype.kind == "f" else value
        elif how == 1:
            value = np.delete(value, rng.integers(value.shape[-1]), axis=-1) if value.ndim else value
        elif how == 2:
            value = value[1:] if value.ndim else value
        elif how == 3:
            value = rng.permutation(value) if value.ndim else value
        else:
            value = np.concatenate([value, value[:1]]) if value.ndim else value
    elif isinstance(value, int) and not isinstance(value, bool):
        value = value + int(rng.choice([-1, 1]))
    elif isinstance(value, float):
        value = value * float(rng.choice([0.9, 1.1]))
    elif isinstance(value, (str, list, tuple)) and len(value):
        value = value[1:] if rng.integers(2) else value + value[:1]
    return replace(case, args=(*case.args[:i], value, *case.args[i + 1 :]))


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
    cases = [c for c in draw(exercise, "nearby") if c.args]
    for _ in range(GUESSES):
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
    return Tried(mutant, verdict, false=bool(says) and not is_mistake(exercise, mutant.function, says))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("topic", nargs="*", metavar="TOPIC")
    parser.add_argument("--list", action="store_true", help="list what kept full marks")
    options = parser.parse_args()
    heads = ("mutants", "caught", "named", "false", "survivors", "alike")
    print(f"{'exercise':42s}" + "".join(f"{head:>10s}" for head in heads))
    total = np.zeros(len(heads), dtype=int)
    for topic in options.topic or topics():
        for exercise in exercises(topic):
            found = [tried(exercise, mutant) for mutant in mutants(exercise.function)]
            kept = [one for one in found if not one.caught]
            survivors = [one for one in kept if one.differs]
            named = sum(bool(one.verdict.mistake) for one in found)
            false = [one for one in found if one.false]
            row = [len(found), len(found) - len(kept), named, len(false)]
            row += [len(survivors), len(kept) - len(survivors)]
            total += row
            print(f"{topic + '.' + exercise.name:42s}" + "".join(f"{n:10d}" for n in row), flush=True)
            for one in false:
                print(f"    FALSE  {one.mutant.change}: {one.verdict.mistake}")
            for one in (kept if options.list else []):
                print(f"    {one.differs or 'alike'}: {one.mutant.change}")
    print(f"{'all':42s}" + "".join(f"{n:10d}" for n in total))
    print(f"\n{total[1] / total[0]:.1%} of all mutants caught, {total[1] / (total[1] + total[4]):.1%} of "
          "those that were seen to differ from the reference")


if __name__ == "__main__":
    main()
