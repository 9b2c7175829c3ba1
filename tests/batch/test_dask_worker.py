"""What a worker refuses and what it gets to know; what the command line makes of a cluster."""

import pickle
import zlib
from dataclasses import replace
from types import SimpleNamespace

import pytest

from autograder.batch import dask_client, dask_worker, dry_run, version
from autograder.batch.plan import assignment_of
from autograder.batch.processes import Work, assessor
from autograder.batch.request import Request
from autograder.commands.cli import main
from autograder.course.course import CourseError
from autograder.exercise.declare import Limits
from autograder.sandbox import wire
from autograder.sandbox.errors import SandboxUnavailable
from autograder.submission.collect import collect
from tests.support import clusters
from tests.support.batches import SECRET
from tests.support.toy import EXERCISES, RIGHT, TOPIC, grade_toy, hand_in, notebook

HERE = version.fingerprint()


@pytest.fixture
def work(course):
    """What is to be known to grade the toy, with one submission of it."""
    from autograder.gradebook.gradebook import Gradebook

    course.folder.mkdir(exist_ok=True)
    (course.folder / "secret").write_text(SECRET)
    hand_in(course, "ada", notebook(course, **RIGHT))
    with Gradebook(course.db_url) as gradebook:
        assignment = assignment_of(course, TOPIC, gradebook.structure(TOPIC))
    return Work(course, assignment, lambda: EXERCISES, "key", ["numpy"])


@pytest.fixture
def worker(monkeypatch):
    """This process as a worker of a cluster."""
    clusters.require()
    worker = SimpleNamespace(state=SimpleNamespace(nthreads=1), address="tcp://here:1")
    monkeypatch.setattr("distributed.get_worker", lambda: worker)
    yield worker
    dask_worker._station.close()


def ask(work, here=HERE):
    handed = pickle.dumps(collect(work.course, "ada", TOPIC))
    (reply,) = dask_worker.graded(here, dask_client.packed(work), [handed])
    return reply


def test_the_secret_goes_to_the_worker_and_not_into_its_box(work, worker, box, monkeypatch):
    seen = []

    class Spy:
        def run(self, job):
            seen.append(wire.encode(job.to_data()))
            return box.run(job)

        def close(self):
            pass

    monkeypatch.setattr("autograder.sandbox.outside.box.Box", lambda preload: Spy())
    kind, assessment = ask(work)
    assert kind == dask_worker.GRADED
    local = assessor(work, box).assess(collect(work.course, "ada", TOPIC))
    assert assessment.report.grades == local.report.grades
    assert assessment.report.comments == local.report.comments
    assert seen and not any(SECRET.encode() in sent for sent in seen)
    sent = pickle.loads(zlib.decompress(dask_client.packed(work)))
    assert sent.course.secret == SECRET and SECRET not in repr(sent)
    assert not hasattr(sent.course, "config") and str(work.course.root) not in repr(sent)


def test_the_limits_of_the_course_go_along(work):
    def tightened():
        return tuple(replace(one, limits=Limits(seconds=0.5)) for one in EXERCISES)

    sent = pickle.loads(zlib.decompress(dask_client.packed(replace(work, exercises=tightened))))
    assert [one.limits.seconds for one in sent.exercises()] == [0.5, 0.5]
    assert [one.name for one in sent.exercises()] == [one.name for one in EXERCISES]


@pytest.mark.parametrize(
    ("there", "says"),
    [
        ({version.CODE: "0"}, "another version of the course's code"),
        ({"numpy": "1.0"}, "and this machine 1.0"),
        ({"Python": "3.0"}, "and this machine 3.0"),
    ],
)
def test_a_worker_that_is_not_alike_refuses(work, worker, there, says):
    kind, sentence = ask(work, HERE | there)
    assert kind == dask_worker.REFUSED
    assert says in sentence and "tcp://here:1" in sentence


def test_a_worker_with_threads_or_with_code_that_changed_under_it_refuses(
    work, worker, monkeypatch
):
    worker.state.nthreads = 4
    assert "--nthreads 1" in ask(work)[1]
    worker.state.nthreads = 1
    monkeypatch.setattr(dask_worker, "HERE", HERE | {version.CODE: "old"})
    kind, sentence = ask(work, HERE | {version.CODE: "old"})
    assert kind == dask_worker.REFUSED and "restart it" in sentence


def test_a_worker_that_has_no_sandbox_says_which_it_is(work, worker, monkeypatch):
    def no_box(preload):
        raise SandboxUnavailable("bubblewrap is not installed")

    monkeypatch.setattr("autograder.sandbox.outside.box.Box", no_box)
    assert ask(work) == (
        dask_worker.NO_BOX,
        "on the worker at tcp://here:1: bubblewrap is not installed",
    )


def test_what_is_wrong_with_one_submission_is_no_matter_of_its_neighbours(work, worker, box):
    good = pickle.dumps(collect(work.course, "ada", TOPIC))
    replies = dask_worker.graded(HERE, dask_client.packed(work), [good, b"no pickle", good])
    assert [kind for kind, _ in replies] == [
        dask_worker.GRADED,
        dask_worker.FAILED,
        dask_worker.GRADED,
    ]


class Cluster:
    """A client whose workers grade at once, and end where they are handed one of `deadly`."""

    def __init__(self, workers, deadly=()):
        self.workers, self.deadly, self.tasks = workers, deadly, []

    def nthreads(self):
        return dict.fromkeys(range(self.workers), 1)

    def map(self, errand, handed, key, **more):
        return [self._done(name, some) for name, some in zip(key, handed)]

    def _done(self, name, some):
        from distributed import KilledWorker

        some = [pickle.loads(one) for one in some]
        self.tasks.append(some)

        def result():
            if any(one in self.deadly for one in some):
                raise KilledWorker(name, None, 3)
            return [(dask_worker.GRADED, one.upper()) for one in some]

        future = SimpleNamespace(key=name, result=result, release=lambda: None)
        future.add_done_callback = lambda put: put(future)
        return future


def streamed(work, monkeypatch, client, students):
    monkeypatch.setattr(dask_client.collect, "collect", lambda course, student, topic: student)
    return list(dask_client._Stream(client, "tcp://there:1", work).results(students))


@pytest.mark.parametrize(("workers", "count"), [(1, 1), (1, 23), (2, 100), (7, 30), (90, 100)])
def test_tasks_are_large_enough_to_be_cheap_and_small_enough_to_end_together(
    work, monkeypatch, workers, count
):
    clusters.require()
    client, class_ = Cluster(workers), [f"s{n}" for n in range(count)]
    results = streamed(work, monkeypatch, client, class_)
    assert sorted(results) == sorted((one, one.upper()) for one in class_)
    sizes = [len(task) for task in client.tasks]
    assert sum(sizes) == count and sizes[-1] == 1
    assert max(sizes) == min(dask_client.CHUNK, max(count // (2 * workers), 1))


def test_who_ends_every_worker_is_found_among_neighbours(work, monkeypatch):
    clusters.require()
    class_ = [f"s{n}" for n in range(20)]
    client = Cluster(1, deadly=("s1",))
    results = dict(streamed(work, monkeypatch, client, class_))
    assert results.keys() == set(class_)
    assert isinstance(results.pop("s1"), dask_client.pool.Failed)
    assert all(result == one.upper() for one, result in results.items())


def test_a_cluster_without_workers_is_waited_for_and_then_given_up(work, monkeypatch):
    monkeypatch.setattr(dask_client, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(dask_client, "LOOK_SECONDS", 0.02)
    client = SimpleNamespace(
        nthreads=dict,
        map=lambda *given, key, **more: [SimpleNamespace(key=key[0], add_done_callback=id)],
    )
    stream = dask_client._Stream(client, "tcp://there:1", work)
    with pytest.raises(CourseError, match="has had no worker"):
        list(stream.results(["ada"]))


def test_the_address_is_configured_for_both_doors_or_given(work, monkeypatch, capsys):
    asked = []

    def noted(work, students, address):
        asked.append(address)
        yield from ()

    monkeypatch.setattr(dask_client, "remotely", noted)
    work.course.config.Autograder.scheduler = "tcp://configured:1"
    grade_toy(work.course)
    grade_toy(work.course, scheduler="tcp://given:1")
    dry_run.preview(Request(work.course, TOPIC, progress=False, scheduler="tcp://tried:1"))
    assert asked == ["tcp://configured:1", "tcp://given:1", "tcp://tried:1"]
    grade_toy(work.course, scheduler="")
    assert len(asked) == 3, "an empty one is this machine"
    assert main(["grade", TOPIC, "--scheduler", "tcp://given:1", "--jobs", "2"]) == 2
    assert "leave it out with --scheduler" in capsys.readouterr().err


def test_without_the_sandbox_nothing_is_sent_to_a_cluster(work):
    with pytest.raises(CourseError, match="whole cluster"):
        list(dask_client.remotely(replace(work, unsafe=True), ["ada"], "tcp://there:1"))
