"""Assignments in the browser with Python itself: the solutions pass there, and in the grader."""

from __future__ import annotations

import json

import pytest

from autograder.commands import demo
from autograder.course import limits
from autograder.course.course import current
from autograder.sandbox.outside.box import Box
from autograder.submission.assess import Assessor
from autograder.submission.assignment import Assignment, Part, texts
from autograder.submission.collect import Handed
from speechlab.site.homework import released as pages
from speechlab.site.python import shipped
from tests.support.building import ROOT, served
from tests.support.homework_pages import EVERY, downloaded, opened, released, run, text, verdict

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("homework")]
# Runs the code of a notebook that was filled by the page's own functions.
NOTEBOOK = """async ([text, texts, left]) => {
  const at = (file) => new URL(`../_static/speechlab/${file}`, location.href).href;
  const books = await import(at("homework/notebook.js"));
  const { Kernel } = await import(at("python/kernel.js"));
  globalThis.kernel ??= new Kernel({ base: new URL("../_static/", location.href).href });
  await kernel.reset();
  const released = books.read(text);
  const filled = books.download(text, released, texts);
  const notebook = books.read(filled);
  const keys = books.keys(notebook);
  const errors = {};
  for (const [place, cell] of notebook.cells.entries()) {
    if (books.kind(cell) === "text" || left.includes(keys[place])) continue;
    const { error } = await kernel.run(books.source(cell), { name: keys[place] });
    if (error) errors[keys[place]] = `${error.name}: ${error.message}`;
  }
  return { filled, errors };
}"""


@pytest.fixture(scope="module")
def place(small):
    """The small site with Python in it, below a subpath."""
    if why := shipped.reason():  # also where it was left out by choice
        pytest.skip(f"{why} THE ASSIGNMENTS DO NOT RUN IN A BROWSER")
    static = small / "_static"
    shipped.ship(static, None)
    shipped.release(small)
    with served(small.parents[2]) as address:
        yield f"{address}course/_build/html/"


@pytest.fixture(scope="module")
def tried(browser, place):
    """For each topic, what failed in the released notebook and in the solved one, and its file."""
    with opened(browser, place) as desk:
        page = desk.open()
        found = {}
        for topic in EVERY:
            given = (ROOT / "exercises" / topic / f"{topic}.ipynb").read_text("utf-8")
            cells = pages.cells(released(topic))
            # Before anything is written, nothing can be shown.
            shows = [cell.key for cell in cells if cell.kind == "code" and not cell.needed]
            stubs = page.evaluate(NOTEBOOK, [given, {}, shows])
            solved = page.evaluate(NOTEBOOK, [given, demo.right(topic), []])
            found[topic] = stubs["errors"], solved["errors"], solved["filled"]
        assert desk.complaints == []
        yield found


@pytest.fixture(scope="module")
def box():
    """One sandbox for the notebooks of all topics."""
    with Box(preload=("numpy", "scipy.signal")) as box:
        yield box


@pytest.mark.parametrize("topic", EVERY)
def test_stubs_fail_solutions_pass_and_the_grader_gives_full_points(tried, box, topic):
    stubs, solved, filled = tried[topic]
    checks = {f"{exercise.name}-check" for exercise in current().exercises(topic)}
    assert {key: words.partition(":")[0] for key, words in stubs.items()} == dict.fromkeys(
        checks, "NotImplementedError"
    )
    assert solved == {}
    exercises = limits.applied(current(), topic, current().exercises(topic))
    grader = Assessor(_assignment(topic), exercises, "secret", box)
    report = grader.assess(Handed("ada", filled.encode(), name=f"{topic}.ipynb")).report
    assert report.says == ()
    assert {v.exercise: v.earned for v in report.exercises} == {e.name: e.points for e in exercises}


def _assignment(topic: str) -> Assignment:
    """The assignment as its released notebook has it."""
    parts = []
    for cell in released(topic)["cells"]:
        if graded := cell["metadata"].get("nbgrader"):
            roles = {role: graded[role] for role in ("locked", "grade", "solution", "task")}
            points, source = graded.get("points", 0.0), "".join(cell["source"])
            name, kind = graded["grade_id"], cell["cell_type"]
            checksum = graded["checksum"]
            parts.append(Part(name, kind, source, **roles, points=points, checksum=checksum))
    _, known = texts(current().released(topic))
    return Assignment(topic, topic, tuple(parts), known)


def test_an_assignment_is_written_run_stopped_and_handed_in(browser, place):
    """The whole way on one page, with nothing asked for elsewhere."""
    answers = demo.right("lpc")
    with opened(browser, place) as desk:
        page = desk.open()
        run(page, "autocorrelation")
        page.get_by_text("Loading Python into this page").wait_for()
        verdict(page, "autocorrelation").get_by_text("Not written yet").wait_for()
        # A loop is stopped, and the next run sets all up again.
        page.get_by_role("textbox", name="Your function autocorrelation").fill("while True: pass")
        run(page, "autocorrelation")
        page.get_by_text("Python is running").wait_for()
        page.wait_for_timeout(500)
        page.get_by_role("button", name="Stop Python").click()
        page.get_by_text("what your cells had computed is gone").wait_for()
        wrong = "def autocorrelation(x, order):\n    return np.zeros(3)"
        page.get_by_role("textbox", name="Your function autocorrelation").fill(wrong)
        run(page, "autocorrelation")
        verdict(page, "autocorrelation").get_by_text("for 1, 2, 3: 1+4+9").first.wait_for()
        for name, answer in answers.items():
            page.get_by_role("textbox", name=f"Your function {name}").fill(answer)
            assert text(page, name) == answer
        page.get_by_role("button", name="Run all cells").click()
        page.get_by_text("8 of 8 visible checks pass. They stand for 39 of 39 points").wait_for()
        page.locator("[data-key=code-3] .homework-output audio").first.wait_for()
        figure = page.locator("[data-key=code-2] .homework-output img")
        assert figure.evaluate("image => image.naturalWidth") > 100
        assert figure.get_attribute("alt")
        seconds = page.locator("[data-key=code] audio").first.evaluate("""async (player) => {
          player.muted = true;
          await player.play();
          await new Promise((resolve) => setTimeout(resolve, 300));
          return player.currentTime;
        }""")
        assert seconds > 0
        handed = json.loads(downloaded(page))
        page.get_by_text("This page is saved and opens without a network").wait_for()
        assert desk.complaints == []
        desk.context.set_offline(True)
        page.reload()
        page.locator(".homework[data-ready]").wait_for()
        assert {name: text(page, name) for name in answers} == answers
        assert "8 of 8 visible checks pass" in page.locator(".homework-far").inner_text()
    assert handed["cells"][0] == released("lpc")["cells"][0]
    names = {cell["id"]: "".join(cell["source"]) for cell in handed["cells"]}
    assert {name: names[name] for name in answers} == answers
