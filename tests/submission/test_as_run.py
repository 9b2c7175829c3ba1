"""What the box runs of a cell."""

from types import SimpleNamespace

import pytest

from autograder.release.authoring import source_notebook
from autograder.submission.assess import _as_run

CELLS = {
    cell.metadata.nbgrader.grade_id: cell.source
    for cell in source_notebook("lpc").cells
    if "nbgrader" in cell.metadata
}


@pytest.mark.parametrize("name", CELLS)
def test_only_the_helper_that_looks_for_calls_is_replaced(name):
    slot = SimpleNamespace(part=SimpleNamespace(name=name), source=CELLS[name])
    run = _as_run(slot)
    assert (run == slot.source) == (name != "given-refuse_calls")
    if run != slot.source:
        names = {}
        exec(run, names)
        assert names["refuse_calls"](print, "builtins.print", "it prints") is None


def test_a_cell_of_the_students_is_run_as_it_is():
    assert _as_run(SimpleNamespace(part=None, source="def refuse_calls(): 1")) == (
        "def refuse_calls(): 1"
    )
