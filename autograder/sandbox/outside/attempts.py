"""What is known of a job: what its process sent, over several tries, and what ended it."""

from __future__ import annotations

import dataclasses

from autograder.sandbox import frames, wire
from autograder.sandbox.job import AT_END, Answer, CellResult, Exam, Job, Result, Status

_REASONS = {
    "late": "it took too long and was stopped (the limit is {cell_seconds:g} s)",
    "over": "the notebook as a whole used up its {total_seconds:g} s",
    "died": "it ended the Python process",
    "flood": "it sent far more than the {output_bytes:,} characters of output that are allowed",
    "memory": "its processes together took more than {memory_mb} MiB of memory",
    "cpu": "the notebook used more than {cpu_seconds:g} s of processor time",
    "disk": "it wrote more than {disk_mb} MiB of files",
}
_ENDED = {
    "late": Status.TIMEOUT,
    "over": Status.TIMEOUT,
    "flood": Status.TOO_LARGE,
    "memory": Status.MEMORY,
    "cpu": Status.CPU,
    "disk": Status.FILE,
}
_NOTEBOOK_S = ("over", "memory", "cpu", "disk")  # limits of all that a notebook does together


_ENDLESS = "not tried, because an earlier call took too long: is there a loop that never ends?"
_STOPPED = (Status.TIMEOUT, Status.CPU)

Sitting = tuple[str, str]  # an exercise, and the moment as of which its function is called


class Tries:
    """What is known of a job so far, over several tries."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.skip: dict[int, str] = {}
        self.cells: dict[int, CellResult] = {}
        self.answers: dict[Sitting, dict[int, Answer]] = {}
        self.ended: dict[Sitting, Answer] = {}
        self.fault = ""
        self.at: tuple[str, int | Sitting] | None = None
        self.planned: set[Sitting] = set()
        self.done: set[Sitting] = set()
        self.why = ""
        self.items = wire.Budget()

    def remaining(self) -> Job:
        """The job without the cells and exercises that must not be tried again."""
        cells = tuple("" if i in self.skip else c for i, c in enumerate(self.job.cells))
        exams = {
            name: dataclasses.replace(exam, moments=left)
            for name, exam in self.job.exams.items()
            if (left := tuple(m for m in exam.moments if (name, m) not in self.done))
        }
        return dataclasses.replace(self.job, cells=cells, exams=exams)

    def take(self, data: bytes) -> None:
        """Read what the child sent. The student may have forged all of it; forms are checked."""
        self.at, self.planned = None, set()
        for kind, payload in frames.parse(data):
            try:
                self._take(kind, wire.decode(payload, self.items))
            except (ValueError, TypeError, KeyError, IndexError, OverflowError):
                continue  # not of the form that we send: the student's own doing

    def _sitting(self, name: object, moment: object) -> Sitting:
        """The exercise and the moment by these names; raises ValueError if there are none."""
        if type(name) is not str or moment not in self.job.exams[name].moments:
            raise ValueError("no such exercise or moment")
        return name, moment

    def _take(self, kind: bytes, value: object) -> None:
        if kind == frames.CELL and type(value) is int and 0 <= value < len(self.job.cells):
            self.at = ("cell", value)
        elif kind == frames.CELL_DONE:
            index, *texts, line = value if type(value) is list else ()  # an array unpacks for long
            if self.at == ("cell", index) and len(texts) == 3:
                stdout, error, trace = (str(t)[: self.job.output_bytes + 100] for t in texts)
                where = line if type(line) is int else None
                self.cells[index] = CellResult(stdout, error, trace, line=where)
        elif kind == frames.PLAN and type(value) is list:
            self.planned = {self._sitting(*sitting) for sitting in value[: 2 * len(self.job.exams)]}
        elif kind == frames.EXAM and type(value) is list:
            sitting = self._sitting(*value)
            self.at = ("exam", sitting)
            self.done.add(sitting)
        elif kind == frames.ANSWER and type(value) is list:
            name, moment, index, fields = value
            sitting = self._sitting(name, moment)
            if type(index) is int and 0 <= index < len(self.job.exams[name].calls):
                answer = Answer.from_data(fields, self.items)
                self.answers.setdefault(sitting, {})[index] = answer
        elif kind == b"!":
            self.fault = str(value)[:300]

    def blame(self, why: str) -> bool:
        """Note what ended the process; False if nothing more is to be gained by another try."""
        self.why = why
        reason = _REASONS.get(why, _REASONS["died"]).format(**vars(self.job))
        kind, where = self.at
        if kind == "cell":
            self.skip[where] = f"this cell was left out because {reason}"
            return True
        says = reason if why in _NOTEBOOK_S else ""
        self.ended[where] = Answer(_ENDED.get(why, Status.DIED), message=says)
        return bool(self.planned - self.done)

    def result(self) -> Result:
        """Everything that came back, with the gaps filled."""
        empty = CellResult(skipped=f"this cell was not reached{self._because()}")
        cells = [self.cells.get(i, empty) for i in range(len(self.job.cells))]
        for i, says in self.skip.items():
            cells[i] = CellResult(skipped=says)
        answers, again, at_check = {}, {}, set()
        for name, exam in self.job.exams.items():
            first, *second = [m for m in exam.moments if (name, m) in self.done] or [AT_END]
            answers[name] = self._answers((name, first), exam)
            if first != AT_END:
                at_check.add(name)
            if second:
                again[name] = self._answers((name, AT_END), exam)
        return Result(tuple(cells), answers, self.fault, again, frozenset(at_check))

    def _because(self) -> str:
        return f": {_REASONS['over'].format(**vars(self.job))}" if self.why == "over" else ""

    def _answers(self, sitting: Sitting, exam: Exam) -> tuple[Answer, ...]:
        given = self.answers.get(sitting, {})
        if sitting in self.done:
            ended = self.ended.get(sitting, Answer(Status.DIED))
        else:
            because = self._because()
            ended = Answer(Status.NOT_RUN, message=because and f"not tried{because}")
        stopped = any(answer.status in _STOPPED for answer in given.values())
        endless = stopped or (ended.status in _STOPPED and not ended.message)
        untried = Answer(Status.NOT_RUN, message=_ENDLESS if endless else "")
        rest = iter([] if stopped else [ended])
        return tuple(
            given[i] if i in given else next(rest, untried) for i in range(len(exam.calls))
        )
