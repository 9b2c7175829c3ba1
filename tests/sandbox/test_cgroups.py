"""Groups that the kernel counts: found, used, and taken away again, where there are any.

The first half tries what is read and decided, on folders that look like the kernel's. The second
needs a cgroup v2 that this process may divide and in which memory or processes are counted, and is
left out elsewhere.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.sandbox.job import Call, Exam, Job, Status
from autograder.sandbox.outside import cgroups, layers, place
from autograder.sandbox.outside.box import Box

ME = str(os.getpid())
HONEST = "def honest(x):\n    return x + 1"
HONEST_EXAM = {"honest": Exam((Call("honest", (1,)),), memory_mb=100)}


def folder_of(parent, controllers="cpu memory pids", given="", inside=(ME,), root=False):
    """A folder with the files of a group."""
    parent.mkdir(exist_ok=True)
    (parent / "cgroup.controllers").write_text(f"{controllers}\n")
    (parent / "cgroup.subtree_control").write_text(f"{given}\n")
    (parent / "cgroup.procs").write_text("".join(f"{pid}\n" for pid in inside))
    if not root:
        (parent / "cgroup.type").write_text("domain\n")
    return parent


def proc_of(folder, group, mounts):
    """A folder with what the kernel tells a process of its groups."""
    folder.mkdir()
    (folder / "cgroup").write_text(group)
    (folder / "mountinfo").write_text(
        "".join(f"31 1 0:{n} {m} rw shared:9 - {kind}\n" for n, (m, kind) in enumerate(mounts))
    )
    return folder


V1 = ("/ /sys/fs/cgroup/memory", "cgroup cgroup rw,memory")


@pytest.mark.parametrize(
    ("group", "mount", "found"),
    [
        ("0::/user.slice/a.scope\n", "/ /sys/fs/cgroup", "/sys/fs/cgroup/user.slice/a.scope"),
        ("9:memory:/x\n0::/\n", "/ /sys/fs/cgroup/unified", "/sys/fs/cgroup/unified"),
        ("0::/pod/a\n", "/pod /sys/fs/cgroup", "/sys/fs/cgroup/a"),  # a part of it is mounted
        ("0::/a\n", "/ /sys/fs/c\\040g", "/sys/fs/c g/a"),
    ],
)
def test_the_grader_s_own_group_is_found(tmp_path, group, mount, found):
    proc = proc_of(tmp_path / "proc", group, [V1, (mount, "cgroup2 cgroup2 rw,nsdelegate")])
    assert place.own_group(proc) == Path(found)


@pytest.mark.parametrize(
    ("group", "mount", "says"),
    [
        ("4:memory:/x\n", "/ /sys/fs/cgroup", "no cgroups v2"),
        ("0::/a\n", "/b /sys/fs/cgroup", "not mounted where"),
        ("0::/../a\n", "/ /sys/fs/cgroup", "not mounted where"),  # outside this container
    ],
)
def test_a_group_that_cannot_be_seen_is_not_to_be_had(tmp_path, group, mount, says):
    proc = proc_of(tmp_path / "proc", group, [V1, (mount, "cgroup2 cgroup2 rw")])
    with pytest.raises(place.NotToBeHad, match=says):
        place.own_group(proc)


@pytest.mark.parametrize(
    ("kernel", "says"),
    [
        ({}, None),
        ({"inside": (ME, "1")}, "1 other processes are in"),
        ({"inside": (ME, "1"), "given": "memory pids"}, None),
        ({"controllers": "hugetlb cpu"}, "neither memory nor processes"),
        ({"root": True}, "the machine's root group"),
        ({"root": True, "given": "cpu memory pids"}, None),
    ],
)
def test_the_grader_s_own_group_is_used_where_it_is_nobody_else_s(
    tmp_path, monkeypatch, kernel, says
):
    monkeypatch.delenv(place.VARIABLE, raising=False)
    group = folder_of(tmp_path / "mine", **kernel)
    proc = proc_of(tmp_path / "proc", "0::/mine\n", [(f"/ {tmp_path}", "cgroup2 cgroup2 rw")])
    if says is None:
        assert place.find(proc) == place.Place(group, ("memory", "pids"))
    else:
        with pytest.raises(place.NotToBeHad, match=says):
            place.find(proc)


def test_a_grader_that_has_moved_finds_where_it_came_from(tmp_path, monkeypatch):
    monkeypatch.delenv(place.VARIABLE, raising=False)
    group = folder_of(tmp_path / "mine", "pids", given="pids", inside=())
    folder_of(group / f"{place.GRADER}x")
    path = f"0::/mine/{place.GRADER}x\n"
    proc = proc_of(tmp_path / "proc", path, [(f"/ {tmp_path}", "cgroup2 cgroup2 rw")])
    assert place.find(proc) == place.Place(group, ("pids",))


def test_a_group_can_be_named(tmp_path, monkeypatch):
    monkeypatch.setenv(place.VARIABLE, str(tmp_path / "given"))
    with pytest.raises(place.NotToBeHad, match="given is no group that can be read"):
        place.find()
    group = folder_of(tmp_path / "given", "memory", inside=(), root=True)
    assert place.find() == place.Place(group, ("memory",))


def test_without_groups_the_box_goes_on_and_nothing_is_left(tmp_path, monkeypatch):
    """The folder named takes every group that is made and counts nothing: set-up fails."""
    folder_of(tmp_path, "memory pids", inside=())
    monkeypatch.setenv(place.VARIABLE, str(tmp_path))
    before = sorted(tmp_path.iterdir())
    with Box(preload=()) as box:
        result = box.run(Job((HONEST,), HONEST_EXAM))
    assert result.answers["honest"][0].value == 2
    assert not box.counted
    assert sorted(tmp_path.iterdir()) == before


def test_what_a_dead_grader_left_is_removed(tmp_path):
    names = ["autograder-box-dead", "autograder-grader-dead", "autograder-box-alive", "other"]
    for name in names:
        (tmp_path / name).mkdir()
    (tmp_path / names[0] / "lane0").mkdir()
    alive = os.open(tmp_path / names[2], os.O_RDONLY)
    fcntl.flock(alive, fcntl.LOCK_SH)
    cgroups.sweep(tmp_path)
    os.close(alive)
    assert sorted(path.name for path in tmp_path.iterdir()) == names[2:]


def test_limits_are_written_and_the_kernel_s_count_is_read(tmp_path):
    for name in ("cpu.stat", "cgroup.kill", "memory.max", "memory.oom.group", "pids.max"):
        (tmp_path / name).write_text("")
    events = tmp_path / "memory.events"
    events.write_text("low 0\nmax 3\noom 1\noom_kill 2\noom_group_kill 1\n")
    group = cgroups.Group(tmp_path)
    group.limit(100, 9)
    assert (tmp_path / "memory.max").read_text() == str(100 * 2**20)
    assert (tmp_path / "pids.max").read_text() == "9"
    assert (tmp_path / "memory.oom.group").read_text() == "1"
    assert not (tmp_path / "memory.swap.max").exists(), "nothing is made that is not there"
    assert group.ended_by_kernel() == "", "it was an earlier job's"
    events.write_text("low 0\noom 2\noom_kill 5\n")
    assert group.ended_by_kernel() == "memory"
    events.write_text("low 0\noom 1\noom_kill 3\n")
    assert group.ended_by_kernel() == "others", "the machine was short, not the job"
    group.close()
    assert group.ended_by_kernel() == ""


def needs(what):
    """Leave the test out where the kernel does not count this in a group of ours."""
    try:
        found = place.find()
    except place.NotToBeHad as error:
        pytest.skip(f"no group to be had: {error}")
    if what not in found.counts:
        pytest.skip(f"{what}: not counted in {found.folder}")
    return found.folder


@pytest.fixture(params=["namespaces", "landlock"])
def kind(request):
    if request.param == "landlock" and (lacks := layers.second_lacks()):
        pytest.skip(lacks)
    return request.param


def run(kind, cell, without=(), **limits):
    """What came of the cell, and the box must have been counted and go on."""
    with Box(preload=(), kind=kind, without=without) as box:
        limits = {"cell_seconds": 20.0, "total_seconds": 60.0} | limits
        result = box.run(Job((cell, HONEST), HONEST_EXAM, **limits))
        assert box.counted
        fresh = box.run(Job((HONEST,), HONEST_EXAM))
    assert fresh.answers["honest"][0].value == 2
    return result


def test_one_job_after_another_begins_in_the_group(kind, monkeypatch):
    """Needs a group to divide, and nothing to be counted in it."""
    try:
        folder = place.own_group()
    except place.NotToBeHad as error:
        pytest.skip(f"no group to be had: {error}")
    if not os.access(folder, os.W_OK):
        pytest.skip(f"{folder} cannot be written to")
    monkeypatch.setattr(cgroups, "find", lambda: place.Place(folder, ()))
    with Box(preload=(), kind=kind, lanes=1) as box:
        for _ in range(3):
            answers = box.lanes[0].run(Job((HONEST,), HONEST_EXAM)).answers
            assert answers["honest"][0].value == 2
        assert box.lanes[0].counted
    assert not ours(folder)


CHILDREN = """
import os, time
for _ in range(4):
    if os.fork() == 0:
        kept = bytearray(os.urandom(2**20)) * 100
        time.sleep(20)
time.sleep(20)
"""


def test_memory_together_ends_a_job_with_the_watch_s_own_sentence(kind):
    needs("memory")
    result = run(kind, CHILDREN, ["guard"], memory_mb=200)
    assert "its processes together took more than 200 MiB" in result.cells[0].skipped
    assert result.answers["honest"][0].value == 2


def test_one_process_still_reads_its_own_limit(kind):
    needs("memory")
    first = run(kind, "x = bytearray(300 * 2**20)", memory_mb=200).cells[0]
    assert "MemoryError" in first.error
    assert "(the limit is 200 MiB of memory)" in first.error


def test_processes_together_are_refused_as_by_an_rlimit(kind):
    needs("pids")
    with Box(preload=(), kind=kind, without=["rlimits"]) as box:
        cell = "import os, resource\ndef f(x):\n"
        cell += "    most = resource.getrlimit(resource.RLIMIT_NPROC)[1]\n"
        cell += "    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))\n"
        cell += "    while True: os.fork() or os._exit(0)"
        exam = Exam((Call("f", (1,)),), seconds=8.0, processes=20)
        (answer,) = box.run(Job((cell,), {"f": exam}, processes=20)).answers["f"]
    assert answer.status is Status.PROCESSES


SHORT = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    if os.fork() == 0:
        end = time.process_time() + 0.02
        while time.process_time() < end: pass
        os._exit(0)
    time.sleep(0.03)
"""


def test_the_time_of_processes_that_nobody_waited_for_is_counted(kind):
    needs("pids")
    first = run(kind, SHORT, cpu_seconds=0.5).cells[0]
    assert "more than 0.5 s of processor time" in first.skipped


def test_student_code_sees_no_group(kind):
    needs("pids")
    look = (
        "import os\nprint(os.path.exists('/sys/fs/cgroup'))\n"
        "print([fd for fd in range(200) if os.path.exists(f'/dev/fd/{fd}')])\n"
        "print([line for line in open('/proc/self/cgroup') if line.startswith('0:')])"
    )
    first = run(kind, look).cells[0]
    if kind == "namespaces":
        assert first.stdout.splitlines()[0] == "False"
        assert first.stdout.splitlines()[2] == "['0::/\\n']"
    else:
        assert "PermissionError" in first.error
    cell = "for name in ('cgroup.procs', 'cgroup.kill'): open(f'/sys/fs/cgroup/{name}')"
    assert "Error" in run(kind, cell).cells[0].error


def ours(folder):
    return sorted(path.name for path in folder.glob("autograder-box-*"))


def test_groups_go_with_their_box_and_a_killed_grader_s_with_the_next(kind):
    folder = needs("pids")
    start = "from autograder.sandbox.outside.box import Box\n"
    start += f"box = Box((), kind={kind!r}, lanes=1)\n"
    start += "box.lanes[0].wait_ready(); print(box.lanes[0].counted, flush=True); input()"
    command = [sys.executable, "-c", start]
    grader = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert grader.stdout.readline() == "True\n"
    (left,) = ours(folder)
    grader.send_signal(signal.SIGKILL)
    grader.communicate()
    assert ours(folder) == [left]
    with Box(preload=(), kind=kind) as box:
        box.wait_ready()
        (mine,) = ours(folder)
        assert mine != left
    assert ours(folder) == []


def test_a_group_that_somebody_removes_costs_nothing_but_the_count(kind):
    folder = needs("pids")
    with Box(preload=(), kind=kind, lanes=1) as box:
        lane = box.lanes[0]
        lane.wait_ready()
        (mine,) = ours(folder)
        until = time.monotonic() + 5
        while time.monotonic() < until:
            try:
                (folder / mine / "lane1").rmdir()
                break
            except OSError:  # what was tried in it is still ending
                time.sleep(0.01)
        result = lane.run(Job((HONEST,), HONEST_EXAM))
        assert result.answers["honest"][0].value == 2
