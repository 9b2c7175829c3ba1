"""A function is called as it stood when its check had run, whatever came after."""

import pytest

from autograder.sandbox import Call, Exam, Job, Status
from autograder.sandbox.outside.box import Box

PAIR = ("def f(x):\n    return x + 1\ndef g(x):\n    return x + 2", "assert f(1) == 2", "g(1)")


@pytest.fixture(scope="module", params=["namespaces", "landlock"])
def each(request):
    """Each kind of box: processes are ended in another way in each."""
    with Box(preload=("numpy",), kind=request.param) as one:
        yield one


def asked(box, *below, cells=PAIR, xs=(1, 5), **limits):
    """The answers of f and g, whose checks are the second and third cell, to the numbers `xs`."""
    exams = {
        name: Exam(tuple(Call(name, (x,)) for x in xs), check=i, **{"seconds": 1.5, **limits})
        for i, name in enumerate("fg", 1)
    }
    return box.run(Job((*cells, *below), exams, cell_seconds=2, total_seconds=30, apart=(1, 2)))


def values(answers):
    return [answer.value for answer in answers]


@pytest.mark.parametrize(
    "below",
    ["f = g = None", "del f, g", "%reset -f", "f.__code__ = g.__code__ = (lambda x: 0).__code__"],
)
def test_what_is_done_to_a_function_below_its_check_costs_nothing(each, below):
    result = asked(each, below)
    assert (values(result.answers["f"]), values(result.answers["g"])) == ([2, 6], [3, 7])
    assert result.again == {}


def test_a_function_that_is_defined_anew_is_called_at_both_moments(each):
    result = asked(each, "def f(x):\n    return 10 * x")
    assert (values(result.answers["f"]), values(result.again["f"])) == ([2, 6], [10, 50])
    assert "g" not in result.again


def test_without_a_check_that_passed_it_is_called_at_the_end(each):
    result = asked(
        each, "def f(x):\n    return 10 * x", cells=(PAIR[0], "assert f(1) == 3", "g(1)")
    )
    assert (values(result.answers["f"]), result.again) == ([10, 50], {})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("import os; os._exit(0)", Status.DIED),
        ("while True: pass", Status.TIMEOUT),
        (
            "import signal; signal.signal(14, signal.SIG_IGN)\n        while True: pass",
            Status.TIMEOUT,
        ),
    ],
)
def test_a_fault_in_a_process_that_was_kept_costs_its_own_exercise(each, body, status):
    source = f"def f(x):\n    if x == 5:\n        {body}\n    return x\ndef g(x):\n    return x + 2"
    result = asked(each, "f = g = None", cells=(source, *PAIR[1:2], "g(1)"), xs=(1, 5, 1))
    assert result.answers["g"][0].value == 3
    result = asked(each, "f = g = None", cells=(source, "f(1)", "g(1)"), xs=(1, 5, 1))
    assert [answer.status for answer in result.answers["f"]] == [Status.OK, status, Status.NOT_RUN]
    assert values(result.answers["g"]) == [3, 7, 3]


def test_a_check_takes_no_name_of_the_student_s_and_leaves_it_its_own(each):
    cells = (
        "h = 3\ndef f(x):\n    return x + h\ndef g(x):\n    return x",
        "h = q = 7\nf(1)",
        "g(h)",
    )
    result = asked(each, "print(h, q)", "print(__name__, 'g' in globals())", cells=cells)
    assert values(result.answers["f"]) == [4, 8]
    assert [cell.stdout for cell in result.cells[3:]] == ["3 7\n", "__main__ True\n"]


def test_processes_that_wait_are_not_counted_for_the_student(each):
    many = (
        "import threading\nfor _ in range(2):\n    threading.Thread(target=print).start()\nprint(5)"
    )
    result = asked(each, many, many, "f = None", processes=3)
    assert [cell.error for cell in result.cells] == [""] * 6
    assert values(result.answers["f"]) == [2, 6]


def test_who_kills_what_is_kept_loses_no_more_than_that_cell(box):
    """Where there are namespaces, student code can signal its own processes, and no others."""
    result = asked(box, "f = None", "import os\nos.kill(-1, 9)")
    assert values(result.answers["f"]) == [2, 6]
    assert "ended the Python process" in result.cells[4].skipped
