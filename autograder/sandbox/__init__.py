"""Runs student code behind the boundary and hands back data. Knows no reference and no checks.

`Box` (in `box.py`) is the sandbox: one warm parent process that forks a child for each submission.
A `Job` is what one submission asks of it: cells to run, then calls to make, exercise by exercise.
A `Result` is what came back. Nothing here imports the rest of `autograder`: this folder is the
only code of ours that the box holds.
"""

from typing import Any

__all__ = ["Answer", "Call", "CellResult", "Exam", "Job", "Result", "Status"]


def __getattr__(name: str) -> Any:
    """Import a public name when it is wanted: NumPy comes with it, and a box is started before."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from autograder.sandbox import job

    return getattr(job, name)
