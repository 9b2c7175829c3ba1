"""Functions that are alike: what is put side by side, and what is left alone."""

import pytest

from autograder.source import similarity
from tests.support.copies import MINE, OTHER, RENAMED


def _students(groups):
    return [[copy.student for copy in group.copies] for group in groups]


def test_renaming_does_not_hide_a_copy():
    groups = similarity.groups([("ada", [MINE]), ("bob", [RENAMED]), ("eve", [OTHER])], [])
    assert _students(groups) == [["ada", "bob"]]
    assert groups[0].copies[1].source == RENAMED.partition("numpy as np\n")[2].rstrip()
    assert (groups[0].name, groups[0].authors) == ("smooth", 3)


def test_another_name_of_the_function_does_not_hide_it_either():
    helper = RENAMED.replace("def smooth", "def helper")
    assert _students(similarity.groups([("ada", [MINE]), ("bob", [helper])], [])) == [
        ["ada", "bob"]
    ]


def test_what_everybody_was_given_does_not_count():
    assert similarity.groups([("ada", [MINE]), ("bob", [RENAMED])], [MINE]) == []


def test_short_functions_do_not_count():
    short = "def level(x, ref):\n    return 20 * np.log10(np.abs(x) / ref)"
    assert similarity.groups([("ada", [short]), ("bob", [short])], []) == []


@pytest.mark.parametrize(("many", "shown"), [(4, True), (5, True), (6, False)])
def test_what_much_of_the_class_shares_does_not_count(many, shown):
    others = [(f"t{n}", [OTHER.replace("ones", f"ones{n}")]) for n in range(20 - many)]
    class_ = [(f"s{n}", [MINE]) for n in range(many)] + others
    assert bool(similarity.groups(class_, [])) is shown


def test_a_student_is_no_copy_of_themselves_and_the_last_definition_counts():
    cells = [MINE, RENAMED.replace("def smooth", "def again"), OTHER]
    groups = similarity.groups([("ada", cells), ("bob", [MINE])], [])
    assert _students(groups) == [["ada", "bob"]]
    assert groups[0].copies[0].name == "again"


@pytest.mark.parametrize(
    "cell",
    ["def f(:\n", "(" * 5000, "x = " + "-" * 50_000 + "1", "\x00", "%%bash\nls", "f" * 2_000_000],
    ids=["unfinished", "nested", "deep", "null", "magic", "long"],
)
def test_cells_that_are_no_python_are_passed_over(cell):
    assert _students(similarity.groups([("ada", [cell, MINE]), ("bob", [MINE, cell])], []))


def test_the_rarest_and_longest_come_first():
    class_ = [(name, [MINE, OTHER.replace("smooth", "other")]) for name in "abc"]
    class_ += [("d", [MINE])]
    assert _students(similarity.groups(class_, [])) == [["a", "b", "c"], ["a", "b", "c", "d"]]
