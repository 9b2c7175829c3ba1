"""Cells of chapters that a reader changes and runs in the page."""

import re
import sys
from functools import cache

import pytest

from speechlab.site.python import live, shipped, slices
from tests.support.building import MYST_HEAD, ROOT, jupyter_book, new_course, served
from tests.support.homework_pages import grave
from tests.support.python_cells import Session, said
from tests.support.python_pages import Opened, make_site, need_python
from tests.support.settled import wear

CHAPTERS = sorted(
    path.stem
    for path in (ROOT / "book").glob("*.md")
    if re.search(r"^:tags: \[.*\blive\b.*\]$", path.read_text("utf-8"), re.MULTILINE)
)
PAGE = """
# One

```{code-cell} ipython3
import librosa
import numpy as np

x = np.arange(4)
unused = librosa.tone
```

```{code-cell} ipython3
:tags: [live]

print("sum", x.sum())
```

```{code-cell} ipython3
:tags: [live]

print(librosa.tone.__name__)
```
"""


@pytest.mark.parametrize(
    ("code", "earlier", "kept"),
    [
        ("x", ["x = 1\ny = 2"], "x = 1"),
        ("x", ["x = 1", "x = 2"], "x = 2"),
        ("x", ["x = 1", "x += 1"], "x = 1\nx += 1"),
        ("x", ["x = 1", "if y:\n    x = 2", "y = 3"], "x = 1\nif y:\n    x = 2"),
        ("x", ["x = [1]\nx[0] = 2\nx.append(3)\nprint(x)"], "x = [1]\nx[0] = 2\nx.append(3)"),
        ("x = 1\nx", ["x = 2"], ""),
        ("x = x + 1", ["x = 2"], "x = 2"),
        (
            "f(1)",
            ["k = 3", "def f(x):\n    return k * x", "x = 5"],
            "k = 3\ndef f(x):\n    return k * x",
        ),
        ("[k for k in y]", ["k = 1\ny = 2"], "y = 2"),
        ("k", ["k = 1", "y = [k for k in range(3)]"], "k = 1"),
        (
            "f()",
            ["y = 1", "f = lambda x=y, *a, z: (x, z, a)", "x = z = a = 2"],
            "y = 1\nf = lambda x=y, *a, z: (x, z, a)",
        ),
        (
            "C()",
            ["k = 2\nn = 3", "class C:\n    m = k\n    n = m"],
            "k = 2\nclass C:\n    m = k\n    n = m",
        ),
        (
            "e",
            ["try:\n    pass\nexcept E as e:\n    pass"],
            "try:\n    pass\nexcept E as e:\n    pass",
        ),
        (
            "np.sum(a)",
            ["import io\nfrom a import b as a, c\nimport numpy as np"],
            "from a import b as a\nimport numpy as np",
        ),
        ("x", ["a, x = f()", "%matplotlib inline"], "a, x = f()"),
        ("x", ["for x in y:\n    pass"], "for x in y:\n    pass"),
    ],
)
def test_what_a_cell_needs_of_those_before_it(code, earlier, kept):
    assert slices.needed(code, earlier) == kept


def test_which_code_the_page_can_run(monkeypatch):
    monkeypatch.setattr(shipped, "reason", lambda: None)
    assert live.why_not("import numpy\nfrom scipy import signal\nimport io") is None
    assert live.why_not("from speechlab import corpora, sound") is None
    assert "no librosa" in live.why_not("import librosa.display")
    assert "no hmmlearn and scikit-learn" in live.why_not("import sklearn, hmmlearn")
    monkeypatch.setattr(shipped, "reason", lambda: "not fetched")
    assert live.why_not("1").startswith(shipped.LEFT_OUT)


# Of each chapter, what the sentence before its cell says to change, and what is seen then.
CHANGES = [
    ("sampling", (("[::8]", "[::2]"), ("// 8", "// 2")), ""),
    ("sampling", (("12_000", "4000"),), ""),
    (
        "fourier",
        (("((0, 0.5), (0.5, 1))", "((0, 0.25), (0.25, 1))"),),
        "a_2 = 0.637 .* a_4 = 0.000",
    ),
    ("psychoacoustics", (("(4, 12)", "(6, 12)"),), ""),
    ("features", (("(100, 200)", "(80, 200)"),), ""),
    ("tonality", (("step % 12", "-step % 12"),), ""),
    ("source_filter", (("springs[0] = 1.0", "springs[0] = 3.0"),), "1 1000 500 2 2000 1500 3 3000"),
    ("lpc", (("order=10", "order=1"),), r"a = 0\.\d+$"),
    ("celp", (("bits=9", "bits=5"),), r"explains (\d|[1-5]\d)%"),
    ("dtw", (("wreck a nice beach", "speech recognise"),), "^recognise$"),
    ("hmm", (("200", "20"),), r"alpha = \[6.4\d+e-54 1.0\d+e-53\]"),
    ("learning", (("0.5, 3.0", "0.1, 3.0"),), r"kept: 30.0 mean over masks: 3.0"),
    ("backprop", (("0.0]), 0", "0.0]), 2"),), r"\[ 0.665 0.245 -0.91 \] sum 0.0"),
    ("recurrent", (("0, 1]", "0, 3]"),), "9 0 1 10 3 1$"),
    ("recurrent", (("0, 1]", "0, -1]"),), "9 0 1 10 −1 1$"),
    ("ctc", (("repeat=3", "repeat=4"),), "^(?!.* aaa [-a]).* ab( [-ab]{4}){15} ba "),
    ("attention", (("np.sqrt(d)", "d"),), r"1024 32\.\d+ 1.000 0.000 0.021"),
    ("contrastive", (("gumbel", "normal"),), r"0.500 0.53\d 0.333 0.33\d 0.167 0.1[23]"),
    ("hubert", (("x, 50", "x, 10"),), r"turns J 1 3\d\.\d+ 2 [23]\d"),
    ("hubert", (("x, 50", "x, 200"),), r"turns J 1 1\d\.\d+ 2 1\d"),
    ("wavenet", (("0.2], 4)", "0.2], 8)"),), "causal 20, 28, 36 padded on both sides 12, 20, 28"),
    ("tacotron", (("[1, -1, 0]", "[0, -1, 1]"),), r"f = \[-1. -0.5 0. \]"),
    ("tacotron", (("Good morning, how do you do?", "Eggshell is not good to eat."),), ""),
    ("waveglow", (("2.5 *", "0.3 *"),), r"blocks -963\.\d+ det of 100 blocks 0.0$"),
    (
        "hifigan",
        (("up=2", "up=3"),),
        r"5 taps: \[1 1 1 2 2 1 2.* 6 taps: \[1 1 1( 2)+ 1 1 1\]",
    ),
]
SNAPSHOTS = {"applications": "librosa"}  # no cell that would teach can be had there


@cache
def marked(chapter):
    """The cells of a chapter that have the tag, each with what it needs of those before it."""
    import jupytext

    notebook = jupytext.read(ROOT / "book" / f"{chapter}.md")
    codes, found = [], []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if "live" in cell.metadata.get("tags", []):
                found.append((slices.needed(cell.source, codes), cell.source))
            codes.append(cell.source)
    return found


def test_each_chapter_has_such_a_cell_or_says_why_not(monkeypatch):
    monkeypatch.setattr(shipped, "reason", lambda: None)
    assert {path.stem for path in (ROOT / "solutions").glob("*.md")} <= set(CHAPTERS)
    assert {name for name, _, _ in CHANGES} | SNAPSHOTS.keys() == set(CHAPTERS)
    for chapter in CHAPTERS:
        for before, code in marked(chapter):
            why = live.why_not(f"{before}\n{code}")
            assert (why is None) == (chapter not in SNAPSHOTS), (chapter, why)
            assert SNAPSHOTS.get(chapter, "") in (why or "")


@pytest.mark.parametrize(("chapter", "changes", "then"), CHANGES)
def test_what_the_chapter_says_to_change_can_be_changed(chapter, changes, then, session):
    """And what is to be seen then, where it is a text."""
    cells = [
        (before, code)
        for before, code in marked(chapter)
        if all(code.count(old) == 1 for old, _ in changes)
    ]
    ((before, code),) = cells
    assert session(before)[1] is None
    shown, error = session(code)
    first = said(shown)
    assert error is None and shown
    for old, new in changes:
        code = code.replace(old, new)
    shown, error = session(code)
    assert error is None and shown
    assert re.search(then, said(shown)), said(shown)
    assert not then or not re.search(then, first)


@pytest.fixture
def session(monkeypatch):
    """Cells of a page that run here, on the speech that the page has."""
    import matplotlib

    matplotlib.use("agg")
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    with matplotlib.rc_context():
        yield Session()


@pytest.mark.browser
@pytest.mark.slow
def test_the_cells_show_in_a_page_what_they_show_outside(browser, tmp_path, session):
    """All of them in one Python, whose modules are loaded once."""
    make_site(tmp_path)
    cells = {chapter: marked(chapter) for chapter in CHAPTERS if chapter not in SNAPSHOTS}
    with served(tmp_path) as address:
        context = browser.new_context(service_workers="block")
        page = Opened(context, address)
        for chapter, found in cells.items():
            for before, code in found:
                assert page.js("kernel.reset()") is None
                assert page.run(before)["ok"], chapter
                there = page.run(code)
                assert there["ok"], (chapter, there["error"])
                assert session(before)[1] is None
                shown, _ = session(code)
                assert said(there["shown"]) == said(shown), chapter
                assert [one["kind"] for one in there["shown"]] == [one["kind"] for one in shown]
        context.close()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A book of one page, with Python if it has been fetched."""
    need_python()
    course = new_course(tmp_path_factory.mktemp("live"), python=True, one=MYST_HEAD + PAGE)
    done = jupyter_book("build", course, "-W")
    assert done.returncode == 0, done.stdout + done.stderr
    return course / "_build" / "html"


@pytest.mark.browser
@pytest.mark.slow
def test_a_reader_changes_a_cell_and_runs_it(browser, built):
    assert re.search(r'RELEASE = "[0-9a-f]{16}"', (built / "service_worker.js").read_text())
    asked, wrong = [], []
    with served(built) as address:
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(f"{address}book/one.html")
        assert page.get_by_text("the page's Python has no librosa").count() == 1
        page.wait_for_load_state("networkidle")
        early = [url for url in asked if re.search("pyodide|kernel|homework|codemirror", url)]
        assert early == [], "the button is to weigh next to nothing"
        page.get_by_role("button", name="Change this").click()
        field = page.get_by_label("The code of this cell")
        assert field.inner_text().strip() == 'print("sum", x.sum())'
        field.fill('print("product", x[1:].prod())\nx = 0')
        field.press("Control+Enter")
        page.get_by_text("product 6").wait_for()
        page.get_by_text(re.compile(r"Done in \d")).wait_for()
        for theme in ("light", "dark"):
            wear(page, theme)
            assert grave(page, where="'.python-open'") == []
        field.fill("x[7]")
        page.get_by_role("button", name="Run").click()
        page.locator(".homework-error", has_text="IndexError").wait_for()
        field.fill("while True: pass")
        page.get_by_role("button", name="Run").click()
        page.get_by_role("status").filter(has_text="Running").wait_for()
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped.").wait_for()
        page.get_by_role("button", name="As it was").click()
        assert page.get_by_role("button", name="Change this").count() == 1
        assert page.locator(".cell_output").first.is_visible()
        page.context.close()
    assert wrong == []
    assert [url for url in asked if not url.removeprefix("blob:").startswith(address)] == []
