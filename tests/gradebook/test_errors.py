"""A gradebook that is locked, read-only, full, vanished or unreachable, and a disk that is full.

The batch stops with one sentence that says what to do; run again, it ends where one ends that
met no trouble, and runs no student's code a second time.
"""

import contextlib
import resource
import shutil
import signal
import sqlite3

import pytest

from autograder.batch import pool
from autograder.commands import cli, doctor
from autograder.course import atomic_files
from autograder.course.course import CourseError, load
from autograder.gradebook import database
from autograder.gradebook.gradebook import Gradebook
from autograder.submission import assess
from tests.support import postgres as postgresql
from tests.support.batches import contents, hand_in_some, notebooks
from tests.support.toy import TOPIC, grade_toy

COUNT, FINE = 6, 2  # how many there are, and how many are graded before trouble comes


@pytest.fixture
def expected(course, one_box, monkeypatch):
    """What a batch without trouble comes to."""
    names = hand_in_some(course, COUNT)
    grade_toy(course)
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    return contents(course), notebooks(course, names)


@pytest.fixture
def counted(monkeypatch):
    """The students whose code is run, as often as it is."""
    found, stock = [], assess.Assessor.assess

    def noted(self, handed):
        found.append(handed.student)
        return stock(self, handed)

    monkeypatch.setattr(assess.Assessor, "assess", noted)
    return found


@contextlib.contextmanager
def after_some(monkeypatch, trouble):
    """Trouble begins just before the third submission is written, and ends with the block."""
    stock, calls = Gradebook.write, []
    with contextlib.ExitStack() as stack, monkeypatch.context() as patch:

        def write(self, *args):
            calls.append(1)
            if len(calls) == FINE + 1:
                stack.enter_context(trouble(self))
            return stock(self, *args)

        patch.setattr(Gradebook, "write", write)
        yield


def graded(course):
    """The students who have a score."""
    with Gradebook(course.db_url) as gradebook:
        marks = gradebook.marks(gradebook.structure(TOPIC))
    return sorted(s for s, m in marks.items() if set(m.auto.values()) - {None})


def meets(course, trouble, words, expected, counted, monkeypatch):
    """The batch stops with those words, nothing is there in part, and the next one mends it."""
    names = hand_in_some(course, COUNT)
    counted.clear()
    with after_some(monkeypatch, trouble), pytest.raises(CourseError, match=words) as stopped:
        grade_toy(course)
    assert "then run the same command again" in str(stopped.value)
    assert "\n" not in str(stopped.value)
    assert graded(course) == names[:FINE]
    assert counted == names[: FINE + 1]
    assert len(notebooks(course, names)) == FINE
    batch = grade_toy(course)
    assert [row.state for row in batch.rows] == ["kept"] * FINE + ["graded"] * (COUNT - FINE)
    assert (contents(course), notebooks(course, names)) == expected
    assert counted == names, "somebody was run twice, or not at all"


@pytest.fixture
def other(released, tmp_path):
    """Another course on SQLite."""
    return load(shutil.copytree(released, tmp_path / "other"))


def _file(course):
    return course.db_url.removeprefix("sqlite:///")


# --- SQLite -------------------------------------------------------------------------------


def test_a_locked_file(other, expected, counted, monkeypatch):
    @contextlib.contextmanager
    def locked(_):
        formgrader = sqlite3.connect(_file(other), isolation_level=None)
        formgrader.execute("BEGIN IMMEDIATE")
        yield
        formgrader.close()

    meets(other, locked, "was locked for 0.2 s by another program", expected, counted, monkeypatch)


def test_a_file_that_cannot_be_written(other, expected, counted, monkeypatch):
    @contextlib.contextmanager
    def read_only(gradebook):
        gradebook.db._db.close()
        connection = sqlite3.connect(f"file:{_file(other)}?mode=ro", uri=True, isolation_level=None)
        connection.row_factory = sqlite3.Row
        gradebook.db._db = connection
        yield

    words = "cannot be written: make the file and its folder writable"
    meets(other, read_only, words, expected, counted, monkeypatch)


def test_a_file_on_a_full_disk(other, expected, counted, monkeypatch):
    """SQLite's own error, in the middle of a submission's transaction."""

    @contextlib.contextmanager
    def full(gradebook):
        run = gradebook.db._db.execute
        run("CREATE TABLE filler (x)")
        run(
            "CREATE TRIGGER fill AFTER UPDATE ON comment "
            "BEGIN INSERT INTO filler VALUES (randomblob(99999)); END"
        )
        run(f"PRAGMA max_page_count = {run('PRAGMA page_count').fetchone()[0]}")
        yield
        with sqlite3.connect(_file(other)) as connection:
            connection.execute("DROP TRIGGER fill")

    meets(other, full, "the disk of .* is full: make room", expected, counted, monkeypatch)


def test_a_file_that_is_taken_away(other, expected, counted, monkeypatch, tmp_path):
    @contextlib.contextmanager
    def away(_):
        shutil.move(_file(other), tmp_path / "elsewhere.db")
        yield
        shutil.move(tmp_path / "elsewhere.db", _file(other))

    meets(other, away, "was moved, replaced or deleted", expected, counted, monkeypatch)


def test_a_full_disk_of_the_notebooks(other, expected, counted, monkeypatch):
    names = hand_in_some(other, COUNT)
    counted.clear()
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, unlimited[1]))
    try:
        with pytest.raises(CourseError, match=r"could not be written .*: make room"):
            grade_toy(other)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert graded(other) == []
    grade_toy(other)
    assert (contents(other), notebooks(other, names)) == expected
    assert counted == [names[0], *names], "what never reached the disk is run again"


# --- PostgreSQL ---------------------------------------------------------------------------

on_postgres = pytest.mark.xdist_group("postgresql")


def _database(course):
    return course.db_url.rpartition("/")[0], course.db_url.split("@/")[1].partition("?")[0]


@on_postgres
def test_a_locked_table(course_on_postgres, postgres, expected, counted, monkeypatch):
    import psycopg

    name = _database(course_on_postgres)[1]

    @contextlib.contextmanager
    def locked(gradebook):
        with psycopg.connect(f"host={postgres.folder} user=grader dbname={name}") as formgrader:
            formgrader.execute("LOCK TABLE grade IN ACCESS EXCLUSIVE MODE")
            yield

    words = "kept a row or a table locked for 0.2 s"
    meets(course_on_postgres, locked, words, expected, counted, monkeypatch)


@on_postgres
def test_a_database_that_cannot_be_written(
    course_on_postgres, postgres, expected, counted, monkeypatch
):
    @contextlib.contextmanager
    def read_only(gradebook):
        gradebook.db._set("SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        yield

    words = "is read-only for now: make it writable"
    meets(course_on_postgres, read_only, words, expected, counted, monkeypatch)


@on_postgres
def test_a_server_whose_disk_is_full(course_on_postgres, postgres, expected, counted, monkeypatch):
    """The server's own error, in the middle of a submission's transaction."""
    name = _database(course_on_postgres)[1]
    postgres.execute(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$",
        name,
    )

    @contextlib.contextmanager
    def full(_):
        postgres.execute(
            "CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON comment "
            "EXECUTE FUNCTION full_disk()",
            name,
        )
        yield
        postgres.execute("DROP TRIGGER full_disk ON comment", name)

    words = "has a full disk: make room there"
    meets(course_on_postgres, full, words, expected, counted, monkeypatch)


@on_postgres
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["shut down", "crashed"])
def test_a_server_that_ends(course_on_postgres, postgres, expected, counted, monkeypatch, how):
    @contextlib.contextmanager
    def ended(_):
        postgres.stop(how)
        yield
        postgres.start()

    words = "was shut down|was lost"
    meets(course_on_postgres, ended, words, expected, counted, monkeypatch)


@on_postgres
def test_a_server_that_is_not_there(course_on_postgres, postgres):
    name = _database(course_on_postgres)[1]
    course_on_postgres.config.CourseDirectory.db_url = postgres.url("nonesuch")
    with pytest.raises(CourseError, match=r"has no such database: create it"):
        grade_toy(course_on_postgres)
    course_on_postgres.config.CourseDirectory.db_url = postgres.url(name, user="nobody")
    with pytest.raises(CourseError, match="does not let this user in: mend user and password"):
        grade_toy(course_on_postgres)
    course_on_postgres.config.CourseDirectory.db_url = (
        f"postgresql+psycopg://grader:confidential@/{name}?host=/nowhere"
    )
    with pytest.raises(CourseError, match="cannot be reached or was lost") as stopped:
        grade_toy(course_on_postgres)
    assert "confidential" not in str(stopped.value)


@on_postgres
def test_a_release_and_the_doctor_look_for_the_server(postgres, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_DIR", str(tmp_path))
    monkeypatch.setenv("COURSE_DB", postgres.url("postgres"))
    assert doctor._gradebook().ok
    monkeypatch.setenv("COURSE_DB", postgres.url("nonesuch"))
    assert "has no such database: create it" in doctor._gradebook().detail
    assert cli.main(["release", "lpc"]) == 2
    said = capsys.readouterr().err
    assert "has no such database: create it" in said and said.count("\n") == 1
    assert not list(tmp_path.iterdir()), "nothing is begun"


def test_no_server_is_no_pass(monkeypatch):
    """Where there is none, tests are skipped and say so; where one is required, they fail."""
    monkeypatch.setattr(postgresql, "_programs", lambda: None)
    monkeypatch.delenv("REQUIRE_POSTGRES", raising=False)
    with pytest.raises(pytest.skip.Exception, match="NOT TESTED on PostgreSQL: there is no"):
        postgresql.running().__enter__()
    monkeypatch.setenv("REQUIRE_POSTGRES", "1")
    with pytest.raises(pytest.fail.Exception, match="required here, but there is no"):
        postgresql.running().__enter__()


# --- both ---------------------------------------------------------------------------------


def test_killed_between_the_gradebook_and_the_notebook(each_course, one_box, counted, monkeypatch):
    """Whatever the moment, what was run and is on the disk is only written."""
    names = hand_in_some(each_course, 3)
    with monkeypatch.context() as patch:
        patch.setattr(atomic_files, "commit", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        for _ in range(2):  # and stopped there once more
            with pytest.raises(KeyboardInterrupt):
                grade_toy(each_course)
    before = contents(each_course)[names[0]]
    assert counted == names[:1]
    batch = grade_toy(each_course)
    assert [row.state for row in batch.rows] == ["graded"] * 3
    assert counted == names
    assert contents(each_course)[names[0]] == before


def test_a_second_grader_waits_its_turn(each_course, one_box, counted, monkeypatch):
    names = hand_in_some(each_course, 2)
    from autograder.gradebook import lock

    children = dict(pool.spread(_grade_at_once(each_course), ["a"], 1))
    assert "graded" in children["a"]
    with Gradebook(each_course.db_url) as gradebook, lock.alone(each_course, TOPIC, gradebook.db):
        found = dict(pool.spread(_grade_at_once(each_course), ["b"], 1))
    assert BUSY in found["b"]
    assert not counted and len(names) == 2


@pytest.mark.xdist_group("postgresql")
def test_a_second_grader_with_a_folder_of_its_own_waits_for_the_same_gradebook(
    course_on_postgres, one_box, counted, tmp_path, monkeypatch
):
    hand_in_some(course_on_postgres, 1)
    from autograder.gradebook import database, lock

    monkeypatch.setattr(database, "CLAIM_SECONDS", 0.0)
    elsewhere = load(shutil.copytree(course_on_postgres.root, tmp_path / "elsewhere"))
    with Gradebook(elsewhere.db_url) as gradebook, lock.alone(elsewhere, TOPIC, gradebook.db):
        with pytest.raises(CourseError, match=BUSY):
            grade_toy(course_on_postgres)
    assert not counted
    assert "graded" in grade_toy(course_on_postgres).summary()


BUSY = "another grader is at work on toy: wait until it is done"


def _grade_at_once(course):
    @contextlib.contextmanager
    def start(number):
        def work(item):
            try:
                return grade_toy(course).summary()
            except CourseError as error:
                return str(error)

        yield work

    return start
