"""Every limit holds in both boxes, ends no more than it must, and is named."""

import os
from pathlib import Path

import pytest

from autograder.sandbox.inside import shut
from autograder.sandbox.job import Call, Exam, Job, Status
from autograder.sandbox.outside.box import Box

HONEST = "def honest(x):\n    return x + 1"


@pytest.fixture(scope="module", params=["namespaces", "landlock"])
def either(request):
    with Box(kind=request.param) as box:
        box.wait_ready()
        yield box


CHILDREN = """
import os, time
kept = []
for _ in range(4):
    if os.fork() == 0:
        kept.append(bytearray(os.urandom(2**20)) * 90)
        time.sleep(30)
        os._exit(0)
time.sleep(30)
"""
LEFT = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True: pass
    os._exit(0)
time.sleep(30)
"""
FILES = """
import time
for number in range(9):
    with open(f"part{number}", "wb") as file:
        file.write(bytes(8 * 2**20))
time.sleep(30)
"""
NAMELESS = """
import os, time
kept = []
for number in range(9):
    kept.append(open("part", "wb"))
    os.unlink("part")
    kept[-1].write(bytes(8 * 2**20))
    kept[-1].flush()
time.sleep(30)
"""


@pytest.mark.parametrize(
    ("body", "limits", "status"),
    [
        ("while True: pass", {"seconds": 0.3}, Status.TIMEOUT),
        ("while True: pass", {"cpu_seconds": 0.3}, Status.CPU),
        ("import time; time.sleep(0.5); return x", {"cpu_seconds": 0.3}, Status.OK),
        ("return bytearray(300 * 2**20)[0]", {"memory_mb": 200}, Status.MEMORY),
        ("import os\n    while True:\n        os.fork() or os._exit(0)", {}, Status.PROCESSES),
        (
            "import threading, time\n"
            "    while True: threading.Thread(target=time.sleep, args=(2,), daemon=True).start()",
            {"processes": 9},
            Status.PROCESSES,
        ),
        ("open('f', 'wb').write(bytes(3 * 2**20))", {"file_mb": 2}, Status.FILE),
    ],
)
def test_an_exercise_has_limits_of_its_own(either, body, limits, status):
    cells = (f"def f(x):\n    {body}", HONEST)
    exams = {
        "f": Exam((Call("f", (1,)),), **{"seconds": 3.0, "processes": 20} | limits),
        "honest": Exam((Call("honest", (1,)),)),
    }
    answers = either.run(Job(cells, exams, total_seconds=20)).answers
    assert (answers["f"][0].status, answers["f"][0].message) == (status, "")
    assert answers["honest"][0].value == 2


@pytest.mark.parametrize(
    ("cell", "limits", "says"),
    [
        (
            "while True: pass",
            {"cell_seconds": 0.3},
            "too long and was stopped (the limit is 0.3 s)",
        ),
        ("while True: pass", {"cpu_seconds": 0.3}, "more than 0.3 s of processor time"),
        ("x = bytearray(300 * 2**20)", {"memory_mb": 200}, "(the limit is 200 MiB of memory)"),
        (
            "import os\nwhile True: os.fork() or os._exit(0)",
            {"processes": 9},
            "(the limit is 9 pro",
        ),
        ("open('f', 'wb').write(bytes(3 * 2**20))", {"file_mb": 2}, "the limit is 2 MiB a file"),
        (CHILDREN, {"memory_mb": 200}, "its processes together took more than 200 MiB"),
        (LEFT, {"cpu_seconds": 0.3}, "the notebook used more than 0.3 s of processor time"),
        ("print('x' * 5000)", {"output_bytes": 1000}, "the limit is 1,000 characters"),
    ],
)
def test_a_cell_s_limit_is_named_and_the_notebook_goes_on(either, cell, limits, says):
    result = either.run(
        Job(
            (cell, HONEST),
            {"honest": Exam((Call("honest", (1,)),), memory_mb=100)},
            **{"cell_seconds": 20.0, "total_seconds": 60.0} | limits,
        )
    )
    first = result.cells[0]
    assert says in first.error + first.skipped + first.stdout
    if "cpu_seconds" not in limits:  # which this notebook has used up
        assert result.answers["honest"][0].value == 2


@pytest.mark.parametrize("cell", [FILES, NAMELESS])
def test_all_files_together_are_limited(either, cell):
    first = either.run(Job((cell,), {}, cell_seconds=20.0, disk_mb=32)).cells[0]
    says = first.error + first.skipped
    assert "32 MiB in all" in says or "more than 32 MiB of files" in says


def test_a_notebook_that_is_out_of_time_is_told_so(either):
    cells = ("import time", "time.sleep(2)", "x = 1", HONEST)
    exams = {"honest": Exam((Call("honest", (1,)),))}
    result = either.run(Job(cells, exams, total_seconds=1.0))
    assert "the notebook as a whole used up its 1 s" in result.cells[1].skipped
    assert "the notebook as a whole used up its 1 s" in result.cells[2].skipped
    (answer,) = result.answers["honest"]
    assert answer.status is Status.NOT_RUN
    assert "used up its 1 s" in answer.message


def test_nothing_of_a_job_is_left_in_either_box(either):
    cell = (
        "import os, time\nprint(os.getcwd())\nopen('left', 'w').write('x')\n"
        "os.makedirs('a/b'); open('a/b/c', 'w').write('x')\n"
        "if os.fork() == 0:\n    os.setsid()\n    os.fork()\n    time.sleep(60)"
    )
    folder = either.run(Job((cell,), {})).cells[0].stdout.strip()
    look = "import os\nprint(sorted(os.listdir()))"
    assert either.run(Job((look,), {})).cells[0].stdout == "[]\n"
    if either.kind == "landlock":
        assert os.listdir(folder) == []
        owners = [os.stat(f"/proc/{pid}").st_uid for pid in os.listdir("/proc") if pid.isdigit()]
        assert owners.count(os.stat(folder).st_uid) == 1 or os.getuid() != 0  # the lane alone


UNSEEN = {
    "nameless memory": """
import mmap, os, time
kept = mmap.mmap(-1, 90 * 2**20)
for _ in range(3):
    if os.fork() == 0:
        kept = mmap.mmap(-1, 90 * 2**20)
        for start in range(0, len(kept), 4096):
            kept[start] = 1
        kept.madvise(mmap.MADV_DONTNEED)  # still there, and in no process
        time.sleep(30)
time.sleep(30)
""",
    "a process that hides it": """
import ctypes, mmap, os, time
for _ in range(4):
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
        kept = mmap.mmap(-1, 90 * 2**20)
        time.sleep(30)
time.sleep(30)
""",
}


@pytest.mark.parametrize("body", UNSEEN.values(), ids=UNSEEN)
def test_memory_that_no_process_shows_is_counted(either, body):
    job = Job((body, HONEST), {}, memory_mb=250, disk_mb=300, cell_seconds=8, total_seconds=20)
    assert "250 MiB of memory" in either.run(job).cells[0].skipped


def test_address_space_alone_is_no_memory(either):
    cell = "import os, time, numpy\nkept = numpy.empty(90 * 2**17)\nfor _ in range(4):\n"
    cell += "    if os.fork() == 0:\n        time.sleep(0.4)\n        os._exit(0)\n"
    cell += "time.sleep(0.3)\nprint('done')"
    result = either.run(Job((cell,), {}, memory_mb=150, cell_seconds=8, total_seconds=20))
    assert result.cells[0].stdout == "done\n"


HIDDEN = {
    "too deep to name": "for _ in range(20):\n    os.mkdir('d' * 250)\n    os.chdir('d' * 250)",
    "too deep to look": "for _ in range(99):\n    os.mkdir('d')\n    os.chdir('d')",
    "hidden": "import ctypes\nctypes.CDLL(None).prctl(4, 0, 0, 0, 0)\n"
    "kept = [open(f'part{i}', 'wb', 0) for i in range(2)]\n"
    "for file in kept:\n    os.unlink(file.name)\n    file.write(bytes(40 * 2**20))",
}


@pytest.mark.parametrize("body", HIDDEN.values(), ids=HIDDEN)
def test_files_that_cannot_be_counted_are_too_many(body):
    with Box(kind="landlock") as box:
        job = Job((f"import os, time\n{body}\ntime.sleep(9)", HONEST), {}, disk_mb=64)
        assert "64 MiB of files" in box.run(job).cells[0].skipped
        look = box.run(Job(("import os\nprint(os.listdir())",), {}))
        assert look.cells[0].stdout == "[]\n", "the next one finds nothing"


def test_any_depth_of_folders_is_emptied(tmp_path):
    here = os.getcwd()
    os.chdir(tmp_path)
    try:
        for number in range(1200):
            os.mkdir("d")
            os.mkdir(f"e{number}", 0o300)
            os.chdir("d")
        Path("file").write_text("x")
    finally:
        os.chdir(here)
    shut.empty(str(tmp_path))
    assert os.listdir(tmp_path) == []
