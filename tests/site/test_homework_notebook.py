"""Notebooks in the page: read, compared, filled and written as Jupyter and nbgrader have them."""

from __future__ import annotations

import copy
import json
import time

import pytest

from speechlab.site.homework import released as pages
from tests.support.building import ROOT, served
from tests.support.homework_pages import EVERY, released

pytestmark = pytest.mark.browser
CALL = """async ([module, name, given, each]) => {
  const { [name]: called, NotebookError } = await import(module);
  try {
    return { value: each ? given[0].map((one) => called(one)) : called(...given) };
  } catch (error) {
    if (NotebookError && error instanceof NotebookError) return { refused: error.message };
    throw error;
  }
}"""


@pytest.fixture(scope="module")
def call(browser):
    """Call a function of one of the page's modules; with `each`, once for each of a list."""
    with served(ROOT / "book" / "speechlab" / "web") as address:
        page = browser.new_page()
        page.goto(address)

        def called(name, *given, module="homework/notebook.js", each=False):
            answer = page.evaluate(CALL, [f"{address}{module}", name, list(given), each])
            return answer.get("value", answer.get("refused"))

        yield called
        page.close()


def text_of(topic):
    return (ROOT / "exercises" / topic / f"{topic}.ipynb").read_text("utf-8")


def named(notebook, name):
    return next(
        cell
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == name
    )


@pytest.mark.parametrize("topic", EVERY)
def test_a_notebook_goes_in_and_out_to_the_byte(call, topic):
    text, notebook = text_of(topic), released(topic)
    assert call("download", text, notebook, {}) == text
    assert call("written", notebook) == text


@pytest.mark.parametrize("topic", EVERY)
def test_page_and_build_see_the_same_cells(call, topic):
    notebook = released(topic)
    built = pages.cells(notebook)
    assert call("keys", notebook) == [cell.key for cell in built]
    kinds = call("kind", notebook["cells"], each=True)
    assert kinds == [cell.kind for cell in built]
    assert call("compare", notebook, notebook) == {"same": True, "takes": {}, "leaves": []}


def test_what_is_written_changes_its_cell_only(call):
    notebook = released("lpc")
    text = "def autocorrelation(x, order):\n    return 'ä'\n\n"
    changed = json.loads(call("download", text_of("lpc"), notebook, {"autocorrelation": text}))
    cell = named(changed, "autocorrelation")
    assert cell["source"] == ["def autocorrelation(x, order):\n", "    return 'ä'\n", "\n"]
    assert cell["metadata"] == named(notebook, "autocorrelation")["metadata"]
    cell["source"] = named(notebook, "autocorrelation")["source"]
    assert changed == notebook


def half_done():
    """A notebook that somebody began in Jupyter: run, with a cell more, and prose of its own."""
    notebook = released("lpc")
    named(notebook, "autocorrelation")["source"] = "def autocorrelation(x, order):\n    return 1"
    cell = named(notebook, "autocorrelation-check")
    cell["execution_count"] = 7
    cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["x\n"]}]
    notebook["cells"][4]["source"] = ["My own words."]
    new = {"cell_type": "code", "execution_count": 3, "metadata": {"tags": ["mine"]}}
    notebook["cells"].insert(6, {**new, "outputs": [], "source": ["1 + 1"]})
    notebook["metadata"]["widgets"] = {"scale": 1.0, "10": [], "2": {}}
    notebook["nbformat_minor"] = 2
    for place, cell in enumerate(notebook["cells"]):
        notebook["cells"][place] = {key: cell[key] for key in cell if key != "id"}
    return notebook


def test_a_notebook_half_done_in_jupyter_comes_out_unchanged(call):
    notebook = half_done()
    text = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    assert call("compare", notebook, released("lpc"))["same"] is True
    assert call("download", text, released("lpc"), {}) == text
    edit = {"residual": "def residual(s, a):\n    return s"}
    changed = json.loads(call("download", text, released("lpc"), edit))
    named(notebook, "residual")["source"] = ["def residual(s, a):\n", "    return s"]
    assert changed == notebook
    names = call("keys", notebook, released("lpc"))
    assert names[0] == "text" and len(set(names)) == len(names)


def test_another_release_is_taken_cell_by_cell(call):
    new = released("lpc")
    old = copy.deepcopy(new)
    for name in ("autocorrelation", "residual", "synthesis"):
        named(old, name)["source"] = [f"def {name}(*given):\n", "    return 1"]
    named(old, "residual")["metadata"]["nbgrader"]["checksum"] = "0" * 32
    named(old, "synthesis")["metadata"]["nbgrader"]["grade_id"] = "gone"
    found = call("compare", old, new)
    assert found["same"] is False and sorted(found["leaves"]) == ["gone", "residual"]
    assert found["takes"] == {"autocorrelation": "def autocorrelation(*given):\n    return 1"}
    assert pages.release(old) != pages.release(new)


def test_another_course_has_nothing_to_take(call):
    found = call("compare", released("hmm"), released("lpc"))
    assert found["takes"] == {} and found["same"] is False and len(found["leaves"]) == 8


def test_prose_alone_makes_no_release():
    notebook = released("lpc")
    before = pages.release(notebook)
    notebook["cells"][0]["source"][0] = "# Another title\n"
    assert pages.release(notebook) == before
    named(notebook, "residual-check")["metadata"]["nbgrader"]["checksum"] = "1" * 32
    assert pages.release(notebook) != before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("not JSON", "no notebook"),
        ("[]", "no list of cells"),
        ('{"cells": []}', "old format"),
        ('{"nbformat": 3, "cells": []}', "old format"),
        ('{"nbformat": 4, "cells": [null]}', "damaged"),
        ('{"nbformat": 4, "cells": [{"cell_type": "code", "source": [1]}]}', "damaged"),
        ('{"nbformat": 4, "cells": [], "metadata": ' + "[" * 3000 + "]" * 3000 + "}", "too deeply"),
    ],
)
def test_what_is_no_notebook_is_refused_in_a_sentence(call, text, says):
    assert says in call("read", text)


def test_a_copied_graded_cell_is_refused(call):
    notebook = released("lpc")
    notebook["cells"].append(named(notebook, "residual"))
    assert "“residual”" in call("read", json.dumps(notebook))


@pytest.mark.parametrize("name", ["__proto__", "constructor", "residual", {"a": 1}])
def test_the_name_of_a_foreign_cell_takes_no_other_place(call, name):
    """Neither that of a graded cell nor one that every object of JavaScript has."""
    new, foreign = released("lpc"), released("lpc")
    cell = {"cell_type": "code", "id": name, "metadata": {}, "source": "x = 1"}
    foreign["cells"].insert(3, cell)
    names, before = call("keys", foreign, new), call("keys", new)
    assert names[:3] + names[4:] == before and names[3] not in before
    texts = {names[3]: "y = 2", "residual": "def residual(): pass"}
    filled = call("filled", foreign, new, texts)["cells"]
    assert [filled[3]["source"], named({"cells": filled}, "residual")["source"]] == [
        "y = 2",
        ["def residual(): pass"],
    ]
    assert call("filled", foreign, new, {})["cells"] == foreign["cells"]


@pytest.mark.parametrize(
    ("name", "other"), [("residual-check", {"solution": True}), ("residual", {"solution": False})]
)
def test_cells_whose_role_was_changed_are_of_no_release(call, name, other):
    notebook = released("lpc")
    named(notebook, name)["metadata"]["nbgrader"].update(other)
    assert call("compare", notebook, released("lpc"))["same"] is False


def test_altered_locked_cells_are_named(call):
    notebook = released("lpc")
    named(notebook, "residual-check")["source"] = ["assert True"]
    assert call("altered", notebook, released("lpc")) == ["residual-check"]
    assert call("altered", released("lpc"), released("lpc")) == []


def test_a_cell_comes_and_goes(call):
    notebook = released("lpc")
    longer = call("extended", notebook, notebook, "residual-check")
    place = call("keys", longer["notebook"], notebook).index(longer["key"])
    assert call("keys", notebook)[place - 1] == "residual-check"
    assert len(longer["notebook"]["cells"]) == len(notebook["cells"]) + 1
    assert call("shortened", longer["notebook"], notebook, longer["key"]) == notebook


def test_progress_counts_checks_and_their_points(call):
    checks = [{"key": "a", "points": 4}, {"key": "b", "points": 5.5}, {"key": "c", "points": 1}]
    found = call("progress", checks, ["b", "c"])
    assert found == {"passed": 2, "checks": 3, "points": 6.5, "all": 10.5}


def test_names_in_scope(call):
    source = (
        "import numpy as np\nfrom scipy import (\n    linalg,\n    signal as s,\n)\nimport a.b\n"
        "rate, true = 8000, 1\nx == 3\nclass Net:\n    inner = 1\nasync def f(x): pass\n"
    )
    found = call("proposals", [source], module="homework/scope.js")
    assert {one["label"]: one["type"] for one in found} == {
        **dict.fromkeys(("np", "linalg", "s", "a"), "namespace"),
        **dict.fromkeys(("rate", "true"), "variable"),
        **{"Net": "class", "f": "function"},
    }


def test_no_cell_keeps_the_names_in_scope_from_being_found(call):
    begun = time.monotonic()
    monstrous = f"import (\na{' ' * 10**6}b)\n{'x, ' * 10**5}\n{'(' * 10**5}\nc = 1"
    found = call("proposals", [monstrous], module="homework/scope.js")
    assert found[-1] == {"label": "c", "type": "variable"}
    assert time.monotonic() - begun < 60, "an hour if the work grows with the square of the length"


@pytest.mark.parametrize(
    ("copied", "code"),
    [
        ("x = 1\n\tif x:\n", "x = 1\n    if x:\n"),
        ("x\u00a0= 1\r\ny = '\u200b'", "x = 1\ny = ''"),
        (
            "In [3]: def f(x):\n   ...: \treturn x\n   ...: \n\nOut[3]: 4\n",
            "def f(x):\n    return x\n\n\n",
        ),
        (">>> for n in x:\n...     n\n...\n", "for n in x:\n    n\n\n"),
        ("def f():\n    '''\n    >>> f()\n    '''\n    x[..., 1]", None),
        ("x = y[\n    ...\n]", None),
    ],
)
def test_what_comes_along_with_copied_code_is_left_out(call, copied, code):
    assert call("pasted", copied, module="homework/pasted.js") == (copied if code is None else code)
