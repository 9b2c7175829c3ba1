"""A box that is started before its work is known: nothing else in a batch takes as long.

While the warm parent starts Python and imports what every notebook needs, the grader reads the
gradebook and the submissions; then it says what else they import.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from autograder.batch.pool import cores
from autograder.sandbox.outside.box import Box, SandboxUnavailable


class Standby:
    """A box that is being started; a context manager that ends the box unless it was taken.

    Parameters
    ----------
    jobs : how many are to work in the box at a time; None for one a core.
    """

    def __init__(self, jobs: int | None = None) -> None:
        self._box: Box | None = None
        try:
            self._box = Box(preload=("numpy",), lanes=jobs or cores(), waits=True)
        except (SandboxUnavailable, OSError):
            pass  # if it comes to grading, whoever makes a box then says why that cannot be

    def __enter__(self) -> Standby:
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def take(self, preload: Sequence[str], lanes: int) -> Box | None:
        """The box, told to import `preload` too, for the caller to end; it is given once.

        None where no box could be started, it was given already, or it has fewer lanes.
        """
        box = self._box
        if box is None or len(box.lanes) < lanes:
            return None
        self._box = None
        box.also(preload)
        return box

    def close(self) -> None:
        """End the box, if it is still here."""
        if self._box is not None:
            self._box.close()
            self._box = None
