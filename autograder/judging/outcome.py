"""What happened when a function was called: the word by which reports count it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from autograder.sandbox.job import Answer, Status


class Outcome(StrEnum):
    """What happened in a call that a criterion looked at.

    A value that is also one of `sandbox.job.Status` says the same as that status.
    """

    OK = "ok"  # the answer is right
    WRONG = "wrong"  # another value than the right one, or a value for input to be refused
    RAISED = "raised"  # an error where an answer, or another error, was asked for
    NOT_WRITTEN = "not_written"  # the function is still the one that was handed out
    MISSING = "missing"  # there is no function of that name
    TIMEOUT = "timeout"  # out of time by the clock
    CPU = "cpu"  # out of processor time
    MEMORY = "memory"  # more memory than allowed
    PROCESSES = "processes"  # more processes or threads than allowed
    FILE = "file"  # a larger file than allowed, or more in all files together
    DIED = "died"  # the process ended instead of returning
    TOO_LARGE = "too_large"  # a value larger than the sandbox lets out
    FORBIDDEN = "forbidden"  # a call that the exercise does not allow
    NOT_RUN = "not_run"  # not called, because an earlier call did not come back
    NOTHING_RAN = "nothing_ran"  # nothing of the submission could be run
    FAULT = "fault"  # the grader itself failed
    NOT_RECORDED = "not_recorded"  # graded by a version that kept no outcomes

    @classmethod
    def of(cls, answer: Answer) -> Outcome:
        """The outcome of a call whose answer is not the right one."""
        if answer.status is Status.OK:
            return cls.WRONG
        if answer.status is Status.ERROR:
            return cls.NOT_WRITTEN if answer.error == "NotImplementedError" else cls.RAISED
        return cls(answer.status.value)


def ended(answers: Iterable[Answer]) -> Outcome:
    """The outcome of the first call that neither returned nor raised; OK where there is none.

    A call that was not made, because an earlier one did not come back, counts only if no call is
    known that did not come back.
    """
    statuses = [a.status for a in answers if a.status not in (Status.OK, Status.ERROR)]
    if not statuses:
        return Outcome.OK
    return Outcome(next((s for s in statuses if s is not Status.NOT_RUN), statuses[0]).value)
