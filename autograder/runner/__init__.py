"""Runs student code behind the boundary and hands back data. Knows no reference and no checks.

`Box` is the sandbox: one warm parent process that forks a child for each submission. A `Job` is
what one submission asks of it: cells to run, then calls to make. A `Result` is what came back.
Nothing here imports the rest of `autograder`, except the plain-data types of `compare`.
"""

from autograder.runner.job import Answer, Call, CellResult, Job, Result, Status

__all__ = ["Answer", "Call", "CellResult", "Job", "Result", "Status"]
