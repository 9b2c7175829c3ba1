"""The problems that the course owes an answer: a practice exam, its formula sheet, two homeworks.

An exercise names those that it asks (`Exercise.answers`); a derivation is asked as the function
that computes the derived quantity. `autograder problems` prints what became of each.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.catalogue import ROOT, exercises, topics
from autograder.exercise.declare import Exercise
from autograder.judging.score import answers_of, draw, judge

STUDENTS = ("ada", "grace", "edsger")


@dataclass(frozen=True)
class Problem:
    """One problem or part: what it asks for, and the topic that it belongs to."""

    title: str
    topic: str


PROBLEMS = {
    "exam 1a": Problem("loudness levels of four tones", "psychoacoustics"),
    "exam 1b": Problem("loudness of each of them", "psychoacoustics"),
    "exam 1c": Problem("masking coefficients and total loudness", "psychoacoustics"),
    "exam 1d": Problem("correlogram of the four tones", "psychoacoustics"),
    "exam 2": Problem("weighted synthesis with p multiplications a sample", "celp"),
    "exam 3": Problem("the last scaling constant from unscaled forward probabilities", "hmm"),
    "exam 4a": Problem("sensitivity of the layer-2 gradient to a formant", "backprop"),
    "exam 4b": Problem("sensitivity of a resonator's coefficient to a formant", "source_filter"),
    "exam 5a": Problem("gradient of the CTC loss with respect to an output, in two forms", "ctc"),
    "exam 5b": Problem("back-propagation through one step of the recurrent net", "recurrent"),
    "exam 6": Problem("derivative of attention with respect to a key", "attention"),
    "exam 7": Problem("gradient of the HuBERT loss with respect to a codevector", "hubert"),
    "sheet dtw": Problem("the similarity recursion", "dtw"),
    "sheet lpc": Problem("normal equations and synthesis filter", "lpc"),
    "sheet hmm": Problem("scaled forward, backward and re-estimation", "hmm"),
    "sheet formants": Problem("coefficients of a resonator", "source_filter"),
    "sheet softmax": Problem("derivative of minus the logarithm of a softmax", "backprop"),
    "sheet ctc": Problem("gradient, posterior, forward and backward", "ctc"),
    "sheet transformer": Problem("attention and its heads", "attention"),
    "sheet cpc": Problem("the loss of contrastive predictive coding", "contrastive"),
    "sheet hubert": Problem("the loss of masked prediction", "hubert"),
    "sheet vqvae": Problem("the straight-through gradient", "hubert"),
    "sheet resynthesis": Problem("upsampling, and the generator's loss", "hifigan"),
    "homework 3.1": Problem("derivative of a Frobenius norm", "backprop"),
    "homework 3.2": Problem("a ReLU net through given points", "backprop"),
    "homework 3.3": Problem("gradient of a binary classifier's first layer", "backprop"),
    "homework 3.4": Problem("one step of training a convolutional net", "backprop"),
    "homework 6.1": Problem(
        "gradient of a recurrent net with respect to the weight of one lag", "recurrent"
    ),
    "homework 6.2": Problem("a derivative through nested intermediate variables", "recurrent"),
    "homework 6.3": Problem("asynchronous back-propagation in a one-gate net", "recurrent"),
    "homework 6.4": Problem("an LSTM that counts", "recurrent"),
}


@dataclass(frozen=True)
class Oracle:
    """What a reference was compared with, and the largest difference that was found."""

    against: str
    difference: float


@dataclass(frozen=True)
class Line:
    """A problem and one exercise that asks it; without exercise where none does."""

    problem: str
    topic: str
    exercise: Exercise | None = None
    caught: int = 0
    oracles: tuple[Oracle, ...] = ()

    @property
    def page(self) -> str:
        return f"book/{self.topic}.md"

    @property
    def trouble(self) -> str:
        """Why this line is not as it should be, or ""."""
        if self.exercise is None:
            return "no exercise asks it" if self.topic in topics() else ""
        if not self.oracles:
            return "no oracle"
        if self.caught < len(self.exercise.mistakes):
            return "a mistake is not named"
        return ""


def caught(exercise: Exercise) -> int:
    """How many of the exercise's known mistakes are named and lose points, for every student."""
    found = 0
    for function, says in exercise.wrong:
        verdicts = []
        for student in STUDENTS:
            cases = draw(exercise, "problems", student)
            verdicts.append(judge(exercise, cases, answers_of(function, cases)))
        found += all(v.mistake == says and v.earned < exercise.points for v in verdicts)
    return found


def measured(names: Sequence[str]) -> dict[str, tuple[Oracle, ...]]:
    """The oracles of each reference function, by running the tests that hold them.

    Raises `OSError` if those tests cannot be run or one fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder, "oracles.json")
        tests = [f"tests/reference/test_{name}.py" for name in names]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
        command += ["-m", "oracle", f"--oracles={table}"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if done.returncode or not table.is_file():
            raise OSError(f"the oracles could not be asked: {done.stdout.strip()[-500:]}")
        records = json.loads(table.read_text())
    found: dict[str, tuple[Oracle, ...]] = {}
    for function, against, difference in records:
        found[function] = (*found.get(function, ()), Oracle(against, difference))
    return found


def lines() -> Iterator[Line]:
    """Every problem with each exercise that asks it, in the order of the problems."""
    asked = [(topic, exercise) for topic in topics() for exercise in exercises(topic)]
    oracles = measured(topics())
    for name, problem in PROBLEMS.items():
        mine = [(topic, exercise) for topic, exercise in asked if name in exercise.answers]
        if not mine:
            yield Line(name, problem.topic)
        for topic, exercise in mine:
            found = oracles.get(exercise.name, ())
            yield Line(name, topic, exercise, caught(exercise), found)


def table(found: Sequence[Line]) -> str:
    """The lines as text."""
    head = ("problem", "topic", "exercise", "points", "mistakes", "largest difference", "page")
    rows = [head]
    for line in found:
        title = f"{line.problem}: {PROBLEMS[line.problem].title}"
        if line.exercise is None:
            missing = line.trouble or f"the topic {line.topic} is not there yet"
            rows.append((title, line.topic, missing, "", "", "", ""))
            continue
        name, total = line.exercise.name, len(line.exercise.mistakes)
        oracle = max(line.oracles, key=lambda one: one.difference, default=None)
        says = f"{oracle.difference:.1e} {oracle.against}" if oracle else "no oracle"
        mistakes = f"{line.caught} of {total}"
        rows.append(
            (title, line.topic, name, f"{line.exercise.points:g}", mistakes, says, line.page)
        )
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows
    )
