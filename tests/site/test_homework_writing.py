"""Assignment pages as a student uses them; a stand-in that runs nothing plays Python."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import homework_pages
from tests.support.building import served
from tests.support.homework_pages import Desk, grave, opened, released, without_python
from tests.support.settled import steady_box, wear

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("homework")]
NAME = "autocorrelation"
MINE = "def autocorrelation(x, order):\n    return 1"


@pytest.fixture(scope="module")
def place(small, tmp_path_factory) -> Iterator[str]:
    """The small site below a subpath, with the stand-in for Python."""
    root = tmp_path_factory.mktemp("host")
    hidden = shutil.ignore_patterns("pyodide", "large", "python")
    shutil.copytree(small, root / "course", ignore=hidden)
    without_python(root / "course")
    with served(root) as address:
        yield f"{address}course/"


@pytest.fixture
def desk(browser, place) -> Iterator[Desk]:
    """A fresh browser for each test; at its end nothing was asked for elsewhere."""
    with opened(browser, place) as desk:
        yield desk
        assert desk.complaints == []


def editor(page, name=NAME):
    return homework_pages.editor(page, name)


def text(page, name=NAME):
    return homework_pages.text(page, name)


def run(page, name=NAME):
    homework_pages.run(page, name)


def verdict(page, name=NAME):
    return homework_pages.verdict(page, name)


def downloaded(page):
    return json.loads(homework_pages.downloaded(page))


def write(page, text, name=NAME):
    editor(page, name).fill(text)


def saved(page):
    page.get_by_text("Kept in this browser").wait_for()
    page.wait_for_timeout(400)


def rules(page, **given):
    page.evaluate("rules => { globalThis.rules = rules; }", given)


def failing(name, message=""):
    return {"error": {"name": name, "message": message, "line": 3, "traceback": "Traceback …"}}


def source(notebook, name):
    cells = {c["metadata"].get("nbgrader", {}).get("grade_id"): c for c in notebook["cells"]}
    return "".join(cells[name]["source"])


def upload(page, path):
    page.locator(".homework-bar input[type=file]").set_input_files(path)


def test_typing_is_kept_and_can_be_undone_after_a_reload(desk):
    page = desk.open()
    released_text = text(page)
    write(page, MINE)
    saved(page)
    page.reload()
    page.locator(".homework[data-ready]").wait_for()
    assert text(page) == MINE
    assert source(downloaded(page), NAME) == MINE
    editor(page).press("Control+z")
    assert text(page) == released_text
    editor(page).press("Control+y")
    assert text(page) == MINE


def test_a_cell_and_all_cells_are_reset(desk):
    page = desk.open()
    before = text(page)
    write(page, MINE)
    page.get_by_role("button", name=f"Reset the function {NAME}").click()
    assert text(page) == before
    editor(page).press("Control+z")
    assert text(page) == MINE
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Reset all cells").click()
    page.get_by_role("button", name="Leave them").click()
    assert text(page) == MINE
    page.get_by_role("button", name="Reset all cells").click()
    page.get_by_role("dialog").get_by_role("button", name="Reset all").click()
    assert text(page) == before
    assert downloaded(page) == released("lpc")


def test_a_run_needs_what_stands_above_and_says_what_the_check_says(desk):
    page = desk.open()
    rules(page, **{f"{NAME}-check": failing("AssertionError", "order 2 asks for three values")})
    run(page)
    verdict(page).get_by_text("order 2 asks for three values").wait_for()
    runs = page.evaluate("kernel.runs")
    assert runs[-2:] == [NAME, f"{NAME}-check"] and runs[0] == "setup" and "ready" not in runs[0]
    assert not [key for key in runs if key.startswith("code")]
    rules(page)
    run(page)
    verdict(page).get_by_text("The visible check passes").wait_for()
    assert page.evaluate("kernel.runs").count("setup") == 1
    assert "1 of 8 visible checks pass. They stand for 4 of 39 points" in bar(page)
    write(page, MINE)
    verdict(page).get_by_text("Changed since").wait_for()
    assert "0 of 8" in bar(page)
    rules(page, **{f"{NAME}-check": failing("NotImplementedError")})
    run(page)
    verdict(page).get_by_text("Not written yet").wait_for()
    rules(page, **{NAME: failing("SyntaxError", "invalid syntax")})
    run(page)
    page.locator(f"#cell-{NAME}").get_by_text("SyntaxError: invalid syntax (line 3)").wait_for()
    verdict(page).get_by_text("The check was not run").wait_for()


def bar(page):
    return page.locator(".homework-far").inner_text()


def test_what_passed_is_remembered_for_that_text_only(desk):
    page = desk.open()
    run(page)
    verdict(page).get_by_text("The visible check passes").wait_for()
    page.wait_for_timeout(400)
    page.reload()
    page.locator(".homework[data-ready]").wait_for()
    assert "1 of 8" in bar(page)
    write(page, MINE)
    assert "0 of 8" in bar(page)
    editor(page).press("Control+z")
    assert "1 of 8" in bar(page)


def test_run_all_and_what_cells_show(desk):
    page = desk.open()
    wav = list(b"RIFF" + b"\0" * 40)
    dot = "R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw=="
    harmful = (
        '<p onclick="x()">kept<script>globalThis.harmed = 1</script></p>'
        '<img src="https://elsewhere.example/x.png" alt="gone" onerror="globalThis.harmed = 1">'
        '<iframe src="https://elsewhere.example"></iframe><a href="javascript:x()">link</a>'
        '<meta http-equiv="refresh" content="0;url=https://elsewhere.example/m">'
        '<svg onload="globalThis.harmed = 1"><image href="https://elsewhere.example/i"/></svg>'
        '<img srcset="https://elsewhere.example/s 1x"><video poster="https://elsewhere.example/v">'
        '</video><form action="https://elsewhere.example"><input name="a"></form>'
        '<template><img src="https://elsewhere.example/t"></template>'
        '<div class="position-fixed w-100 h-100 speech-note" style="position: fixed">over</div>'
    )
    code = list(b"<script>globalThis.harmed = 1</script>")
    shown = [
        {"kind": "text", "stream": "stdout", "text": "one\n"},
        {"kind": "text", "stream": "stdout", "text": "two\n"},
        {"kind": "text", "stream": "stderr", "text": "careful\n"},
        {"kind": "value", "text": "array([1.])"},
        {"kind": "audio", "bytes": wav, "label": "A vowel"},
        {"kind": "html", "html": harmful + f'<img alt="a dot" src="data:image/gif;base64,{dot}">'},
        {"kind": "image", "mime": "text/html", "bytes": code},
        {"kind": "html", "html": "<b>x</b>" * 20_001},
        {"kind": "cut", "lines": 1000000},
    ]
    rules(page, code={"outputs": shown})
    page.get_by_role("button", name="Run all cells").click()
    page.get_by_text("8 of 8 visible checks pass. They stand for 39 of 39 points").wait_for()
    page.get_by_text("All visible checks pass: download the notebook").wait_for()
    runs = page.evaluate("kernel.runs")
    assert runs[0] == "reset" and {"code", "code-2", "code-3"} <= set(runs)
    out = page.locator("[data-key=code] .homework-output")
    assert out.locator("pre").all_inner_texts() == ["one\ntwo\n", "careful\n", "array([1.])"]
    assert out.get_by_label("A vowel").count() == 1 and "A vowel" in out.inner_text()
    assert out.locator("p", has_text="kept").get_attribute("onclick") is None
    assert out.locator("img[alt='gone'], iframe, script").evaluate_all(
        "all => all.map(one => one.getAttribute('src'))"
    ) == [None]
    assert out.get_by_alt_text("a dot").evaluate("image => image.naturalWidth") == 1
    assert out.locator("img").count() == 3
    over = "one => one.getAttributeNames().map((name) => one.getAttribute(name))"
    assert out.get_by_text("over").evaluate(over) == ["speech-note"]
    assert out.get_by_text("too large for the page").count() == 1 and out.locator("b").count() == 0
    assert page.evaluate("globalThis.harmed") is None
    # The page's policy tells of each handler, though none would have run.
    handlers = [told for told in desk.complaints if "event handler violates" in told]
    assert desk.complaints == handlers
    desk.complaints.clear()
    assert "no further output" in out.inner_text()


OTHER = "def normal_equations(s, order):\n    k = 1\n    return undefined"


def test_where_it_went_wrong_is_said_and_found(desk):
    page = desk.open()
    said = verdict(page, "normal_equations")

    def tried(kind, message, *places):
        error = failing(kind, message)["error"] | {"places": list(places)}
        rules(page, **{"normal_equations-check": {"error": error}})
        run(page, "normal_equations")

    write(page, MINE)
    write(page, OTHER, "normal_equations")
    check, own = ["normal_equations-check", 4], ["normal_equations", 3]
    tried("TypeError", "no vector", check, own, ["given-finite_array", 2])
    said.get_by_text("✗ The function ends in TypeError: no vector (line 3)").wait_for()
    said.get_by_role("button", name="line 3").click()
    assert page.evaluate("getSelection().toString()").strip() == "return undefined"
    tried("AssertionError", "by hand", check)
    said.get_by_text("✗ The visible check fails: by hand").wait_for()
    tried("AssertionError", "", check, own)
    said.get_by_text("✗ An assert in your code fails: it gives no reason (line 3)").wait_for()
    tried("NameError", "name 'normal_equations' is not defined", check)
    said.get_by_text("✗ The cell does not define normal_equations").wait_for()
    tried("NotImplementedError", "", check, own, [NAME, 2])
    said.get_by_text("The function calls autocorrelation, which still raises").wait_for()
    page.get_by_role("button", name="More").click()
    page.locator(".homework-list").get_by_text("normal_equations: not written yet").wait_for()
    tried("ValueError", "no lags", check, [NAME, 2])
    said.get_by_role("button", name="line 2 of autocorrelation").click()
    assert editor(page).evaluate("element => element === document.activeElement")


def test_what_a_check_says_comes_into_sight(desk):
    page = desk.open()
    page.get_by_role("button", name=f"Run the function {NAME}").evaluate(
        "button => scrollBy(0, button.getBoundingClientRect().bottom"
        " - document.querySelector('.homework-bar').getBoundingClientRect().top)"
    )
    run(page)
    verdict(page).get_by_text("passes").wait_for()
    page.wait_for_function(
        """name => {
          const [said, bar] = [`#cell-${name} .homework-verdict`, ".homework-bar"].map(
            where => document.querySelector(where).getBoundingClientRect());
          return said.bottom <= bar.top + 1;
        }""",
        arg=NAME,
    )


def test_nothing_moves_as_the_reader_comes_to_a_cell(desk):
    page = desk.open()
    placed = """() => [...document.querySelectorAll(".homework-cell")].map(
        cell => Math.round(cell.getBoundingClientRect().top + scrollY))"""
    steady_box(page.locator(".homework-live").first)
    before = page.evaluate(placed)
    for cell in page.locator(".homework-live").all():
        steady_box(cell)
    assert page.evaluate(placed) == before


def test_a_cell_says_that_it_waits_and_waits_once(desk):
    page = desk.open()
    write(page, "while True:\n    pass")
    run(page)
    cell, clock = page.locator("#cell-residual"), ".homework-clock"
    page.locator(f"#cell-{NAME} {clock}").get_by_text("Running").wait_for()
    for _ in range(3):
        run(page, "residual")
    assert cell.locator(clock).inner_text() == "Waiting for Python"
    page.get_by_role("button", name="Stop Python").click()
    page.locator(f"#cell-{NAME} {clock}").get_by_text("Stopped").wait_for()
    page.locator(f"#cell-residual:not(.homework-running) {clock}:empty").wait_for(state="attached")
    rules(page, **{"residual-check": {"forever": True}})
    write(page, MINE)
    for _ in range(3):
        run(page, "residual")
    cell.locator(clock).get_by_text("Checking").wait_for()
    editor(page, "residual").press("Control+.")
    cell.locator(clock).get_by_text("Stopped").wait_for()
    assert page.evaluate("kernel.runs.filter(name => name === 'residual').length") == 1


def test_what_follows_a_dot_is_proposed_once_python_is_there(desk):
    page = desk.open()
    known = {
        "np": [["linspace", "function"], ["_private", "variable"]],
        "np.linalg": [["svd", "f"]],
    }
    page.evaluate("known => { globalThis.known = known; }", known)
    shown = page.locator(".cm-tooltip-autocomplete li")
    write(page, "x = np.l")
    page.wait_for_timeout(300)
    assert shown.count() == 0
    run(page)
    verdict(page).get_by_text("passes").wait_for()
    for code, names in {"np.l": ["linspace"], "np._": ["_private"], "np.linalg.": ["svd"]}.items():
        editor(page).fill("x = ")
        editor(page).press("End")
        page.keyboard.type(code)
        shown.filter(has_text=names[0]).wait_for()
        assert shown.all_inner_texts() == names
    page.keyboard.press("Control+Enter")
    shown.first.wait_for(state="detached")


def test_copied_code_is_pasted_without_its_prompts(desk):
    page = desk.open()
    write(page, "")
    editor(page).evaluate("""element => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "In [3]: x = 1\\n   ...: y = 2");
      element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
    }""")
    assert text(page) == "x = 1\ny = 2"


def test_another_assignment_is_written_run_reset_and_handed_in(desk):
    page = desk.open("hmm")
    first, mine = "scaled_forward", "def scaled_forward(*given):\n    return 1"
    write(page, mine, first)
    rules(page, **{"viterbi-check": failing("AssertionError", "the best path")})
    page.get_by_role("button", name="Run all cells").click()
    verdict(page, "viterbi").get_by_text("the best path").wait_for()
    page.get_by_text("7 of 8 visible checks pass").wait_for()
    saved(page)
    page.reload()
    page.locator(".homework[data-ready]").wait_for()
    assert text(page, first) == mine and "7 of 8" in bar(page)
    handed = json.loads(homework_pages.downloaded(page, "hmm"))
    assert source(handed, first) == mine
    page.get_by_role("button", name=f"Reset the function {first}").click()
    assert json.loads(homework_pages.downloaded(page, "hmm")) == released("hmm")


def test_stop_says_what_is_lost_and_the_next_run_sets_up_again(desk):
    page = desk.open()
    write(page, "while True:\n    pass")
    page.evaluate("globalThis.loading = new Promise(done => { globalThis.loaded = done; }); null")
    run(page)
    page.get_by_text("Loading Python into this page: NumPy, 5.0 MB of 16.8 MB").wait_for()
    page.evaluate("loaded()")
    stop = page.get_by_role("button", name="Stop Python")
    page.get_by_text("Python is running").wait_for()
    stop.click()
    page.get_by_text("what your cells had computed is gone").wait_for()
    assert stop.is_disabled() and text(page).startswith("while True")
    write(page, MINE)
    run(page)
    verdict(page).get_by_text("The visible check passes").wait_for()
    assert page.evaluate("kernel.runs").count("setup") == 2


def test_a_notebook_begun_elsewhere_goes_on_here(desk, tmp_path):
    page = desk.open()
    notebook = released("lpc")
    cell = next(c for c in notebook["cells"] if c["id"] == NAME)
    cell["source"] = [MINE]
    new = {"cell_type": "code", "execution_count": 3, "id": "new", "metadata": {}, "outputs": []}
    notebook["cells"].insert(9, new | {"source": ["my_helper = 1"]})
    words = {"cell_type": "markdown", "id": "words", "metadata": {}, "source": ["My *notes*"]}
    notebook["cells"].insert(0, words)
    path = tmp_path / "begun.ipynb"
    path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
    upload(page, path)
    page.get_by_text("My *notes*").wait_for()
    assert text(page) == MINE
    assert page.get_by_text("my_helper").count() == 1
    assert downloaded(page) == notebook
    run(page, "residual")
    verdict(page, "residual").get_by_text("The visible check passes").wait_for()
    assert "new" in page.evaluate("kernel.runs")
    page.reload()
    page.locator(".homework[data-ready]").wait_for()
    assert page.get_by_text("My *notes*").is_visible() and downloaded(page) == notebook
    page.get_by_role("button", name="Remove your own cell").click()
    assert page.get_by_text("my_helper").count() == 0
    del notebook["cells"][10]
    assert downloaded(page) == notebook
    # What was written here is not lost without a word.
    write(page, "mine = 2")
    upload(page, path)
    page.get_by_role("button", name="Keep mine").click()
    assert text(page) == "mine = 2"
    upload(page, path)
    before = verdict(page, "residual").text_content()
    page.get_by_role("button", name="Open it", exact=True).click()
    assert text(page) == MINE
    assert "passes" in before and verdict(page, "residual").text_content() == ""


def test_other_notebooks_are_refused_or_taken_cell_by_cell(desk, tmp_path):
    page = desk.open()
    path = tmp_path / "other.ipynb"
    path.write_text("no notebook")
    upload(page, path)
    page.get_by_text("“other.ipynb” was not opened. The file is no notebook").wait_for()
    path.write_text(json.dumps(released("hmm")))
    upload(page, path)
    page.get_by_text("is a notebook of another assignment").wait_for()
    old = released("lpc")
    for name in (NAME, "residual"):
        cell = next(c for c in old["cells"] if c["id"] == name)
        cell["source"] = [f"def {name}(*given): return 1"]
    cell["metadata"]["nbgrader"]["checksum"] = "0" * 32
    before = text(page, "residual")
    path.write_text(json.dumps(old))
    upload(page, path)
    page.get_by_text(
        "Not taken, since their exercises have changed or are gone: residual"
    ).wait_for()
    page.get_by_role("button", name="Take them").click()
    assert text(page) == f"def {NAME}(*given): return 1"
    assert text(page, "residual") == before


DAMAGE = """async () => {
  const { Store } = await import(new URL("../_static/speechlab/homework/store.js", location.href));
  const { topic, release } = document.querySelector(".homework").dataset;
  const record = await new Store().load(topic, release);
  await new Store().save({ ...record, base: "damaged" });
}"""


def test_neither_a_monstrous_nor_a_damaged_notebook_locks_the_page(desk, tmp_path):
    page = desk.open()
    write(page, MINE)
    path = tmp_path / "many.ipynb"
    notebook = released("lpc")
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    notebook["cells"] += [cell | {"id": f"c{n}", "source": []} for n in range(3000)]
    path.write_text(json.dumps(notebook))
    upload(page, path)
    page.get_by_text("has 3037 cells, and the page shows at most 200").wait_for()
    path.write_bytes(b" " * (20 * 2**20 + 1))
    upload(page, path)
    page.get_by_text("It has 21 MB, and the grader reads at most 20").wait_for()
    saved(page)
    page.evaluate(DAMAGE)
    page.reload()
    page.get_by_text("went on with here cannot be shown").wait_for()
    assert text(page) == MINE and source(downloaded(page), NAME) == MINE
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the other").click()
    assert Path(waiting.value.path()).read_text("utf-8") == "damaged"


def test_a_notebook_of_many_cells_gets_its_editors_as_one_comes_to_them(desk, tmp_path):
    page = desk.open()
    notebook = released("lpc")
    cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    more = [cell | {"id": f"c{n}", "source": [f"many = {n}\n"] * 10} for n in range(160)]
    notebook["cells"] += more
    path = tmp_path / "many.ipynb"
    path.write_text(json.dumps(notebook))
    upload(page, path)
    page.get_by_text("“many.ipynb” is open").wait_for()
    cells = page.get_by_role("textbox", name="Code: your own cell")
    assert cells.count() == 160 and page.locator(".cm-editor").count() <= 20
    assert json.loads(homework_pages.downloaded(page)) == notebook
    last = page.locator("[data-key=c159]")
    assert last.locator("pre.homework-later").inner_text().startswith("many = 159")
    last.scroll_into_view_if_needed()
    last.locator(".cm-content").fill("few = 1")
    page.locator("[data-key=c80] .homework-later").focus()  # by keyboard, and never scrolled to
    page.keyboard.type("first = 2; ")
    assert (
        page.locator("[data-key=c80] .cm-content").inner_text().startswith("first = 2; many = 80")
    )
    saved(page)
    page.reload()
    page.locator(".homework[data-ready]").wait_for()
    kept = {one.get("id"): "".join(one["source"]) for one in downloaded(page)["cells"]}
    assert kept["c159"] == "few = 1" and kept["c80"].startswith("first = 2; many = 80\nmany = 80\n")
    assert kept["c100"] == "many = 100\n" * 10
    last.scroll_into_view_if_needed()
    last.locator(".cm-content").press("Control+z")
    assert "many = 159" in last.locator(".cm-content").inner_text()


def test_a_new_release_never_mixes_with_old_text(desk, place):
    page = desk.open()
    write(page, MINE)
    saved(page)
    page.close()
    later = {"residual-check": "0" * 32}
    notebook = released("lpc")
    for cell in notebook["cells"]:
        cell["metadata"].get("nbgrader", {}).update(
            {"checksum": later[cell["id"]]} if cell["id"] in later else {}
        )

    def other_release(route):
        answer = route.fetch()
        route.fulfill(
            response=answer, body=answer.text().replace('data-release="', 'data-release="2')
        )

    desk.context.route("**/lpc.html", other_release)
    desk.context.route(
        "**/lpc.ipynb", lambda route: route.fulfill(body=json.dumps(notebook, indent=1))
    )
    page = desk.open()
    page.get_by_text("You have written for another release of this assignment (1 cell").wait_for()
    assert "return 1" not in text(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download it").click()
    assert source(json.loads(Path(waiting.value.path()).read_text("utf-8")), NAME) == MINE
    page.get_by_role("button", name="Take what still fits").click()
    page.get_by_role("button", name="Take them").click()
    assert text(page) == MINE
    page.get_by_role("button", name="Forget it").click()
    saved(page)
    page.reload()
    page.locator(".homework[data-ready]").wait_for()
    page.wait_for_timeout(300)
    assert page.get_by_text("another release").count() == 0 and text(page) == MINE


def test_the_second_of_two_tabs_says_so_and_overwrites_nothing(desk):
    first = desk.open()
    write(first, MINE)
    saved(first)
    second = desk.open()
    second.get_by_text("This assignment is open in another tab").wait_for()
    assert text(second) == MINE
    editor(second).press("x")
    assert text(second) == MINE
    write(first, "last = 'words'")  # kept in haste when the other tab takes over
    second.get_by_role("button", name="Write here instead").click()
    first.get_by_text("is now written in another tab").wait_for()
    second.locator(f"#cell-{NAME}").get_by_text("last = 'words'").wait_for()
    editor(first).press("x")
    assert text(first) == "last = 'words'"
    write(second, "mine = 2")
    saved(second)
    first.reload()
    first.get_by_text("This assignment is open in another tab").wait_for()
    assert text(first) == "mine = 2"


def test_a_tab_that_nobody_heard_of_does_not_overwrite_either(desk):
    """Two tabs that think that they write: the one that comes second gives way."""
    silent = "() => { globalThis.BroadcastChannel = undefined; }"
    desk.context.add_init_script(f"({silent})()")
    first, second = desk.open(), desk.open()
    write(first, "mine = 1")
    saved(first)
    write(second, "mine = 2")
    second.get_by_text("is now written in another tab").wait_for()
    first.reload()
    first.locator(".homework[data-ready]").wait_for()
    assert text(first) == "mine = 1"


@pytest.mark.parametrize(
    ("breaks", "says"),
    [
        (
            "indexedDB.open = () => { throw new DOMException('no', 'SecurityError'); }",
            "private windows",
        ),
        (
            "const full = new DOMException('', 'QuotaExceededError');"
            "IDBObjectStore.prototype.put = () => { throw full; }",
            "no more room",
        ),
    ],
)
def test_where_nothing_can_be_kept_it_is_said(desk, breaks, says):
    desk.context.add_init_script(f"if (globalThis.indexedDB) {{ {breaks} }}")
    page = desk.open()
    write(page, MINE)
    page.locator(".homework-notice", has_text=says).wait_for()
    page.get_by_text("Not kept in this browser").wait_for()
    assert source(downloaded(page), NAME) == MINE


def test_without_webassembly_one_can_write_and_download(desk):
    desk.context.add_init_script("delete globalThis.WebAssembly")
    page = desk.open()
    page.get_by_text("cannot run Python. You can write here all the same").wait_for()
    write(page, MINE)
    assert source(downloaded(page), NAME) == MINE


def test_a_site_built_without_python_says_why(desk):
    none = {"pyodide": None, "why": "This copy of the book has no Python."}
    desk.context.add_init_script(f"globalThis.none = {json.dumps(none)}")
    page = desk.open()
    page.get_by_text("has no Python. You can write here all the same").wait_for()


def test_without_scripts_it_can_be_read_and_downloaded(browser, place):
    with opened(browser, place, java_script_enabled=False) as desk:
        page = desk.context.new_page()
        page.goto(f"{place}homework/lpc.html")
        assert page.get_by_text("This browser cannot run the scripts").is_visible()
        assert "raise NotImplementedError()" in page.locator(f"#cell-{NAME} pre").inner_text()
        assert page.request.get(f"{place}homework/lpc.ipynb").json()["nbformat"] == 4
    with opened(browser, place) as desk:
        page = desk.context.new_page()
        page.route("**/lpc.ipynb", lambda route: route.abort())
        page.goto(f"{place}homework/lpc.html")
        page.get_by_text("This browser cannot run the scripts").wait_for()


def test_python_that_cannot_be_loaded_is_said(desk):
    desk.context.route("**/python/kernel.js", lambda route: route.fulfill(status=404))
    page = desk.open()
    run(page)
    page.get_by_text("Python could not be loaded into this page. Your text is safe").wait_for()
    desk.complaints.clear()  # the browser's own word on the missing file


def test_by_keyboard_alone(desk):
    page = desk.open()
    rules(page, **{f"{NAME}-check": failing("AssertionError", "three values")})
    editor(page).focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.type("if sig")
    page.locator(".cm-tooltip-autocomplete").get_by_text("signal").wait_for()
    page.wait_for_timeout(120)  # CodeMirror takes a key for a choice only after a while
    page.keyboard.press("Enter")
    page.keyboard.type(":")
    page.keyboard.press("Enter")
    page.keyboard.type("return (1")
    assert text(page).splitlines()[-1] == "        return (1)"
    page.keyboard.press("Shift+Tab")
    assert text(page).splitlines()[-1] == "    return (1)"
    page.keyboard.press("Control+Enter")
    verdict(page).get_by_text("three values").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Run"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Enter")
    focused = "document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(focused) == "Your function normal_equations"
    help_text = page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent"
    )
    assert "press Escape and then Tab" in help_text


def test_an_added_cell_is_part_of_the_notebook(desk):
    page = desk.open()
    page.get_by_role("button", name=f"Add a cell below the function {NAME}").click()
    added = page.get_by_role("textbox", name="Code: your own cell", exact=True)
    added.wait_for()
    assert added.evaluate("element => element === document.activeElement")
    added.fill("trial = 3")
    notebook = downloaded(page)
    place = [cell["id"] for cell in notebook["cells"]].index(NAME)
    assert notebook["cells"][place + 1]["source"] == ["trial = 3"]
    assert len(notebook["cells"]) == len(released("lpc")["cells"]) + 1


def test_accessible(desk):
    page = desk.open()
    rules(page, **{f"{NAME}-check": failing("AssertionError", "order 2 asks for three values")})
    run(page)
    verdict(page).get_by_text("order 2").wait_for()
    run(page, "residual")
    verdict(page, "residual").get_by_text("passes").wait_for()
    page.get_by_role("button", name="More").click()
    wear(page, "light")
    assert grave(page, "rules: { 'label-content-name-mismatch': { enabled: true } }") == []
    wear(page, "dark")
    assert grave(page, "runOnly: ['color-contrast']") == []


def test_on_a_phone(browser, place):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    with opened(browser, place, **phone) as desk:
        page = desk.open()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        cell = page.locator(f"#cell-{NAME}")
        hangs = cell.locator(".cm-line").evaluate_all("all => all.map(one => one.style.cssText)")
        assert hangs[0] == "--hang: 2ch;" and hangs[3] == "--hang: 4ch;"
        editor(page).tap()
        cell.get_by_role("button", name="Move the line to the right").tap()
        assert page.evaluate(f"'{NAME}'") and text(page) != ""
        for button in page.locator(".homework-buttons button:visible").all()[:12]:
            box = button.bounding_box()
            assert box["height"] >= 24 and box["width"] >= 24
        assert page.locator(".homework-bar").bounding_box()["height"] < 844 / 4
        page.get_by_role("button", name="More").tap()
        page.locator(".homework-list").get_by_text("formants").tap()
        page.locator(".homework-more").wait_for(state="hidden")
        assert desk.complaints == []


def test_with_forced_colours(browser, place):
    with opened(browser, place, forced_colors="active") as desk:
        page = desk.open()
        editor(page).focus()
        style = "e => getComputedStyle(e.closest('.cm-editor')).outlineStyle"
        assert editor(page).evaluate(style) == "solid"
        editor(page).press("Control+a")
        chosen = page.locator(f"#cell-{NAME} .cm-selectionBackground").first
        chosen.wait_for(state="attached")
        assert chosen.evaluate("e => getComputedStyle(e).forcedColorAdjust") == "none"
        button = page.get_by_role("button", name=f"Run the function {NAME}")
        assert button.evaluate("b => getComputedStyle(b).borderTopStyle") == "solid"
