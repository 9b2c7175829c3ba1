"""One submission, from bytes to scores and sentences. Touches no gradebook and writes no file."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from autograder.course.limits import Notebook
from autograder.exercise.declare import CHECK, REFUSE, Exercise
from autograder.judging import score
from autograder.judging.outcome import Outcome
from autograder.judging.score import CriterionResult, Drawn, Verdict
from autograder.judging.words import number
from autograder.sandbox.job import Answer, CellResult, Exam, Job, Result, Status
from autograder.source import forbidden
from autograder.submission import autograded, causes, notebook
from autograder.submission.assignment import Assignment, Slot, repair
from autograder.submission.collect import Handed
from autograder.submission.report import Report
from autograder.submission.sanitise import plain

CELL_SECONDS = 6.0  # where the course sets none
UNSAFE = "Graded without the sandbox."
FAULT = "The grader itself failed on this exercise; a person will look at it."


class Runs(Protocol):
    """Whatever can run a job: a box."""

    def run(self, job: Job) -> Result: ...


@dataclass(frozen=True)
class Assessment:
    """What became of one submission, as plain data: ready for the gradebook and the page."""

    report: Report
    timestamp: datetime | None  # when it was handed in, if that is known
    text: str  # the autograded notebook, which holds the report

    @classmethod
    def of(cls, text: str, timestamp: datetime | None) -> Assessment:
        """An assessment that was made before, from its notebook; raises `ReportError`."""
        return cls(autograded.read(text).report, timestamp, text)


@dataclass(frozen=True)
class Run:
    """What came of running one notebook.

    `results` are by the position of the cell. `stops` are the cells that stopped and made
    exercises fail, with the names of those exercises. `faults` are sentences.
    """

    verdicts: list[Verdict]
    results: dict[int, CellResult] = field(default_factory=dict)
    stops: dict[causes.Stop, list[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def check_name(exercise: str) -> str:
    """The name of an exercise's graded cell."""
    return exercise + CHECK


def nothing(exercise: Exercise, outcome: Outcome, message: str = "") -> Verdict:
    """The verdict where no answer could be judged, with the same message for each criterion."""
    criteria = tuple(
        CriterionResult(c.name, c.points, 0.0, message, outcome) for c in exercise.criteria
    )
    return Verdict(exercise.name, exercise.points, 0.0, criteria, ended=outcome)


@dataclass(frozen=True)
class Assessor:
    """Grades submissions of one assignment in one box.

    `key` tells this grading from any other of the same submission; the report keeps it.
    """

    assignment: Assignment
    exercises: tuple[Exercise, ...]
    secret: str
    box: Runs
    key: str = ""
    unsafe: bool = False
    limits: Notebook = field(default_factory=Notebook)
    ahead: dict[str, dict[str, Drawn]] = field(default_factory=dict)  # by student and exercise

    def draw(self, student: str) -> dict[str, Drawn]:
        """The student's inputs and the reference's answers, by exercise."""
        who = self.secret, student, self.assignment.topic
        return {e.name: score.prepare(e, *who) for e in self.exercises}

    def draw_ahead(self, students: Iterable[str], until: Callable[[], bool]) -> None:
        """Draw the inputs of one student after another until `until()` is true."""
        for student in students:
            if until():
                return
            try:
                self.ahead[student] = self.draw(student)
            except Exception:  # it will be said where it costs one submission, not the batch
                return

    def assess(self, handed: Handed) -> Assessment:
        """Grade one submission. Raises only where the sandbox is not there any more."""
        start = time.perf_counter()
        reading = notebook.Reading(runs=False)
        if handed.data is not None:
            reading = notebook.read(handed.data, handed.name)
        slots, repaired = repair(reading.cells, self.assignment.parts)
        says = [*handed.says, *reading.says, *(repaired if reading.cells else [])]
        if reading.runs:
            run = self._run(handed.student, slots)
            says += [*run.faults, *causes.says(run.stops)]
        else:
            why = "nothing could be run; see the notes at the top"
            run = Run([nothing(e, Outcome.NOTHING_RAN, why) for e in self.exercises])
        verdicts, results = run.verdicts, run.results
        if self.unsafe:
            says.append(UNSAFE)
        says = [notebook.clean(sentence) for sentence in says]
        grades, comments = self._grades(slots, results, verdicts), self._comments(slots, verdicts)
        report = Report(
            key=f"{handed.digest}-{self.key}",
            student=handed.student,
            topic=self.assignment.topic,
            says=tuple(says),
            unsafe=self.unsafe,
            ran=reading.runs,
            hidden=tuple(p.name for p in self.assignment.parts if p.visible != p.source),
            seconds=round(time.perf_counter() - start, 4),
            grades=grades,
            comments=comments,
            exercises=tuple(verdicts),
            stops=tuple(stop.recorded(names) for stop, names in run.stops.items()),
        )
        text = autograded.compose(slots, results, report, self.assignment.texts)
        return Assessment(report, handed.timestamp, text)

    def _run(self, student: str, slots: Sequence[Slot]) -> Run:
        """Run the cells and the exercises, and judge."""
        code = self._to_run(slots)
        source = forbidden.Source(slots[i].source for i in code)
        drawn = self.ahead.pop(student, None) or self.draw(student)
        banned = {e.name: forbidden.calls(source, e.name, e.forbidden) for e in self.exercises}
        checks = {slots[i].part.name: n for n, i in enumerate(code) if slots[i].part}
        exams = {
            e.name: dataclasses.replace(
                score.exam(e, drawn[e.name].calls()), check=checks.get(check_name(e.name), -1)
            )
            for e in self.exercises
        }
        result = self.box.run(self._job([slots[i] for i in code], exams))
        results = dict(zip(code, result.cells))
        stops = causes.Causes(slots, results)
        verdicts, faults = [], [result.fault] if result.fault else []
        for exercise in self.exercises:
            mine = drawn[exercise.name]
            both = (result.answers, result.again)
            given = [mine.put_back(by[exercise.name]) for by in both if exercise.name in by]
            given = given or [mine.put_back(())]
            if found := banned[exercise.name]:
                given = [_banned(answers, mine, found[0]) for answers in given]
            told = [stops.told(answers, exercise.name) for answers in given]
            verdict, first = _better(exercise, mine, told, source)
            at_check = first and exercise.name in result.at_check
            verdicts.append(dataclasses.replace(verdict, at_check=at_check))
        return Run(verdicts, results, stops.found(verdicts, source), faults)

    def _job(self, code: Sequence[Slot], exams: dict[str, Exam]) -> Job:
        """The job, with the notebook's limits and a total time even if the course sets none."""
        limits = self.limits
        each = limits.cell_seconds or CELL_SECONDS
        total = 60 + 2 * each + sum(2 * exam.seconds for exam in exams.values())
        total = limits.notebook_seconds or total
        return Job(
            tuple(map(_as_run, code)),
            exams,
            cell_seconds=each,
            total_seconds=total,
            memory_mb=limits.notebook_memory_mb,
            output_bytes=limits.output_kb * 1000,
            cpu_seconds=limits.notebook_cpu_seconds or 2 * total,
            processes=limits.processes,
            file_mb=limits.file_mb,
            disk_mb=limits.disk_mb,
            apart=tuple(n for n, slot in enumerate(code) if self._is_apart(slot)),
        )

    def _is_apart(self, slot: Slot) -> bool:
        """Is the cell a check or demonstration of the assignment, with names of its own?"""
        if slot.part is not None:
            return slot.part.grade and not slot.part.solution
        return slot.source in self.assignment.unnamed

    def _to_run(self, slots: Sequence[Slot]) -> list[int]:
        """The code cells that a score can depend on.

        Left out are the demonstrations at the end: cells as they were released, behind everything
        that has a name. They draw figures, and feedback shows text.
        """
        code = [i for i, slot in enumerate(slots) if slot.kind == "code"]
        texts = self.assignment.texts
        while code and slots[code[-1]].part is None and slots[code[-1]].source in texts:
            code.pop()
        return code

    def _grades(
        self, slots: Sequence[Slot], results: dict[int, CellResult], verdicts: Sequence[Verdict]
    ) -> dict[str, float | None]:
        """The automatic score of every graded cell; nbgrader's rules score what is no exercise."""
        ours = {check_name(verdict.exercise): verdict for verdict in verdicts}
        at = {slot.part.name: i for i, slot in enumerate(slots) if slot.part}
        grades: dict[str, float | None] = {}
        for part in self.assignment.parts:
            if not part.grade:
                continue
            verdict, index = ours.get(part.name), at.get(part.name)
            if verdict is not None:
                share = verdict.earned / verdict.points if verdict.points else 0.0
                faulty = verdict.ended is Outcome.FAULT
                grades[part.name] = None if faulty else round(share * part.points, 9)
            elif part.solution or part.kind != "code":
                empty = index is None or (part.solution and slots[index].untouched)
                grades[part.name] = 0.0 if empty else None
            else:
                shown = results.get(index)
                passed = shown is not None and not shown.error and not shown.skipped
                grades[part.name] = part.points if passed else 0.0
        return grades

    def _comments(
        self, slots: Sequence[Slot], verdicts: Sequence[Verdict]
    ) -> dict[str, str | None]:
        """The automatic comment of every answer cell."""
        texts: dict[str, str | None] = {v.exercise: in_words(v) for v in verdicts}
        for part in self.assignment.parts:
            if part.name not in texts and (part.solution or part.task):
                mine = [slot for slot in slots if slot.part is part]
                blank = not part.task and all(slot.untouched for slot in mine)
                texts[part.name] = "No response." if blank else None
        return texts


def _as_run(slot: Slot) -> str:
    """The source of a cell as the box runs it.

    The helper of the visible checks that looks for forbidden calls does nothing there: the grader
    looks for them itself, and to compile the helper takes longer than most exercises.
    """
    helper = slot.part is not None and slot.part.name == f"given-{REFUSE}"
    return f"def {REFUSE}(*given): pass" if helper else slot.source


def _banned(answers: tuple[Answer, ...], drawn: Drawn, name: str) -> tuple[Answer, ...]:
    """The answers of a function whose text calls what is not allowed.

    An input that the function refused, as it should, before it came to that call stays refused.
    """
    call = Answer(Status.FORBIDDEN, message=name)
    refused = Status.ERROR, Status.ERROR
    pairs = zip(answers, drawn.expected, strict=True)
    return tuple(a if (a.status, right.status) == refused else call for a, right in pairs)


def _judged(exercise: Exercise, drawn: Drawn, answers: tuple[Answer, ...]) -> Verdict:
    try:
        return score.judge(exercise, drawn.cases, answers, drawn.expected)
    except Exception:  # a comparison that a student's value was too odd for
        return dataclasses.replace(nothing(exercise, Outcome.FAULT), notes=(FAULT,))


def _better(
    exercise: Exercise, drawn: Drawn, given: Sequence[tuple[Answer, ...]], source: forbidden.Source
) -> tuple[Verdict, bool]:
    """The verdict on the function as it stood at its check or at the end, whichever is better.

    `given` holds the answers as of one of these moments or of both. A verdict is made from the
    answers of one moment; no score mixes the two. The second value tells whether the verdict is of
    the first moment given.
    """
    verdicts = [_judged(exercise, drawn, answers) for answers in given]
    best = max(range(len(given)), key=lambda moment: verdicts[moment].earned)
    count = source.definitions(exercise.name)
    if count < 2:
        return verdicts[best], best == 0
    which = "the one that its check tried" if len(given) > 1 and best == 0 else "the last one"
    note = f"`{exercise.name}` is defined {count} times in your notebook; {which} counts."
    if any(answer.error == "NotImplementedError" for answer in given[best]):
        note += " That is the one as it was handed out: delete it, and an earlier one counts."
    notes = (*verdicts[best].notes, note)
    return dataclasses.replace(verdicts[best], notes=notes), best == 0


def in_words(verdict: Verdict) -> str:
    """The verdict as text, for nbgrader's comment box."""
    lines = [f"{number(verdict.earned)} of {number(verdict.points)} points."]
    if verdict.mistake:
        lines.append(verdict.mistake)
    for result in verdict.criteria:
        mark = f"{number(result.earned)}/{number(result.points)} {result.name}"
        lines.append(f"{mark}: {result.message}" if result.message else mark)
    return plain(
        notebook.clean("\n".join([*lines, *verdict.notes, *[verdict.read] * bool(verdict.read)]))
    )
