"""The fingerprint of a grading: it changes with whatever decides a score, and with nothing else."""

import re
import shutil

import pytest

from autograder.batch import fingerprint, plan
from autograder.batch.fingerprint import FingerprintError, digest, modules
from autograder.course.catalogue import ROOT
from autograder.course.course import CourseError, load
from autograder.submission.assignment import Assignment, Part

TOPIC = "hmm"
COURSE = load()
ASSIGNMENT = Assignment(TOPIC, TOPIC, (Part("viterbi", "code", "def viterbi(): ..."),))


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A copy of the grader, which the key is made from."""
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "autograder", tmp_path / "autograder", ignore=ignored)
    monkeypatch.setattr("autograder.course.course.ROOT", tmp_path)
    return tmp_path / "autograder"


def key(topic=TOPIC, unsafe=False, limits=None):
    return plan.grading_key(
        COURSE,
        Assignment(topic, topic, ASSIGNMENT.parts),
        unsafe,
        {} if limits is None else limits,
    )


def replace(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def rename(tree, old, new):
    """Move a module of the grader within its room, and mend every line that imports it."""
    (tree / f"{old}.py").rename((tree / old).with_name(f"{new}.py"))
    room, _, module = old.partition("/")
    for path in tree.rglob("*.py"):
        text = path.read_text().replace(
            f"from autograder.{room}.{module} import", f"from autograder.{room}.{new} import"
        )
        line = rf"(?m)^( *from autograder\.{room} import .*)\b{module}\b"
        path.write_text(re.sub(line, rf"\1{new} as {module}", text))


# --- the grader's own key -----------------------------------------------------------------

EDITS = {
    "the generator of inputs": ("exercise/draw.py", "dtype=np.uint32", "dtype=np.uint16"),
    "a call in the sandbox": ("sandbox/inside/call.py", '"""One call', '"""One single call'),
    "the wire": ("sandbox/wire.py", '"""The wire', '"""This wire'),
    "what holds a student's code": ("sandbox/inside/child.py", '"""The process', '"""That process'),
    "the box, which sets limits": ("sandbox/outside/box.py", '"""The box', '"""That box'),
    "what reads the notebook": ("submission/notebook.py", '"""From', '"""Out of'),
    "what puts cells back": ("submission/assignment.py", '"""The', '"""This'),
    "the judge": ("judging/score.py", "4 * len(refused)", "5 * len(refused)"),
    "known mistakes": ("judging/diagnose.py", '"""Which', '"""What'),
    "the reference": ("reference/hmm.py", '"""', '"""Now: '),
    "a helper of the checks": ("checks/hmm/inputs.py", '"""', '"""Now: '),
    "what checks share": ("exercise/draw.py", '"edge"', '"edges"'),
    "an __init__ on the way": ("checks/__init__.py", '"""', '"""Now: '),
}


@pytest.mark.parametrize(("name", "old", "new"), EDITS.values(), ids=list(EDITS))
def test_an_edit_of_what_decides_a_score_changes_the_key(tree, name, old, new):
    before = key()
    replace(tree / name, old, new)
    assert key() != before


def test_an_edit_of_what_references_share_changes_the_key(tree):
    before = key("lpc")
    replace(tree / "reference" / "inputs.py", '"""', '"""Now: ')
    assert key("lpc") != before


@pytest.mark.parametrize(
    "name", ["judging/equality", "judging/score", "exercise/compare", "source/forbidden"]
)
def test_a_renamed_module_changes_the_key_and_stays_in_it(tree, name):
    before = key()
    rename(tree, name, "renamed")
    after = key()
    assert after != before
    replace((tree / name).with_name("renamed.py"), '"""', '"""Now: ')
    assert key() != after


@pytest.mark.parametrize(
    "name", ["gradebook/gradebook", "pages/report", "commands/cli", "batch/plan", "release/leaks"]
)
def test_what_cannot_change_a_score_is_left_out(tree, name):
    before = key()
    (tree / f"{name}.py").write_text("x = 1\n")
    (tree / "pages" / "templates" / "report.html.j2").write_text("another page")
    assert key() == before


def test_a_topic_does_not_depend_on_the_checks_of_another(tree):
    before = key(), key("lpc")
    replace(tree / "checks" / "lpc" / "recursion.py", '"""', '"""Now: ')
    assert key() == before[0]
    assert key("lpc") != before[1]


def test_cells_limits_and_the_missing_sandbox_are_in_the_key(tree):
    other = Assignment(TOPIC, TOPIC, (Part("viterbi", "code", "def viterbi(): 1"),))
    keys = {key(), key(unsafe=True), key(limits={"*": {"seconds": 3}})}
    assert len(keys | {plan.grading_key(COURSE, other, False, {})}) == 4
    assert key() == key()


@pytest.mark.parametrize(
    "name", ["judging/equality.py", "sandbox/inside/call.py", "checks/hmm/inputs.py"]
)
def test_a_module_that_is_gone_is_an_error_that_names_it(tree, name):
    key()
    (tree / name).unlink()
    with pytest.raises(CourseError, match=name.removesuffix(".py").rpartition("/")[2]):
        key()


def test_a_root_that_is_gone_is_an_error(tree):
    (tree / "sandbox" / "inside" / "forkserver.py").unlink()
    with pytest.raises(
        CourseError, match=r"autograder\.sandbox\.inside\.forkserver, which is not there"
    ):
        key()


# --- following imports --------------------------------------------------------------------


@pytest.fixture
def ours(tmp_path):
    """A package `ours` to be filled: `ours(name=text, ...)`, folders joined by `__`."""

    def fill(root="start", **files):
        for name, text in files.items():
            path = tmp_path / "ours" / (name.replace("__", "/") + ".py")
            path = path.with_name(path.name.replace("INIT", "__init__"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return set(modules([f"ours.{root}"], {"ours": tmp_path / "ours"}))

    return fill


FORMS = {
    "import": "import ours.deep.a",
    "import as": "import ours.deep.a as b",
    "from module": "from ours.deep.a import x",
    "from package": "from ours.deep import a as b",
    "relative": "from .deep import a",
    "relative from a module": "from .deep.a import x",
    "in a function": "def f():\n    for i in x:\n        from ours.deep import a",
    "in a method, behind a try": "class C:\n    def f(self):\n        try:\n            x = 1\n"
    "        except ValueError:\n            from ours.deep import a\n        finally:\n"
    "            pass",
    "in a match": "match x:\n    case 1:\n        from ours.deep import a",
    "over several lines": "from ours.deep import (\n    a,\n)\n\nx = 1",
    "behind a backslash": "from ours.deep import \\\n    a\nx = 1",
    "a star of the package": "from ours.deep import *",
    "by an attribute": "import ours.deep\nx = ours.deep.a.x",
    "by an attribute of an alias": "from ours import deep as d\nx = d.a.x(1)",
    "by name": "import importlib\nx = importlib.import_module('ours.deep.a')",
    "above a text that cannot be cut": "import ours.deep.a\nx = '''\nimport\ny'''\n",
    "below a text that speaks of imports": "'''\nfrom ours import nothing\n'''\nimport ours.deep.a",
    "in what is not for typing": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
    "    x = 1\nelse:\n    from ours.deep import a",
}


@pytest.mark.parametrize("text", FORMS.values(), ids=list(FORMS))
def test_every_form_of_import_is_followed(ours, text):
    files = {"INIT": "", "deep__INIT": "", "deep__a": "from . import b", "deep__b": "x = 1"}
    found = {"ours", "ours.start", "ours.deep", "ours.deep.a", "ours.deep.b"}
    assert ours(start=text, **files) == found


def test_relative_imports_start_at_the_package_of_the_file(ours):
    found = ours(
        "deep.a", INIT="", b="", deep__INIT="from .c import x", deep__a="from .. import b",
        deep__c="x = 1",
    )  # fmt: skip
    assert found == {"ours", "ours.b", "ours.deep", "ours.deep.a", "ours.deep.c"}


def test_names_of_a_package_and_circles_are_no_error(ours):
    found = ours(
        INIT="from ours import a\nX: int = 1\ndef f(): ...\n", a="from ours import X, f, a",
        start="from ours import X, f, a",
    )  # fmt: skip
    assert found == {"ours", "ours.a", "ours.start"}


def test_other_packages_and_what_is_for_typing_are_not_followed(ours):
    text = "import oursels, json\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
    assert ours(INIT="", start=text + "    from ours import gone\n") == {"ours", "ours.start"}


def test_a_folder_without_init_is_a_package(ours):
    assert ours(start="from ours.deep import a", deep__a="") == {"ours.start", "ours.deep.a"}


@pytest.mark.parametrize(
    ("text", "says"),
    {
        "import ours.gone": r"start\.py, line 1, needs the module ours\.gone, which is not there",
        "def f():\n    from ours import gone": r"start\.py, line 2, needs gone of ours",
        "from ours.gone.deep import x": r"needs the module ours\.gone, which",
        "from ours.deep import gone": r"needs gone of ours\.deep",
        "from ... import gone": "from above its own package",
        "def (\nimport ours.deep": r"start\.py, line 1: this is not Python",
        "import x\0": r"start\.py.*: this is not Python",
    }.items(),
)
def test_what_cannot_be_followed_is_one_sentence(ours, text, says):
    with pytest.raises(FingerprintError, match=says) as error:
        ours(start=text, INIT="", deep__a="")
    assert "\n" not in str(error.value)


def test_a_root_outside_of_the_packages_is_an_error(tmp_path):
    with pytest.raises(FingerprintError, match="needs the module theirs, which is not there"):
        modules(["theirs.a"], {"ours": tmp_path})


def test_a_file_that_cannot_be_read_is_an_error(ours, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(fingerprint.Path, "read_bytes", refuse)
    with pytest.raises(FingerprintError, match=r"start\.py cannot be read \(Permission denied\)"):
        ours(start="")


def test_a_digest_is_of_names_and_bytes(tmp_path):
    for name, text in (("a", "x = 1\n"), ("b", "x = 1\n"), ("c", "x = 1 # one\n")):
        (tmp_path / f"{name}.py").write_text(text)
    packages = {"ours": tmp_path}
    made = {digest([f"ours.{name}"], packages) for name in "abc"}
    assert len(made) == 3
    assert digest(["ours.a", "ours.b"], packages) == digest(["ours.b", "ours.a"], packages)
