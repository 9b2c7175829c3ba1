"""What an instructor types, and what comes back: help, exit codes, one sentence for an error."""

import functools
import json
import os
import subprocess
import sys
import time

import nbformat
import pytest

from autograder.commands import cli, demo, doctor
from autograder.commands.doctor import Finding
from autograder.course import course
from autograder.course.catalogue import ROOT, exercises, topics
from autograder.exercise.declare import DeclarationError

COMMANDS = ("release", "grade", "feedback", "report", "csv", "export", "doctor", "demo")
TOPIC = "lpc"


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "-m", "autograder.commands.cli", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def says(capsys, *arguments):
    """Exit code and what is said on stderr."""
    code = cli.main([str(argument) for argument in arguments])
    return code, capsys.readouterr().err


# --- help ---------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_help_reads_like_documentation(capsys, command):
    with pytest.raises(SystemExit) as end:
        cli.main([command, "--help"])
    text = capsys.readouterr().out
    assert end.value.code == 0
    assert "examples:" in text
    assert f"autograder {command}" in text
    assert "exit codes:" in text
    assert max(map(len, text.splitlines())) <= 100


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    text = capsys.readouterr().out
    assert all(f"\n    {command}" in text for command in COMMANDS)


def test_help_needs_none_of_the_heavy_packages():
    code = (
        "import sys; from autograder.commands import cli; cli.parser().format_help(); "
        "print([m for m in ('numpy', 'yaml', 'nbformat', 'nbgrader') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


# --- errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["release", "phonology"], "no topic 'phonology'; the topics are"),
        (["demo", "phonology"], "no topic 'phonology'; the topics are"),
        (["grade", TOPIC, "--jobs", "0"], "--jobs must be 1 or more"),
        (["export", ROOT / "inside"], "is inside this repository"),
        (["export", ROOT / "LICENSE"], "is a file"),
    ],
    ids=lambda value: " ".join(map(str, value[:2])) if isinstance(value, list) else "",
)
def test_user_errors_are_one_sentence(capsys, arguments, sentence):
    code, said = says(capsys, *arguments)
    assert code == cli.USAGE
    assert sentence in said
    assert said.startswith("autograder: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("command", ["grade", "feedback", "report"])
@pytest.mark.parametrize("topic", [TOPIC, "phonology"])
def test_a_course_without_the_assignment_is_a_user_error(tmp_path, command, topic):
    done = run(command, topic, COURSE_DIR=tmp_path / "course")
    assert done.returncode in (cli.USAGE, cli.ATTENTION)
    assert "Traceback" not in done.stderr
    assert "release" in done.stdout + done.stderr or "topics are" in done.stderr


def test_faults_of_ours_are_not_hidden(monkeypatch):
    monkeypatch.setattr(cli, "_doctor", lambda options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        cli.main(["doctor"])


def test_an_interrupt_says_so(capsys, monkeypatch):
    def stop(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "_doctor", stop)
    code, said = says(capsys, "doctor")
    assert code == cli.INTERRUPTED
    assert "interrupted" in said


# --- doctor -------------------------------------------------------------------------------


def test_the_doctor_looks_at_everything():
    found = list(doctor.findings())
    looked_at = " ".join(finding.what for finding in found)
    for what in ("Python", "packages of the grader", "bwrap", "user namespaces", "sandbox", "npm"):
        assert what in looked_at
    for what in ("network", "files", "gradebook", "speech corpus", "chromium", "espeak-ng"):
        assert what in looked_at
    assert "cluster" in looked_at
    assert all(finding.mend for finding in found if not finding.ok)


def test_the_doctor_says_that_a_scheduler_does_not_answer(tmp_path, monkeypatch):
    (tmp_path / "nbgrader_config.py").write_text(
        "c = get_config()\nc.Autograder.scheduler = 'tcp://127.0.0.1:9'\n"
    )
    monkeypatch.setattr(course, "load", functools.partial(course.load, tmp_path))
    found = doctor._cluster()
    assert not found.ok and found.mend
    assert "tcp://127.0.0.1:9" in found.detail


def test_the_doctor_fails_where_grading_is_unsafe(capsys, monkeypatch):
    broken = Finding("sandbox, network", False, "a way out", "apt-get install bubblewrap")
    monkeypatch.setattr(doctor, "findings", lambda: iter([broken]))
    assert cli.main(["doctor"]) == cli.ATTENTION
    text = capsys.readouterr().out
    assert "MISSING  sandbox, network: a way out" in text
    assert "-> apt-get install bubblewrap" in text
    assert "NOT ABLE to grade safely" in text


def test_what_only_tests_need_does_not_stop_grading(capsys, monkeypatch):
    missing = Finding("chromium", False, "not installed", "apt-get", doctor.TESTING)
    monkeypatch.setattr(doctor, "findings", lambda: iter([missing]))
    assert cli.main(["doctor"]) == cli.OK
    assert "NOT ABLE to run every test" in capsys.readouterr().out


def test_the_doctor_tells_old_missing_and_broken_programs_apart(tmp_path, monkeypatch):
    tool = tmp_path / "bwrap"
    tool.write_text("#!/bin/sh\necho bubblewrap 0.3.1\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    old = doctor._program(("bwrap",), "bubblewrap", doctor.GRADING, (0, 4))
    assert not old.ok and "0.4 is needed" in old.detail
    tool.write_text("not a program")
    assert "does not run" in doctor._program(("bwrap",), "bubblewrap", doctor.GRADING).detail
    gone = doctor._program(("no-such-program",), "nothing", doctor.GRADING)
    assert (gone.detail, gone.mend) == ("not installed", "apt-get install nothing")


def test_the_doctor_names_packages_that_are_missing_or_old():
    assert doctor._unmet("numpy>=1") == ""
    assert doctor._unmet("no-such-package>=1") == "no-such-package is not installed"
    assert "not >=999" in doctor._unmet("numpy>=999")


# --- release, grade, feedback, on a class of the demo's kinds -----------------------------

EXPECTED = {  # share of the points: at least, at most
    "ada": (1, 1),
    "alan": (0.7, 0.99),
    "barbara": (0.3, 0.9),
    "charles": (0, 0),
    "claude": (0.3, 0.7),
    "donald": (0.7, 0.99),
    "edsger": (0.3, 0.9),
    "grace": (0.7, 0.99),
    "hedy": (0.7, 0.99),
    "john": (0.3, 0.9),
    "kevin": (0, 0),
    "loki": (0, 0),
    "mallory": (0, 0),
    "niklaus": (0, 0),
}


in_one_worker = pytest.mark.xdist_group("class")  # which makes the class once


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The demo's class, handed in and graded by the command line: course folder, results."""
    folder = tmp_path_factory.mktemp("class") / "course"
    results = folder.parent / "results.json"
    done = run("release", TOPIC, COURSE_DIR=folder)
    assert done.returncode == 0, done.stderr
    demo.hand_in(folder, TOPIC)
    done = run("grade", TOPIC, "--json", results, COURSE_DIR=folder)
    assert done.returncode == 1, done.stdout + done.stderr  # one file could not be read
    return folder, json.loads(results.read_text()), done.stdout


@in_one_worker
def test_a_class_of_every_kind_gets_the_scores_it_earned(graded):
    _, results, table = graded
    rows = {row["student"]: row for row in results["rows"]}
    assert set(rows) == set(EXPECTED) == set(demo.CLASS)
    for student, (least, most) in EXPECTED.items():
        share = rows[student]["score"] / rows[student]["max_score"]
        assert least <= share <= most, (student, share)
        assert f"\n{student} " in f"\n{table}"


@in_one_worker
def test_known_mistakes_are_named_in_the_notebooks(graded):
    folder, _, _ = graded
    sentences = {m.says for exercise in exercises(TOPIC) for m in exercise.mistakes}
    for student in ("barbara", "edsger", "john"):
        path = folder / "autograded" / student / TOPIC / f"{TOPIC}.ipynb"
        report = nbformat.read(path, 4).metadata.autograder
        named = {e["mistake"] for e in report["exercises"]} & sentences
        assert len(named) >= 2, student


@in_one_worker
def test_feedback_is_written_for_everyone(graded):
    folder, _, _ = graded
    done = run("feedback", TOPIC, COURSE_DIR=folder)
    assert done.returncode == 0, done.stderr
    for student in demo.CLASS:
        assert (folder / "feedback" / student / TOPIC / f"{TOPIC}.html").is_file(), done.stdout


@in_one_worker
def test_one_student_can_be_graded_again(graded):
    folder, _, _ = graded
    done = run("grade", TOPIC, "--student", "ada", "--force", COURSE_DIR=folder)
    assert done.returncode == 0, done.stderr
    assert "ada" in done.stdout and "barbara" not in done.stdout


# --- the demo's class ---------------------------------------------------------------------


def test_a_submission_is_the_released_notebook_with_cells_replaced():
    name = exercises(TOPIC)[0].name
    notebook = demo.submission(TOPIC, {name: "x = 1"})
    nbformat.validate(nbformat.from_dict(notebook))
    released = nbformat.read(ROOT / "exercises" / TOPIC / f"{TOPIC}.ipynb", 4)
    changed = [
        a["metadata"]["nbgrader"]["grade_id"]
        for a, b in zip(notebook["cells"], released.cells)
        if "".join(a["source"]) != b.source
    ]
    assert changed == [name]
    with pytest.raises(DeclarationError, match="no cell named phonemes"):
        demo.submission(TOPIC, {"phonemes": "x = 1"})


@pytest.mark.parametrize("topic", topics())
def test_the_class_makes_mistakes_in_every_topic(topic):
    right = demo.right(topic)
    assert set(right) == {exercise.name for exercise in exercises(topic)}
    for number in range(3):
        wrong = demo.mistaken(topic, number)
        assert sum(wrong[name] != right[name] for name in right) >= 2


def test_help_waits_for_no_library():
    start = time.perf_counter()
    done = run("--help", PYTHONPROFILEIMPORTTIME="1")
    assert time.perf_counter() - start < 5  # a tenth of a second on a machine with nothing to do
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.returncode == 0 and {"argparse", "autograder"} <= loaded
    assert not loaded & {"numpy", "scipy", "matplotlib", "nbformat", "nbgrader", "sqlalchemy"}
