"""Shared fixtures: a browser; the table of oracles' largest differences, printed at the end."""

import fcntl
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from autograder.course.catalogue import ROOT
from autograder.release.export import export
from tests.support import public_half

pytest_plugins = ["tests.support.toy_fixtures"]

# ms: a shared machine may stand still for half a minute, and only what never comes is an error.
PATIENCE = 300_000
FLAGS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
)


@pytest.fixture(scope="module")
def embedded():
    """The tests of a module hear the speech that ships with the package."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPEECHLAB_CORPUS", "embedded")
        yield


@pytest.fixture
def agree(request):
    """`agree(ours, oracle, tolerance)`: asserts closeness and records the largest difference.

    Used in tests marked `@pytest.mark.oracle("function", against="...")`. The difference is
    absolute; give `tolerance` accordingly.
    """
    marker = request.node.get_closest_marker("oracle")

    def compare(ours, oracle, tolerance):
        ours, oracle = np.asarray(ours), np.asarray(oracle)
        assert ours.shape == oracle.shape, f"shapes differ: {ours.shape} and {oracle.shape}"
        difference = float(np.max(np.abs(ours - oracle), initial=0.0))
        if marker:
            record = (marker.args[0], marker.kwargs["against"], difference, float(tolerance))
            request.node.user_properties.append(("oracle", record))
        assert difference <= tolerance, f"largest difference {difference:.3g} > {tolerance:.3g}"

    return compare


def pytest_addoption(parser):
    parser.addoption("--oracles", metavar="FILE", help="write the largest differences there (JSON)")


def pytest_configure(config):
    """Workers take the chains in our order; pytest-xdist begins with those of many tests."""
    config.option.loadscopereorder = False


@pytest.hookimpl(tryfirst=True, wrapper=True)  # pytest-xdist reads the marks in this hook, too
def pytest_collection_modifyitems(items):
    """The long chains come first, each on one worker; tests of the built book are for all, last."""
    for item in items:
        if group := _group(item):
            item.add_marker(pytest.mark.xdist_group(group))
    yield
    items.sort(key=_turn)


def _group(item) -> str | None:
    """Tests that share what takes long: the book, chapters, a page, what a module makes once."""
    if "alone" in item.fixturenames:
        return "build"
    if "chapters" in item.fixturenames:
        return "instruments"
    page = getattr(item, "callspec", None) and item.callspec.params.get("opened")
    if page and "site" in item.fixturenames:
        return f"{item.module.__name__} {page}"
    made = item._fixtureinfo.name2fixturedefs.items()
    shared = any(how[-1].scope == "module" and name != "embedded" for name, how in made)
    return item.module.__name__ if shared and not item.get_closest_marker("xdist_group") else None


def _turn(item) -> int:
    """Where its chain stands among the others."""
    turns = ("alone", "chapters", None, "site")
    return next((k for k, name in enumerate(turns) if name in item.fixturenames), turns.index(None))


@pytest.fixture(scope="session")
def public(tmp_path_factory):
    """The exported public half."""
    return export(tmp_path_factory.mktemp("export") / "public")


@pytest.fixture(scope="session")
def alone(tmp_path_factory):
    """An exported public half with a Python that knows no `autograder`."""
    away = tmp_path_factory.mktemp("alone")
    return public_half.alone(export(away / "public"), away)


@pytest.fixture(scope="session")
def built_alone(alone):
    """The site that was built in the exported folder, chapters run there."""
    if (ROOT / "book" / "vendor").is_dir():  # what a build would fetch
        shutil.copytree(ROOT / "book" / "vendor", alone.folder / "book" / "vendor")
    return alone.build(alone.folder)


@pytest.fixture(scope="session")
def site(request):
    """The folder of the built site: the one that SITE_DIR names, else built now."""
    if given := os.environ.get("SITE_DIR"):
        named = Path(given).resolve()
        assert (named / "book" / "index.html").is_file(), f"SITE_DIR={given} holds no built book"
        return named
    # Tests that need it are on all workers: one of them builds, in this order the first.
    this_run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")
    built_by = ROOT / "_build" / ".built_by_tests"
    built_by.parent.mkdir(exist_ok=True)
    with built_by.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not this_run or not built_by.is_file() or built_by.read_text() != this_run:
            request.getfixturevalue("built_alone")
            request.getfixturevalue("alone").build_here()
            built_by.write_text(this_run)
    return ROOT / "_build" / "html"


def pytest_terminal_summary(terminalreporter, config):
    records = {}
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for key, value in report.user_properties:
            if key == "oracle":
                function, against, difference, tolerance = value
                known = records.get((function, against), (0.0, tolerance))
                records[function, against] = (max(known[0], difference), tolerance)
    if file := config.getoption("--oracles"):
        rows = [[*key, difference] for key, (difference, _) in sorted(records.items())]
        Path(file).write_text(json.dumps(rows))
    if records:
        terminalreporter.section("references against oracles: largest difference")
        for (function, against), (difference, tolerance) in sorted(records.items()):
            terminalreporter.write_line(
                f"{function:32s} {difference:9.2e}  (allowed {tolerance:.0e})  {against}"
            )


@pytest.fixture(scope="session")
def browser():
    """A Chromium; where there is none the tests are skipped, or fail if REQUIRE_BROWSER is set."""
    if find_chromium() is None:
        message = "no Chromium found (set CHROMIUM to one): THE BROWSER TESTS DO NOT RUN"
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        chromium = launched(driver.chromium)
        yield chromium
        chromium.close()


def launched(kind, *flags):
    """A browser of this kind (`driver.chromium`), whose pages are waited for; see `PATIENCE`."""
    chromium = kind.launch(executable_path=find_chromium(), args=[*FLAGS, *flags])
    for name in ("new_context", "new_page"):
        setattr(chromium, name, _waiting(getattr(chromium, name)))
    return chromium


def _waiting(make):
    def made(**how):
        one = make(**how)
        one.set_default_timeout(PATIENCE)
        return one

    return made


def find_chromium() -> str | None:
    names = (
        os.environ.get("CHROMIUM"),
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    )
    return next((path for name in names if name and (path := shutil.which(name))), None)
