"""A person grades in nbgrader's formgrader, in a browser; grading again keeps what they gave."""

import contextlib
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.exchange.conftest import POINTS, TOPIC

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("exchange")]
TOKEN = "opens-the-test-s-own-server"
COMMENT = "Nearly: say *when* it is large <b>too</b>."
FIRST, SECOND = "autocorrelation-check", "levinson_durbin-check"


@pytest.fixture(scope="module")
def formgrader(term):
    """Where Jupyter serves formgrader for the course."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (term.home / "server.log").open("w")
    server = subprocess.Popen(
        [
            *(Path(sys.executable).with_name("jupyter-server"), "--no-browser", "--allow-root"),
            *(f"--port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}"),
            f"--ServerApp.root_dir={term.root}",
        ],
        cwd=term.root,
        env=term.environment("instructor"),
        stdout=log,
        stderr=log,
    )
    try:
        _wait_for(port, server, Path(log.name))
        yield f"http://127.0.0.1:{port}/formgrader"
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def _wait_for(port, server, log):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"no Jupyter server: {log.read_text()[-3000:]}")


@pytest.fixture
def page(browser, formgrader):
    """A page that can reach the server and nothing else; `page.outside` is what it asked for."""
    page = browser.new_page()
    page.outside = []
    own = formgrader.removesuffix("formgrader")

    def stop(route):
        page.outside.append(route.request.url)
        route.abort()

    page.route(lambda url: not url.startswith((own, "file:")), stop)
    page.goto(f"{own}?token={TOKEN}")
    yield page
    page.close()


def _open(page, formgrader, student):
    """Go to a student's submission as an instructor does: gradebook, assignment, submission."""
    page.goto(f"{formgrader}/gradebook")
    page.get_by_role("link", name=TOPIC, exact=True).click()
    page.get_by_role("link", name=TOPIC, exact=True).last.click()
    page.get_by_role("link", name=re.compile("Submission #1")).click()
    name = page.locator(".live-notebook a.name-shown")
    if name.text_content().strip() != student:
        page.locator("li.next a").click()
        page.wait_for_url("**/submissions/*/**")
    assert name.text_content().strip() == student
    page.wait_for_function("formgrader.grades.loaded && formgrader.comments.loaded")


def _fill(page, selector, text):
    """Type into a box and leave it; formgrader saves."""
    with page.expect_response(lambda r: r.request.method == "PUT") as saved:
        page.locator(selector).fill(str(text))
        page.locator(selector).blur()
    assert saved.value.ok


def test_what_a_person_gives_stays_through_every_way_of_grading_again(term, formgrader, page):
    _open(page, formgrader, "ben")
    assert page.locator("#why").get_attribute("class").count("needs_manual_grade") == 1
    before = term.cells()
    _fill(page, "#why", 1.5)
    _fill(page, "#why-comment", COMMENT)
    _fill(page, f"#{SECOND}", 0.25)
    expected = dict(before)
    assert before["ben", "why"][1] is None
    given = term.cells()
    assert given["ben", "why"] == (None, 1.5, False, COMMENT)
    assert given["ben", SECOND][:2] == (before["ben", SECOND][0], 0.25)
    for key in (("ben", "why"), ("ben", SECOND)):
        expected.pop(key)
    assert {key: given[key] for key in expected} == expected  # and nothing else has changed

    term.autograder("grade", TOPIC, "--force")
    _assert_kept(term.cells(), given)

    page.goto(f"{formgrader}/manage_submissions/{TOPIC}")
    row = page.locator("tr", has_text="ben")
    row.locator(".autograde a").click()
    page.get_by_text("Successfully autograded").wait_for()
    _assert_kept(term.cells(), given)

    _open(page, formgrader, "ben")
    assert page.locator("#why").input_value() == "1.5"
    assert page.locator("#why-comment").input_value() == COMMENT
    assert page.locator(f"#{SECOND}").input_value() == "0.25"

    term.nbgrader(
        ("instructor", "generate_feedback", TOPIC, "--force"),
        ("instructor", "release_feedback", TOPIC),
        ("ben", "fetch_feedback", TOPIC),
    )
    fetched = sorted((term.home / "ben" / TOPIC / "feedback").glob("*/*.html"))[-1]
    page.goto(fetched.as_uri())
    section = page.locator("section", has=page.get_by_role("heading", name="why"))
    assert f"1.5 of {POINTS} points" in section.inner_text()
    assert COMMENT in section.inner_text()


def _assert_kept(now, given):
    assert now.keys() == given.keys()
    for key, (automatic, manual, _, comment) in given.items():
        assert now[key][:2] == (automatic, manual), key
        assert now[key][3] == comment, key


def test_a_hostile_answer_is_shown_as_text(formgrader, page):
    _open(page, formgrader, "ben")
    answer = page.locator(".nbgrader_cell", has=page.locator("#why"))
    assert "onerror=" in answer.inner_text()
    assert answer.locator("img, script").count() == 0
    assert page.title() == TOPIC
    assert all("mathjax" in url.lower() for url in page.outside)  # nbconvert's, on every page
