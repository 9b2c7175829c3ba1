"""The box: what broken and honest code gets back, and how little it can see or keep."""

import os
import time

import numpy as np
import pytest

from autograder.sandbox import Call, Exam, Job, Status, frames, wire
from autograder.sandbox.outside import collect
from autograder.sandbox.outside.box import Box, SandboxUnavailable
from autograder.sandbox.outside.launch import bubblewrap
from autograder.sandbox.outside.probe import probe
from autograder.sandbox.wire import Unsupported


def ask(box, source, *args, name="f", **limits):
    """The answer of one function defined by one cell."""
    exam = Exam((Call(name, args),), **{"seconds": 2, **limits})
    return box.run(Job((source,), {name: exam}, cell_seconds=2, total_seconds=15)).answers[name][0]


def run_cells(box, *cells, **options):
    return box.run(Job(cells, {}, **{"cell_seconds": 2, "total_seconds": 15, **options})).cells


def test_values_come_back_as_data(box):
    answer = ask(
        box, "import numpy as np\ndef f(x):\n    return x @ x, np.cumsum(x)", np.arange(4.0)
    )
    assert answer.status is Status.OK
    assert answer.value[0] == 14
    np.testing.assert_array_equal(answer.value[1], [0, 1, 3, 6])


@pytest.mark.parametrize("kind", ["namespaces", "landlock"])
def test_every_layer_holds(kind):
    for layer, holds, detail in probe(kind):
        assert holds, f"{layer}: {detail}"


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ("while True: pass", Status.TIMEOUT, ""),
        (
            "import signal, time\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
            "    while True:\n        try:\n            time.sleep(9)\n"
            "        except BaseException: pass",
            Status.TIMEOUT,
            "",
        ),
        ("return f(x)", Status.ERROR, "RecursionError"),
        ("import sys; sys.exit(0)", Status.ERROR, "SystemExit"),
        ("import os; os._exit(0)", Status.DIED, ""),
        ("import ctypes; ctypes.string_at(0)", Status.DIED, ""),
        ("import numpy; numpy.ones(10**11)", Status.MEMORY, "MemoryError"),
        ("return [0] * 10**11", Status.MEMORY, "MemoryError"),
        ("return 1 / 0", Status.ERROR, "ZeroDivisionError"),
        ("import numpy; return numpy.zeros(10**7)", Status.TOO_LARGE, ""),
        ("x = []; x.append(x); return x", Status.TOO_LARGE, ""),
    ],
)
def test_a_fault_costs_its_own_exercise(box, body, status, error):
    cells = (f"def f(x):\n    {body}", "def g(x):\n    return x + 1")
    exams = {name: Exam((Call(name, (1,)), Call(name, (2,))), seconds=1.5) for name in "fg"}
    result = box.run(Job(cells, exams, total_seconds=20))
    assert result.answers["f"][0].status is status
    assert result.answers["f"][0].error == error
    assert [a.value for a in result.answers["g"]] == [2, 3]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return", None),
        ("yield x", Unsupported("generator")),
        (
            "import numpy; return numpy.array([x, 'a', None], dtype=object)",
            Unsupported("object array"),
        ),
        ("return lambda: x", Unsupported("function")),
        ("return 'seven'", "seven"),
        ("return 1j * x", 1j),
        ("return 10**400", 10**400),
        ("return 10**5000", Unsupported("int of more than 4096 bits")),
    ],
)
def test_whatever_is_returned_is_data_or_the_name_of_its_type(box, body, expected):
    answer = ask(box, f"def f(x):\n    {body}", 1)
    assert answer.status is Status.OK
    assert answer.value == expected


def test_recursion_without_a_limit_ends_that_call_only(box):
    source = "import sys\nsys.setrecursionlimit(10**9)\ndef f(x):\n    return f(x)"
    assert ask(box, source, 1).status in (Status.DIED, Status.MEMORY, Status.ERROR, Status.TIMEOUT)


def test_a_missing_function_and_one_that_is_no_function(box):
    assert ask(box, "g = 1", 1).status is Status.MISSING
    assert ask(box, "f = 1", 1).status is Status.MISSING


def test_changed_arguments_are_reported_and_the_next_call_gets_fresh_ones(box):
    exam = Exam((Call("f", (np.ones(3),)), Call("f", (np.ones(3),))))
    source = "def f(x):\n    x += 1\n    return x.sum()"
    first, second = box.run(Job((source,), {"f": exam})).answers["f"]
    assert first.changed == second.changed == (0,)
    assert first.value == second.value == 6


def test_the_line_of_an_error_is_the_student_s_own(box):
    answer = ask(box, "import numpy as np\n\ndef f(x):\n    y = x\n    return np.linalg.inv(y)", 1)
    assert (answer.error, answer.line) == ("LinAlgError", 5)


def test_a_call_that_is_not_allowed_is_named_however_it_was_imported(box):
    for source in (
        "import numpy as np\ndef f(x):\n    return np.convolve(x, x)",
        "from numpy import convolve as c\ndef f(x):\n    return c(x, x)",
        "import numpy\ndef f(x):\n    return getattr(numpy, 'conv' + 'olve')(x, x)",
    ):
        answer = ask(box, source, np.ones(3), forbidden=("numpy.convolve",))
        assert (answer.status, answer.message) == (Status.FORBIDDEN, "numpy.convolve"), source


def test_a_library_may_call_what_the_student_may_not(box):
    source = (
        "from scipy import signal\ndef f(x):\n    return signal.convolve(x, x, method='direct')"
    )
    assert ask(box, source, np.ones(3), forbidden=("numpy.convolve",)).status is Status.OK


def test_cells_go_on_after_an_error_and_show_what_they_printed(box):
    cells = run_cells(box, "print('one')\n1/0", "print('two')", "def broken(:\n    pass", "3 * 4")
    assert (cells[0].stdout, cells[0].error) == ("one\n", "ZeroDivisionError: division by zero")
    assert cells[1].stdout == "two\n"
    assert cells[2].error.startswith("SyntaxError")
    assert cells[3].stdout == "12\n"


def test_a_cell_that_never_ends_or_ends_the_process_is_left_out(box):
    cells = run_cells(box, "x = 1", "while True: pass", "import os; os._exit(0)", "print(x)")
    assert "too long" in cells[1].error
    assert "ended the Python process" in cells[2].skipped
    assert cells[3].stdout == "1\n"


def test_a_cell_that_cannot_be_interrupted_is_left_out(box):
    stubborn = "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass"
    cells = run_cells(box, stubborn, "print('after')")
    assert "too long" in cells[0].skipped
    assert cells[1].stdout == "after\n"


def test_a_flood_of_output_is_cut(box):
    cell = run_cells(box, "while True: print('x' * 10**6)", "print('after')", output_bytes=1000)[0]
    assert len(cell.stdout) < 1100
    assert "too long" in cell.error


def test_what_holds_for_later_cells_in_a_notebook_holds_here(box):
    cells = run_cells(
        box,
        "from __future__ import annotations\nx = 1",
        "def f(a: Undefined) -> None: pass\nx += 1\nx",
        "await __import__('asyncio').sleep(0, x)",
        "x;",
        "%timeit -n1 -r1 pass",
        "",
    )
    assert [cell.error for cell in cells] == [""] * 6
    assert [cell.stdout for cell in cells[1:4]] == ["2\n", "2\n", ""]


def test_magics_shell_commands_and_displays_do_not_hurt(box):
    cells = run_cells(
        box, "%matplotlib inline", "!echo hello", "from IPython.display import HTML; HTML('<b>x')"
    )
    assert not any(cell.error for cell in cells)


def test_nothing_lasts_from_one_submission_to_the_next(box):
    leave = (
        "import os, numpy\n"
        "open('/tmp/left', 'w').write('x'); open('left', 'w').write('x')\n"
        "open('/dev/shm/left', 'w').write('x'); open('/cache/left', 'w').write('x')\n"
        "numpy.sum = None; os.environ['LEFT'] = 'x'; import builtins; builtins.left = 1\n"
        "if os.fork() == 0:\n    import time; time.sleep(60)"
    )
    look = (
        "import os, numpy, builtins\n"
        "print(os.listdir('/tmp'), os.listdir('.'), os.listdir('/dev/shm'),"
        " os.listdir('/cache'), 'LEFT' in os.environ, hasattr(builtins, 'left'), numpy.sum([1, 2]),"
        " [p for p in os.listdir('/proc') if p.isdigit()])"
    )
    run_cells(box, leave)
    assert run_cells(box, look)[0].stdout == "['work'] [] [] [] False False 3 ['1']\n"


def test_there_is_no_network_not_even_among_those_who_share_a_box():
    probe_socket = (
        "import fcntl, socket\n"
        "def flags(name):  # some kernels put tunnels beside lo, all of them down\n"
        "    request = name.encode().ljust(40, b'\\0')\n"
        "    return fcntl.ioctl(socket.socket(), 0x8913, request)[16]\n"
        "names = [name for _, name in socket.if_nameindex()]\n"
        "print('lo' in names, [name for name in names if flags(name) & 1])\n"
        "a = socket.socket(socket.AF_UNIX); a.bind('\\0mine'); a.listen()\n"
        "try:\n    socket.create_connection(('127.0.0.1', 9), 1)\n"
        "except OSError as error: print(error.errno)"
    )
    with Box(without=("seccomp",)) as box:
        for _ in range(2):
            assert run_cells(box, probe_socket)[0].stdout == "True []\n101\n"


def test_sockets_are_refused_but_those_that_reach_only_oneself(box):
    cell = (
        "import socket\n"
        "for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_PACKET, 40):"
        "\n    try:\n        socket.socket(family)\n        print('made', family)\n"
        "    except PermissionError: pass\n"
        "one, other = socket.socketpair(); one.send(b'x'); print(other.recv(1))"
    )
    assert run_cells(box, cell)[0].stdout == "b'x'\n"


def test_forged_frames_gain_nothing_but_the_answers_they_carry(box):
    forge = (
        "import os, struct\n"
        "for fd in range(3, 50):\n"
        "    try:\n"
        "        junk = struct.pack('>cI', b'a', 5) + b'junk!'\n"
        "        os.write(fd, junk + struct.pack('>cI', b'E', 1) + b'x')\n"
        "    except OSError: pass\n"
        "def f(x):\n    return x"
    )
    assert ask(box, forge, 1).status is not Status.OK
    assert ask(box, "def f(x):\n    return x", 1).value == 1


def test_who_says_again_that_an_exercise_begins_gains_no_time(box, monkeypatch):
    monkeypatch.setattr(collect, "GRACE", 0.3)
    forge = (
        "import os, signal, struct, time\n"
        "def f(x):\n"
        "    signal.setitimer(signal.ITIMER_REAL, 0)\n"
        "    for _ in range(30):\n"
        "        os.write(3, struct.pack('>cI', b'x', 2) + b'\\xa1f')\n"
        "        os.write(3, struct.pack('>cI', b'c', 1) + b'\\x01')\n"
        "        time.sleep(0.1)\n"
        "    return x"
    )
    job = Job((forge,), {"f": Exam((Call("f", (1,)),), seconds=0.2)})
    assert box.run(job).answers["f"][0].status is Status.TIMEOUT


def test_empty_frames_are_a_flood_too(box, monkeypatch):
    monkeypatch.setattr(collect, "MAX_REPLY", 2**20)
    flood = "import os\ndef f(x):\n    while True:\n        os.write(3, b'z\\0\\0\\0\\0' * 1000)"
    assert ask(box, flood, 1).status is Status.TOO_LARGE


def test_who_ends_the_process_in_the_last_moment_stops_nobody_else(box, monkeypatch):
    """No time is left then for another try: that is no fault of the sandbox's."""
    cell = frames.pack(frames.CELL, wire.encode(0))
    tries = [(cell, "died", False), (b"", "over", False)]
    monkeypatch.setattr(box, "_exchange", lambda job: tries.pop(0))
    result = box.run(Job(("pass", "pass"), {"f": Exam((Call("f", ()),))}))
    assert not tries and "left out" in result.cells[0].skipped
    assert "used up" in result.cells[1].skipped
    assert result.answers["f"][0].status is Status.NOT_RUN


@pytest.mark.parametrize("fields", ["numpy.zeros(10**6, 'b')", "[0, 'x']", "7", "[0] * 5"])
def test_what_a_cell_showed_is_read_in_one_form_only(box, fields):
    forge = (
        "import numpy, os\nfrom autograder.sandbox import frames, wire\n"
        f"os.write(3, frames.pack(frames.CELL_DONE, wire.encode({fields})))\nprint('mine')"
    )
    assert run_cells(box, forge)[0].stdout == "mine\n"


def test_the_box_comes_back_after_its_parent_was_killed():
    with Box() as box:
        assert ask(box, "def f(x):\n    return x", 1).value == 1
        box._process.kill()
        box._process.wait()
        assert ask(box, "def f(x):\n    return x", 2).value == 2


def test_no_process_is_left_when_the_box_closes():
    with Box() as box:
        run_cells(box, "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)")
        pid = box._process.pid
    time.sleep(0.2)
    assert not os.path.exists(f"/proc/{pid}")


def test_an_environment_below_tmp_is_not_hidden_by_the_tmp_of_the_box(monkeypatch, tmp_path):
    folder = tmp_path.resolve() / "venv"
    folder.mkdir()
    monkeypatch.setattr("autograder.sandbox.outside.launch.sys.prefix", str(folder))
    command = bubblewrap(tmp_path)
    at = command.index(str(folder))
    assert command[at - 1] == "--ro-bind"
    hidden = folder.is_relative_to("/tmp")
    assert command[at + 1].startswith("/python/" if hidden else str(folder))


def test_without_bubblewrap_there_is_no_box(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(SandboxUnavailable, match="apt-get install bubblewrap"):
        Box()


def test_where_the_sandbox_does_not_start_the_message_says_what_to_do(monkeypatch, tmp_path):
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("AUTOGRADER_BOX", "namespaces")
    with (
        pytest.raises(SandboxUnavailable, match=r"No permissions.*autograder doctor"),
        Box() as box,
    ):
        box.wait_ready()


def test_unsafe_is_asked_for_by_name_and_still_isolates_faults():
    with Box(unsafe=True) as box:
        assert ask(box, "def f(x):\n    return x", 2).value == 2
        assert ask(box, "def f(x):\n    while True: pass", 2, seconds=0.5).status is Status.TIMEOUT
