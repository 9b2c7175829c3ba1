"""A batch on a Dask cluster: the same scores; nothing lost with a worker, a grader, a scheduler."""

import random
import shutil
import subprocess
import time

import pytest

from autograder.batch.dask_client import DEPTH
from autograder.course.catalogue import ROOT
from autograder.course.course import load
from tests.support import clusters
from tests.support.batches import (
    contents,
    durable,
    hand_in_some,
    in_place,
    notebooks,
    runs,
    wait_for,
)
from tests.support.toy import grade_toy

COUNT = 24

pytestmark = pytest.mark.xdist_group("cluster")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler and two workers."""
    clusters.require()
    with clusters.running(tmp_path_factory.mktemp("cluster")) as cluster:
        cluster.work(2)
        cluster.wait(2)
        yield cluster


@pytest.fixture
def expected(course, one_box):
    """What this machine alone comes to."""
    names = hand_in_some(course, COUNT)
    assert len(grade_toy(course).rows) == COUNT
    return contents(course), notebooks(course, names)


@pytest.fixture
def other(released, tmp_path):
    """The same class in a course of its own, for the cluster."""
    other = load(shutil.copytree(released, tmp_path / "other"))
    hand_in_some(other, COUNT)
    return other


@pytest.fixture
def certificate(tmp_path):
    """One that signs itself, for scheduler, worker and client; and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("NOT TESTED on an encrypted cluster: there is no openssl to make certificates")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    to = ["-subj", "/CN=cluster", "-keyout", key, "-out", certificate]
    subprocess.run([*command.split(), *to], check=True, capture_output=True)
    return certificate, key


def everything(course):
    """The gradebook and the notebooks; nobody was run by the grader itself."""
    assert not (course.root / "ran here").exists()
    return contents(course), notebooks(course, [f"s{n:03d}" for n in range(COUNT)])


def finish(course, cluster):
    """A batch to its end, and whom the workers ran for it."""
    before = len(runs(cluster.log))
    code, printed, errors = clusters.ended(clusters.command(course, cluster.address), course)
    assert (code, errors) == (0, []), cluster.said()
    assert "mean score" in printed
    return runs(cluster.log)[before:]


def test_the_workers_of_a_cluster_give_what_this_machine_gives(cluster, other, expected):
    ran = finish(other, cluster)
    assert sorted(ran) == sorted(expected[1])
    assert everything(other) == expected
    assert finish(other, cluster) == [], "nothing has changed, so nobody is graded again"


def test_a_worker_killed_mid_batch_loses_nothing(cluster, other, expected):
    before = len(runs(cluster.log))
    process = clusters.command(other, cluster.address)
    wait_for(process, lambda: in_place(other) >= 3)
    clusters.kill(cluster.workers.pop(0))
    assert in_place(other) < COUNT, "too late to be of use"
    assert clusters.ended(process, other)[0] == 0
    assert everything(other) == expected
    again = len(runs(cluster.log)) - before - COUNT
    assert again <= 2 * DEPTH, "what it had in hand or had not yet handed over, and no more"


def test_a_grader_killed_mid_batch_goes_on_where_it_was(cluster, other, expected):
    dice = random.Random("cluster")
    for done in (4, 12):
        process = clusters.command(other, cluster.address)
        wait_for(process, lambda done=done: in_place(other) >= done)
        time.sleep(dice.uniform(0, 0.02))
        clusters.kill(process)
        process.stdout.close()
    kept = durable(other, expected[1])
    assert 12 <= len(kept) < COUNT
    time.sleep(1)  # until the workers have let go of what nobody waits for
    assert not kept & set(finish(other, cluster)), "graded twice"
    assert everything(other) == expected


def test_a_scheduler_that_dies_costs_one_sentence_and_other_code_another(
    cluster, other, expected, tmp_path
):
    process = clusters.command(other, cluster.address)
    wait_for(process, lambda: in_place(other) >= 3)
    clusters.kill(cluster.scheduler)
    code, _, errors = clusters.ended(process, other)
    assert code == 2
    assert len(errors) == 1 and "is gone" in errors[0] and "goes on where it was" in errors[0]
    kept = durable(other, expected[1])
    assert 3 <= len(kept) < COUNT

    code, _, errors = clusters.ended(clusters.command(other, cluster.address), other)
    assert code == 2
    assert len(errors) == 1 and "no Dask scheduler answers" in errors[0]

    changed = tmp_path / "changed"
    shutil.copytree(ROOT / "autograder", changed / "autograder")
    with (changed / "autograder" / "checks" / "lpc.py").open("a") as check:
        check.write("\n# corrected\n")
    cluster.start()
    (stranger,) = cluster.work(1, changed, ())
    code, _, errors = clusters.ended(clusters.command(other, cluster.address), other)
    assert code == 2
    assert len(errors) == 1 and "another version of the course's code" in errors[0]
    assert durable(other, expected[1]) == kept
    clusters.kill(stranger)

    cluster.work(2)
    assert not kept & set(finish(other, cluster)), "graded twice"
    assert everything(other) == expected


def test_an_encrypted_cluster_is_for_those_who_have_a_certificate(certificate, other, tmp_path):
    clusters.require()
    ours, key = certificate
    options = ("--tls-ca-file", ours, "--tls-cert", ours, "--tls-key", key)
    settings = {"CA_FILE": ours, "CLIENT__CERT": ours, "CLIENT__KEY": key}
    known = {f"DASK_DISTRIBUTED__COMM__TLS__{name}": str(p) for name, p in settings.items()}
    with clusters.running(tmp_path, tls=options) as cluster:
        cluster.work(1)
        one = ("--student", "s000")
        stranger = clusters.command(other, cluster.address, *one)
        code, _, errors = clusters.ended(stranger, other)
        assert code == 2 and in_place(other) == 0
        assert len(errors) == 1 and "name your certificates" in errors[0]
        friend = clusters.command(other, cluster.address, *one, **known)
        assert clusters.ended(friend, other)[0] == 0 and in_place(other) == 1
        assert runs(cluster.log) == ["s000"]
