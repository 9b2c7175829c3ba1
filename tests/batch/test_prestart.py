"""A box that begins before it is known for what."""

import pytest

from autograder.batch.prestart import Standby
from autograder.sandbox.errors import SandboxUnavailable
from autograder.sandbox.job import Job

LOOK = Job(("import sys; print('wave' in sys.modules, 'numpy' in sys.modules)",), {})


@pytest.fixture(params=["namespaces", "landlock"])
def kind(request, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_BOX", request.param)


def test_what_is_asked_for_later_is_imported_beforehand(kind):
    with Standby(jobs=2) as standby:
        with standby.take(["wave"], lanes=2) as box:
            assert box.run(LOOK).cells[0].stdout == "True True\n"
            assert box.lanes[1].run(LOOK).cells[0].stdout == "True True\n"
        assert standby.take(["wave"], lanes=1) is None  # it is given once


def test_a_box_that_nobody_took_is_ended(kind):
    with Standby(jobs=1) as standby:
        process = standby._box._process
        assert standby.take([], lanes=2) is None
        assert process.poll() is None
    assert process.poll() is not None
    assert standby.take([], lanes=1) is None


def test_a_box_that_broke_starts_again_with_all_modules(kind):
    with Standby(jobs=1) as standby, standby.take(["wave"], lanes=1) as box:
        box.wait_ready()
        box._process.kill()
        box._process.wait()
        assert box.run(LOOK).cells[0].stdout == "True True\n"


def test_where_no_box_can_be_the_batch_finds_out_by_itself(monkeypatch):
    def refused():
        raise SandboxUnavailable("there is no bubblewrap")

    monkeypatch.setattr("autograder.sandbox.outside.layers.chosen", refused)
    with Standby() as standby:
        assert standby.take(["numpy"], lanes=1) is None
