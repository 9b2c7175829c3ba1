"""The attack suite against stock nbgrader, otter-grader and this grader: who is cheated by what?

    python bench/attacks.py                        all three (half an hour); prints the tables
    python bench/attacks.py --skip nbgrader otter  this grader alone (a minute)
    python bench/attacks.py --only forge_run_cell steal_other_files
    python bench/attacks.py --json table.json --page book/instructors.md

The suite is `tests/attacks`. Stock nbgrader and otter-grader get the tests as anyone would write
them (see bench/autograde.py), and each attack on them runs in a throwaway machine: all outside it
is read-only, processes, network, home and temporary folders are its own, and so are the grader's
packages. `--page` writes the tables into the page between its two marks.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "book")]

from autograder.course.catalogue import exercises  # noqa: E402
from bench import autograde as bench  # noqa: E402
from tests.attacks import container, harness, marks  # noqa: E402
from tests.attacks.harness import FAMILIES, HONEST, TOPIC, Attack  # noqa: E402

KEPT, SKIPPED = "nothing", "not tried"
WORDS = {
    "files": "changes files",
    "processes": "leaves a process",
    "network": "reaches the network",
}
HARM = {name: "it could stop the machine" for name in ("hurt_fork_bomb", "hurt_memory")}
OURS_ONLY = {
    name: "there is nothing of the kind"
    for name in ("steal_import_reference", "steal_editable_install", "steal_bytecode")
}
SKIP = HARM | OURS_ONLY
NO_PAGE = "it writes no page and shows no output"  # otter-grader
FAMILY = {
    "forge": "Forging answers and scores",
    "steal": "Stealing answers and secrets",
    "hurt": "Hurting the machine or the batch",
    "last": "Lasting beyond the submission",
    "reach": "Reaching the network",
    "show": "Showing script to the instructor",
}
Keep = Callable[[str, str], None]
NAMES = {"nbgrader": "stock nbgrader", "otter": "otter-grader", "ours": "this grader"}
BEGIN, END = "<!-- attacks: begin -->", "<!-- attacks: end -->"


def outcome(report: dict[str, Any], attack: Attack, most: float) -> str:
    """What the attack achieved, in words."""
    score = report.get("scores", {}).get(attack.student, 0)
    found = [f"takes {score:g} of {most:g} points"] if not score <= 0 else []
    if report.get("others"):
        found.append("changes other students' marks")
    if report.get("found"):
        found.append("reads what it should not")
    if any(report.get("acts", {}).values()):
        found.append("acts in the instructor's browser")
    left = report.get("left", [])
    if report["ended"]:  # it was killed, so that its processes and copies are left by us
        left = [t for t in left if not t.startswith(("processes", "files: /tmp/tmp"))]
    found += [WORDS[kind] for kind in dict.fromkeys(t.partition(":")[0] for t in left)]
    if report["ended"]:
        found.append("stops the grader")
    return ", ".join(found) or KEPT


def environment_of_its_own(work: Path, python: Path) -> None:
    """A virtual environment that sees another's packages and can itself be written."""
    bench.must([python, "-m", "venv", "--without-pip", work / "venv"], work, bench.environment())
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.check_output([python, "-c", ask], text=True)
    site = next((work / "venv" / "lib").glob("python*/site-packages"))
    (site / "packages.pth").write_text(packages)


def nbgrader_ready(folder: Path) -> dict[str, Any]:
    """A course of stock nbgrader, in which the honest have been graded."""
    course = folder / "course"
    course.mkdir()
    bench.nbgrader_course(course)
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("c.Execute.timeout = 10\n")
    harness.hand_in_honest(course)
    bench.must([bench.BIN / "nbgrader", "autograde", TOPIC], course, bench.environment())
    return {"python": sys.executable}


def nbgrader_steps(python: str, course: Path, attack: Attack) -> list[list[str]]:
    program, student = [python, "-m", "nbgrader"], f"--student={attack.student}"
    steps = [[*program, "autograde", TOPIC, student]]
    if attack.family == "show":
        steps.append([*program, "generate_feedback", TOPIC, student])
    return steps


def otter_ready(folder: Path) -> dict[str, Any]:
    """An autograder of otter's, and the honest students' files."""
    course = folder / "course"
    course.mkdir()
    venv = bench.otter_environment(folder / "otter")
    bench.otter_autograder(course, venv)
    harness.hand_in_honest(course)
    return {"python": str(venv / "bin" / "python"), "readable": [str(venv)]}


def otter_steps(python: str, course: Path, attack: Attack) -> list[list[str]]:
    handed = f"submitted/{attack.student}/{TOPIC}/{TOPIC}.ipynb"
    options = ["-a", "autograder.zip", "-o", f"results/{attack.student}/", "--no-logo"]
    return [["mkdir", "-p", options[3]], [python, "-m", "otter", "run", handed, *options]]


def otter_score(course: Path, attack: Attack) -> float:
    try:
        tests = json.loads((course / "results" / attack.student / "results.json").read_text())
        return sum(test["score"] for test in tests["tests"] if test.get("max_score"))
    except (OSError, ValueError, KeyError):
        return 0.0


def against(ready: Callable, steps: Callable, jobs: int) -> Callable:
    """How to run attacks against another grader, each in a machine of its own."""

    def run(attacks: list[Attack], most: float, keep: Keep) -> None:
        template = Path(tempfile.mkdtemp(prefix="attacks-"))
        try:
            about = ready(template)
            environment_of_its_own(template, Path(about["python"]))

            def one(attack: Attack) -> None:
                why = SKIP.get(attack.name, "")
                if steps is otter_steps and attack.family == "show":
                    why = NO_PAGE
                if why:
                    keep(attack.name, f"{SKIPPED}: {why}")
                else:
                    keep(attack.name, tried(attack, template, about, steps, most))

            with ThreadPoolExecutor(jobs) as pool:
                list(pool.map(one, attacks))
        finally:
            shutil.rmtree(template, ignore_errors=True)

    return run


def tried(
    attack: Attack, template: Path, about: dict[str, Any], steps: Callable, most: float
) -> str:
    """One attack in a throwaway machine."""
    work = container.new_work()
    try:
        for part in ("course", "venv"):
            shutil.copytree(template / part, work / part, symlinks=True)
        course, python = work / "course", work / "venv" / "bin" / "python"
        task = {
            "attacks": [attack.name],
            "course": str(course),
            "folder": str(course),
            "commands": steps(str(python), course, attack),
            "environment": {
                "GRADER_SECRET": harness.SECRET,
                "PYTHONPATH": "",
                "JUPYTER_PATH": str(Path(about["python"]).parent.parent / "share" / "jupyter"),
                "PATH": f"{python.parent}{os.pathsep}{bench.environment()['PATH']}",
            },
            "facts": {"ROOT": str(course)},
            "places": [str(work), "/tmp", "/var/tmp", "/dev/shm"],
            "everywhere": True,
            # A busy machine is slow; only what is meant to hang is given up early.
            "step_seconds": 120 if attack.family == "hurt" else 400,
            "seconds": 900,
        }
        readable = [Path(p) for p in about.get("readable", ())]
        report = container.run(work, task, readable)
        if steps is otter_steps:
            report["scores"] = {attack.student: otter_score(course, attack)}
        return outcome(report, attack, most)
    finally:
        container.remove(work)


def ours(attacks: list[Attack], most: float, keep: Keep) -> None:
    """All attacks in one class, graded by `autograder grade`."""
    from tests.attacks import test_attacks as suite

    with tempfile.TemporaryDirectory(prefix="attacks-") as name:
        folder = Path(name)
        os.environ |= {"COURSE_DIR": name, "GRADER_SECRET": harness.SECRET}
        suite.ATTACKS[:] = attacks
        after = suite.a_class(folder, suite.through_our_door)
        book = marks.book_of_others(folder / "gradebook.db", set(HONEST))
        common = {"left": after.left, "others": book != after.before, "ended": ""}
        for attack in attacks:
            page = after.pages.get(attack.student, "")
            notebook = marks.autograded(folder, attack.student)
            told = notebook is not None and marks.tells(notebook)
            report = {"scores": after.scores, "found": told, "acts": {"page": marks.acts(page)}}
            keep(attack.name, outcome(common | report, attack, most))


def table(rows: list[list[str]], head: list[str]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def in_words(attacks: list[Attack], found: dict[str, dict[str, str]]) -> str:
    """The tables, as Markdown: how many of each family achieve something, then each attack."""
    systems = list(found)
    heads = [NAMES[system] for system in systems]
    counts = []
    for family in (*FAMILIES, "all"):
        names = [a.name for a in attacks if family in (a.family, "all")]
        cells = []
        for system in systems:
            tried_ = [found[system][n] for n in names if not found[system][n].startswith(SKIPPED)]
            won = sum(result != KEPT for result in tried_)
            cells.append(f"{won} of {len(tried_)}")
        counts.append([FAMILY.get(family, "All"), *cells])
    rows = [
        [f"`{a.name}`: {a.tries}".replace("|", "\\|"), *(found[s][a.name] for s in systems)]
        for a in attacks
    ]
    whole = table(rows, ["Attack", *heads])
    return "\n".join(
        [
            table(counts, ["Attacks that achieve something", *heads]),
            "",
            ":::{dropdown} Each attack, and what it achieved",
            whole,
            ":::",
        ]
    )


def write_page(page: Path, words: str) -> None:
    """Put the tables between the page's marks."""
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n{words}\n{END}{after}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="*", default=[], metavar="ATTACK")
    parser.add_argument("--skip", nargs="*", default=[], choices=list(NAMES))
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="keep what was found there, and go on from it"
    )
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the tables in there")
    options = parser.parse_args()
    attacks = harness.attacks(options.only)
    most = sum(exercise.points for exercise in exercises(TOPIC))
    systems = {
        "nbgrader": against(nbgrader_ready, nbgrader_steps, options.jobs),
        "otter": against(otter_ready, otter_steps, options.jobs),
        "ours": ours,
    }
    kept = options.json and options.json.exists()
    found = json.loads(options.json.read_text()) if kept else {}
    for name, run in systems.items():
        if name not in options.skip:
            done = found.setdefault(name, {})
            left = [attack for attack in attacks if attack.name not in done]
            print(f"{NAMES[name]}: {len(left)} attacks", file=sys.stderr, flush=True)

            def keep(attack: str, result: str, done: dict[str, str] = done) -> None:
                done[attack] = result
                print(f"  {attack}: {result}", file=sys.stderr, flush=True)
                if options.json:
                    options.json.write_text(json.dumps(found, indent=1))

            try:
                if left:
                    run(left, most, keep)
            except bench.CannotRun as error:
                print(f"{NAMES[name]} is left out: {error}", file=sys.stderr)
    found = {name: found[name] for name in NAMES if found.get(name)}
    shown = [a for a in attacks if all(a.name in found[system] for system in found)]
    words = in_words(shown, found)
    print(words)
    if options.page:
        write_page(options.page, words)


if __name__ == "__main__":
    main()
