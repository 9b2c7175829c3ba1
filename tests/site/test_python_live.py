"""Cells of chapters that a reader changes and runs in the page."""

import re

import pytest

from speechlab.site.python import live, shipped, slices
from tests.support.building import MYST_HEAD, ROOT, jupyter_book, new_course, served
from tests.support.homework_pages import grave
from tests.support.python_pages import need_python
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


def test_some_chapters_have_such_cells():
    assert len(CHAPTERS) >= 3


def test_which_code_the_page_can_run(monkeypatch):
    monkeypatch.setattr(shipped, "reason", lambda: None)
    assert live.why_not("import numpy\nfrom scipy import signal\nimport io") is None
    assert live.why_not("from speechlab import corpora, sound") is None
    assert "no librosa" in live.why_not("import librosa.display")
    assert "no hmmlearn and scikit-learn" in live.why_not("import sklearn, hmmlearn")
    monkeypatch.setattr(shipped, "reason", lambda: "not fetched")
    assert live.why_not("1").startswith(shipped.LEFT_OUT)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_chapters_cells_can_all_run_there(chapter, monkeypatch):
    """Its cells that ask for it need nothing that the page has not, and run from what they get."""
    import jupytext

    monkeypatch.setattr(shipped, "reason", lambda: None)
    notebook = jupytext.read(ROOT / "book" / f"{chapter}.md")
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    marked = [n for n, cell in enumerate(cells) if "live" in cell.metadata.get("tags", [])]
    assert marked
    for n in marked:
        before = slices.needed(cells[n].source, [cell.source for cell in cells[:n]])
        assert live.why_not(f"{before}\n{cells[n].source}") is None
        exec(compile(f"{before}\n{cells[n].source}", "cell", "exec"), {})


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
        assert not [url for url in asked if "pyodide" in url], "Python was loaded unasked"
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
