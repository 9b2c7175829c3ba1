"""The toy course as fixtures: graded from SQLite or PostgreSQL, in one box for all tests."""

import itertools
import shutil
from contextlib import contextmanager

import pytest

from autograder.batch import plan, pool, prestart
from autograder.course.course import CONFIG, load
from autograder.sandbox.errors import SandboxUnavailable
from autograder.sandbox.outside.box import Box
from tests.support import postgres as postgresql
from tests.support.toy import AT, EXERCISES, SETTINGS, release

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """The folder of a course whose toy assignment was released by nbgrader itself."""
    return release(tmp_path_factory.mktemp("released"))


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server that runs as long as the tests do."""
    with postgresql.running() as server:
        yield server


@pytest.fixture(scope="session")
def released_on_postgres(postgres, tmp_path_factory):
    """The same course with its gradebook in the server's database `released`."""
    postgres.execute("CREATE DATABASE released")
    config = SETTINGS + AT.format(postgres.url("released"))
    return release(tmp_path_factory.mktemp("released"), config)


def _declare(monkeypatch):
    """The toy's exercises stand in `toy.py`, and not among the checks."""
    monkeypatch.setattr(plan, "declared", lambda course, topic: EXERCISES)
    monkeypatch.setattr(plan, "decides", lambda course, topic: plan.DECIDE)


@pytest.fixture
def course(released, tmp_path, monkeypatch):
    """A fresh copy of the course, graded against the toy's exercises."""
    root = shutil.copytree(released, tmp_path / "course")
    _declare(monkeypatch)
    return load(root)


@pytest.fixture
def course_on_postgres(postgres, released_on_postgres, tmp_path, monkeypatch):
    """The same, with a database of its own on the server."""
    root = shutil.copytree(released_on_postgres, tmp_path / "course_on_postgres")
    assert not list(root.rglob("gradebook.db")), "the gradebook is to be on the server"
    name = f"course_{next(_numbers)}"
    postgres.execute(f"CREATE DATABASE {name} TEMPLATE released")
    (root / CONFIG).write_text(SETTINGS + AT.format(postgres.url(name)))
    _declare(monkeypatch)
    return load(root)


ON_EACH = [
    pytest.param("course", id="sqlite"),
    pytest.param(
        "course_on_postgres", id="postgresql", marks=pytest.mark.xdist_group("postgresql")
    ),
]


@pytest.fixture(params=ON_EACH)
def each_course(request):
    """The course with its gradebook in SQLite, and on PostgreSQL."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def box():
    with Box(preload=("numpy",)) as box:
        yield box


@pytest.fixture
def one_box(box, monkeypatch):
    """Batches run in this process, all in the same box."""

    @contextmanager
    def lend(*args, **kwargs):
        yield box

    def refused(*args, **kwargs):
        raise SandboxUnavailable("there is one already")

    monkeypatch.setattr("autograder.sandbox.outside.box.Box", lend)
    monkeypatch.setattr(prestart, "Box", refused)
    monkeypatch.setattr(pool, "width", lambda count, jobs=None: 0)
