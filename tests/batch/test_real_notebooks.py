"""What honest notebooks do beside the task, and what it must not cost; through both doors.

Each is the essence of a notebook that was found: what it holds, its score of 10 (4 for `double`,
5 for `mean_square`, 1 for the instructor's own test), and what is said of it.
"""

import json

import pytest

from autograder.integration import plugin
from autograder.pages import feedback
from autograder.submission import autograded
from tests.support.batches import scores
from tests.support.toy import RIGHT, TOPIC, code_cell, grade_toy, hand_in, notebook

SQUARES = "def mean_square(x):\n    return sum(map(squared, x)) / len(x)"
SQUARED = "def squared(v):\n    return v * v"
LISTED = "table = [2.0]\ndef double(x):\n    x = np.asarray(x)\n    if x.size == 0:\n"
LISTED += "        raise ValueError('x is empty')\n    return table[0] * x"
NESTED_QUOTES = "d = {'a': 1}\nprint(f'{d['a']}')"  # an f-string of Python 3.12
CACHED = "import numba\n@numba.njit(cache=True)\ndef squared(v):\n    return v * v"
ASYNC = "import asyncio\nawait asyncio.sleep(0)\n" + SQUARED
SLOW = "while True:\n    pass\n" + SQUARED
NOT_THERE = "import a_module_of_another_machine\n" + SQUARED


def made(course, above=(), below=(), between=(), **sources):
    """The notebook with right answers but for `sources`, and cells above, below and between.

    `between` is a pair: the name of a cell, and the cell that stands behind it.
    """
    content = notebook(course, **RIGHT | sources)
    cells = content["cells"]
    names = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
    if between:
        cells.insert(names.index(between[0]) + 1, code_cell(between[1]))
    content["cells"] = [*map(code_cell, above), *cells, *map(code_cell, below)]
    return content


STANDS = {
    "a_helper_bears_a_name_of_the_check_s": dict(
        mean_square="def power(x):\n    return x * x\n\n"
        "def mean_square(x):\n    return sum(map(power, x)) / len(x)"
    ),
    "a_constant_bears_a_name_of_the_check_s": dict(
        above=["power = 2"],
        mean_square="def mean_square(x):\n    return sum(v**power for v in x) / len(x)",
    ),
    "the_function_s_name_is_used_again": dict(below=["double = double([1.0, 2.0])"]),
    "a_module_s_name_is_used_again": dict(below=["np = 5"]),
    "everything_is_deleted": dict(below=["%reset -f"]),
    "the_function_is_deleted": dict(below=["del double, mean_square"]),
    "a_library_is_changed": dict(below=["np.asarray = None"]),
    "a_list_is_changed": dict(double=LISTED, below=["table.clear()"]),
    "a_list_is_changed_before_the_next_check": dict(
        double=LISTED, between=("double-check", "table[0] = 3.0")
    ),
    "the_helper_is_another_below": dict(
        above=[SQUARED], mean_square=SQUARES, below=["def squared(v):\n    return 0"]
    ),
    "a_wrong_version_is_tried_below": dict(below=["def double(x):\n    return 3 * x"]),
    "a_cell_below_ends_the_process": dict(below=["double = 3", "import os; os._exit(0)"]),
    "the_right_version_stands_below": dict(
        double="def double(x):\n    return 3 * np.asarray(x)",
        below=[RIGHT["double"]],
    ),
    "the_check_fails_until_a_helper_comes_below": dict(mean_square=SQUARES, below=[SQUARED]),
    "a_cell_uses_what_the_check_computed": dict(
        between=("double-check", f"shown = power + 1\n{SQUARED}"), mean_square=SQUARES
    ),
    "pylab": dict(
        above=["%pylab inline"],
        mean_square="def mean_square(x):\n    return float(mean(array(x) ** 2))",
    ),
    "a_module_is_written": dict(
        above=[f"%%writefile of_my_own.py\n{SQUARED}"],
        mean_square=f"from of_my_own import squared\n{SQUARES}",
    ),
    "compiled_and_cached": dict(above=[CACHED], mean_square=SQUARES),
    "it_asks_for_the_encoding": dict(
        above=[f"import sys\n'ä'.encode(sys.stdout.encoding)\n{SQUARED}"], mean_square=SQUARES
    ),
    "it_displays": dict(
        above=[SQUARED], mean_square=SQUARES.replace("return", "display(len(x))\n    return")
    ),
    "it_awaits": dict(above=[ASYNC], mean_square=SQUARES),
}
STOPS = {
    "a_helper_stands_below_an_error": (
        dict(above=[NOT_THERE], mean_square=SQUARES),
        5,
        ("begins `import a_module_of_another_machine` stopped", "line 1", "`mean_square` fails"),
    ),
    "a_helper_stands_below_an_endless_loop": (
        dict(above=[SLOW], mean_square=SQUARES),
        5,
        ("begins `while True:`", "took too long and was stopped", "`mean_square` fails"),
    ),
    "one_stop_is_the_cause_of_another": (
        dict(
            above=[NOT_THERE, "four = squared(2)"],
            mean_square="def mean_square(x):\n    return sum(v * v for v in x) / len(x) * four / 4",
        ),
        5,
        ("begins `import a_module_of_another_machine`", "begins `four = squared(2)`"),
    ),
}
MISSING = {
    "its_cell_is_for_a_newer_python": (
        dict(double=RIGHT["double"] + "\nd = {'a': 1}\nprint(f'{d['a']')}'"),
        6,
        ("there is no `double`", "SyntaxError", "line 7"),
    ),
    "its_cell_stopped_above_it": (
        dict(double="1 / 0\n" + RIGHT["double"]),
        6,
        ("there is no `double`", "ZeroDivisionError", "line 1"),
    ),
    "its_cell_never_ended": (
        dict(double="while True:\n    pass\n" + RIGHT["double"]),
        6,
        ("there is no `double`", "took too long"),
    ),
    "its_name_was_given_away_before_the_check": (
        dict(double=RIGHT["double"] + "\ndouble = double([1.0])"),
        6,
        ("at its end that name stands for a ndarray",),
    ),
    "it_was_deleted_before_the_check": (
        dict(double=RIGHT["double"] + "\ndel double"),
        6,
        ("something further down deletes it",),
    ),
    "it_is_a_method": (
        dict(double="class Mine:\n    def double(x):\n        return 2 * x"),
        6,
        ("only inside another function or class",),
    ),
    "nothing_defines_it": (dict(double="x = 1"), 6, ("no function named `double` was found",)),
    "the_stub_stands_below_it": (
        dict(
            double=RIGHT["double"] + "\n\n\ndef double(x):\n    raise NotImplementedError()",
        ),
        6,
        ("is defined 2 times", "as it was handed out"),
    ),
    "an_endless_loop": (
        dict(double="def double(x):\n    while True:\n        pass"),
        6,
        ("took too long", "not tried, because an earlier call took too long"),
    ),
}


def through_ours(course):
    """Grade by `autograder grade`; everything that is said in the terminal."""
    return str(grade_toy(course))


def through_nbgrader_s(course):
    from nbgrader.apps.api import NbGraderAPI

    plugin.install()
    log = ""
    for path in sorted(course.path("submitted", "x", TOPIC).parent.parent.iterdir()):
        result = NbGraderAPI(config=course.config).autograde(TOPIC, path.name, create=True)
        assert result["success"], result
        log += result["log"]
    return log


@pytest.fixture(params=[through_ours, through_nbgrader_s], ids=["ours", "nbgrader"])
def door(request):
    return request.param


def points(course):
    """The sum of what the gradebook holds, by student."""
    total = {}
    for (student, _), (auto, *_) in scores(course).items():
        total[student] = total.get(student, 0) + (auto or 0)
    return total


def path_of(course, student):
    return course.path("autograded", student, TOPIC) / f"{TOPIC}.ipynb"


def report_of(course, student):
    return autograded.report_of(path_of(course, student))


def test_what_stands_right_is_right(course, one_box, door):
    for name, parts in STANDS.items():
        hand_in(course, name, made(course, **parts))
    said = door(course)
    assert points(course) == dict.fromkeys(STANDS, 10), said


def test_a_cell_that_stopped_is_named_where_people_look(course, one_box, door):
    for name, (parts, _, _) in STOPS.items():
        hand_in(course, name, made(course, **parts))
    said = door(course)
    assert points(course) == {name: right for name, (_, right, _) in STOPS.items()}
    feedback.generate(course, TOPIC)
    for name, (_, _, words) in STOPS.items():
        page = course.path("feedback", name, TOPIC) / f"{TOPIC}.html"
        top = page.read_text().partition("<h2")[0].replace("<code>", "`").replace("</code>", "`")
        report = report_of(course, name)
        for word in words:
            assert word in said and word in " ".join(report.says) and word in top, word
        assert all(stop.exercises == ("mean_square",) for stop in report.stops)
        assert len(json.loads(path_of(course, name).read_text())["metadata"]["autograder"]["stops"])


def test_a_stop_that_costs_nothing_is_not_named(course, one_box):
    hand_in(course, "ada", made(course, above=["1 / 0"], below=["import not_there_either"]))
    (row,) = grade_toy(course).rows
    assert (row.score, row.says, report_of(course, "ada").stops) == (10, (), ())


def test_a_function_that_is_not_there_is_explained(course, one_box, door):
    for name, (parts, _, _) in MISSING.items():
        hand_in(course, name, made(course, **parts))
    door(course)
    assert points(course) == {name: right for name, (_, right, _) in MISSING.items()}
    for name, (_, _, words) in MISSING.items():
        verdict = str(report_of(course, name).exercises[0])
        assert all(word in verdict for word in words), (name, verdict)
        if name != "nothing_defines_it":
            assert "no function named" not in verdict
    verdict = str(report_of(course, "an_endless_loop").exercises[0])
    assert "ended the Python process" not in verdict


WRONG = "def double(x):\n    return 3 * np.asarray(x)"
SHOWN = {
    "the_answer_cell": (dict(), RIGHT["double"]),
    "the_one_that_the_check_tried": (dict(below=[WRONG]), RIGHT["double"]),
    "one_further_down": (dict(double=WRONG, below=[RIGHT["double"]]), RIGHT["double"]),
    "one_of_two_above_the_check": (
        dict(double="# none here", above=[WRONG, RIGHT["double"]], below=[WRONG]),
        RIGHT["double"],
    ),
    "its_name_is_used_again": (dict(below=["double = double([1.0])"]), RIGHT["double"]),
}


def test_the_page_shows_the_code_that_counted(course, one_box):
    for name, (parts, _) in SHOWN.items():
        hand_in(course, name, made(course, **parts))
    grade_toy(course)
    assert points(course) == dict.fromkeys(SHOWN, 10)
    for name, (_, code) in SHOWN.items():
        verdict = report_of(course, name).exercises[0]
        cells = autograded.load(path_of(course, name)).cells
        assert feedback.counted(verdict, cells) == code, name


def test_no_score_is_made_of_two_functions(course, one_box):
    """Right on numbers at the check, right on refusing at the end: never both."""
    first = "def double(x):\n    return 2 * np.asarray(x)"
    second = (
        "def double(x):\n    if np.size(x) == 0:\n        raise ValueError('empty')\n    return x"
    )
    hand_in(course, "ada", made(course, double=first, below=[second]))
    (row,) = grade_toy(course).rows
    assert row.exercises["double"] == (3, 4)
    notes = report_of(course, "ada").exercises[0].notes
    assert notes == (
        "`double` is defined 2 times in your notebook; the one that its check tried counts.",
    )


def test_what_a_function_is_asked_is_told_to_no_cell(course, one_box):
    """Calls come after all cells, so that a second version cannot be made from what was asked."""
    spy = "asked = []\ndef double(x):\n    asked.append(list(x))\n"
    spy += "    open('asked', 'a').write(str(x))\n"
    spy += "    return 3 * np.asarray(x)"
    tell = "import os\nprint(asked, os.path.exists('asked') and open('asked').read())"
    hand_in(course, "ada", made(course, double=spy, below=["asked = asked + []", tell]))
    grade_toy(course)
    loaded = autograded.load(path_of(course, "ada"))
    outputs = [o for cell in loaded.cells for o in cell.get("outputs", [])]
    assert "[[1.0], [1.0]] [1.0][1.0]" in json.dumps(outputs)  # what the check asked, and no more
