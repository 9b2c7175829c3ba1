"""Several processes share one warm parent, each by a lane of its own."""

import multiprocessing
import os

import pytest

from autograder.sandbox.job import Call, Exam, Job, Status
from autograder.sandbox.outside.box import Box

SQUARE = "def square(x):\n    return x * x"


@pytest.fixture
def shared():
    with Box(preload=("numpy",), lanes=2) as box:
        yield box


def _squares(box, x):
    job = Job((SQUARE,), {"square": Exam((Call("square", (x,)),))})
    return [(answer.status, answer.value) for answer in box.run(job).answers["square"]]


def test_forks_work_at_the_same_time(shared):
    fork = multiprocessing.get_context("fork")
    results = fork.Queue()

    def work(number):
        box = shared.lanes[number]
        results.put((number, [_squares(box, x) for x in range(5)]))
        box.close()

    processes = [fork.Process(target=work, args=(n,)) for n in range(2)]
    for process in processes:
        process.start()
    found = dict(results.get(timeout=60) for _ in processes)
    for process in processes:
        process.join()
    assert found[0] == found[1] == [[(Status.OK, x * x)] for x in range(5)]
    assert _squares(shared, 9) == [(Status.OK, 81)], "the box itself goes on"


def test_a_student_reaches_no_other_lane(shared):
    cell = "import os\nfor fd in range(3, 4096):\n    try:\n        os.fstat(fd)\n"
    cell += "    except OSError:\n        continue\n    print('open', fd)"
    (result,) = shared.lanes[0].run(Job((cell,), {})).cells
    assert result.stdout.splitlines() == ["open 3"]


def test_a_lane_that_breaks_goes_on_as_a_box(shared):
    lane = shared.lanes[1]
    assert _squares(lane, 2) == [(Status.OK, 4)]
    lane.close()
    assert _squares(lane, 3) == [(Status.OK, 9)]
    lane.close()
    assert _squares(shared.lanes[0], 4) == [(Status.OK, 16)]


def test_what_ends_the_process_costs_that_job_only(shared):
    result = shared.lanes[0].run(Job(("import os; os._exit(1)", "print('after')"), {}))
    assert "ended the Python process" in result.cells[0].skipped
    assert result.cells[1].stdout == "after\n"
    assert _squares(shared.lanes[1], 5) == [(Status.OK, 25)]


def test_closing_the_box_ends_every_lane():
    with Box(preload=(), lanes=2) as box:
        box.lanes[0].wait_ready()
        pid = box._process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
