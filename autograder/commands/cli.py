"""The command line `autograder`: what an instructor types.

Every command imports what it needs when it runs, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.batch.prestart import Standby

OK, ATTENTION, USAGE, INTERRUPTED = 0, 1, 2, 130

ABOUT = """\
Release, grade and give feedback on the assignments of From Sound to Meaning.

Student code runs in a sandbox without network, files or secrets; scores go into nbgrader's
own gradebook, so formgrader and every nbgrader command see them.

A week with it:
  autograder doctor               can this machine grade safely? what is missing?
  autograder release lpc          write exercises/lpc/lpc.ipynb, the notebook students get
  autograder grade lpc            grade _course/submitted/<student>/lpc/lpc.ipynb, all of them
  autograder grade lpc --dry-run  after correcting a check: whose score would change, and how
  autograder feedback lpc         write one page for each student into _course/feedback/
  autograder report lpc           what the class can do, and where it went wrong
  autograder csv lpc --for canvas the grades, for Canvas or Moodle to import
  autograder export ../public     the half of this repository that students may see
"""
CODES = """\
exit codes: 0 all is well; 1 the command ran and found something that needs you (a leak in an
export, a machine that cannot grade safely, a submission or grade that was left out or could not
be read, a student named who has none); 2 the command could not run, and one sentence says what
to do; 130 interrupted."""


def _command(
    commands: argparse._SubParsersAction,
    run: Callable[[argparse.Namespace], int],
    name: str,
    summary: str,
    about: str,
    examples: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=summary,
        description=about,
        epilog=f"examples:\n{examples}\n\n{CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def parser() -> argparse.ArgumentParser:
    """The whole command line, with its help."""
    top = argparse.ArgumentParser(
        prog="autograder",
        description=ABOUT,
        epilog=f"`autograder COMMAND --help` has examples.\n\n{CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(metavar="COMMAND", required=True)

    release = _command(
        commands,
        _release,
        "release",
        "write the assignments that students get",
        "Write exercises/TOPIC/TOPIC.ipynb from solutions/TOPIC.md, the references and the\n"
        "checks, through nbgrader's own generate_assignment. Nothing changed gives the same\n"
        "bytes. `nbgrader generate_assignment TOPIC --force` does the same.",
        "  autograder release            every topic of _toc.yml\n"
        "  autograder release lpc hmm    these two\n"
        "  autograder release --check    write nothing; exit 1 if an assignment is out of date",
    )
    release.add_argument("topics", metavar="TOPIC", nargs="*", help="default: every topic")
    release.add_argument("--check", action="store_true", help="only say which are out of date")

    grade = _command(
        commands,
        _grade,
        "grade",
        "grade all submissions of a topic",
        "Grade every _course/submitted/STUDENT/TOPIC/TOPIC.ipynb and write the scores into the\n"
        "gradebook. A submission that was graded already is skipped unless --force is given or\n"
        "it has changed. A broken submission costs its own points and never stops the batch.\n"
        "A batch that was stopped, by whatever, goes on where it was when it is run again. After\n"
        "a check was corrected, --dry-run shows what would change before anything does; scores\n"
        "and comments that a person gave always stay.",
        "  autograder grade lpc\n"
        "  autograder grade lpc --dry-run                   student by student: old -> new\n"
        "  autograder grade lpc --student ada --force       grade one again\n"
        "  autograder grade lpc --jobs 4 --json lpc.json    four at a time; results as a file\n"
        "  autograder grade lpc --scheduler tcp://head:8786 on a cluster: book/clusters.md",
    )
    grade.add_argument("topic", metavar="TOPIC")
    grade.add_argument("--jobs", type=int, metavar="N", help="at a time; default: one a core")
    grade.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="grade on the workers of this Dask scheduler, tcp:// or tls://; default: "
        'c.Autograder.scheduler; "" is this machine',
    )
    grade.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    grade.add_argument("--force", action="store_true", help="grade again what was graded")
    grade.add_argument(
        "--dry-run", action="store_true", help="write nothing; show what would change, and how"
    )
    grade.add_argument(
        "--student", action="append", metavar="ID", help="only this one; may be repeated"
    )
    grade.add_argument(
        "--unsafe-no-sandbox",
        action="store_true",
        help="run student code WITHOUT the sandbox, with all that you can read and write in its "
        "reach; every score is marked as such",
    )

    feedback = _command(
        commands,
        _feedback,
        "feedback",
        "write a page for each graded student",
        "Write _course/feedback/STUDENT/TOPIC/TOPIC.html for each graded submission: points by\n"
        "criterion, the mistake by name where it is a known one, the student's own code.\n"
        "Never an expected value or a hidden check.",
        "  autograder feedback lpc\n  autograder feedback lpc --student ada",
    )
    feedback.add_argument("topic", metavar="TOPIC")
    feedback.add_argument(
        "--student", action="append", metavar="ID", help="only this one; may be repeated"
    )

    report = _command(
        commands,
        _report,
        "report",
        "write a page on what the class can do",
        "Write _course/reports/TOPIC.html for the instructor: scores, how hard each exercise was\n"
        "and how well it tells strong from weak, the criteria that fail most, the known mistakes\n"
        "and who made them, what failed to run and why, time taken, and functions that are alike,\n"
        "side by side, to be read and not judged by. It names students: it is not for them.",
        "  autograder report lpc\n  autograder report lpc --output lpc.html",
    )
    report.add_argument("topic", metavar="TOPIC")
    report.add_argument("--output", type=Path, metavar="FILE", help="write the page there")

    csv = _command(
        commands,
        _csv,
        "csv",
        "write the grades for Canvas or Moodle",
        "Write _course/grades/TOPIC-canvas.csv or TOPIC-moodle.csv, which the gradebook of Canvas\n"
        "or Moodle imports. Late penalties are taken off; the ids of the students must be their\n"
        "logins there. Exit code 1 if one had to be left out or a score is not final. In Moodle,\n"
        "map from Username to username, and the last column to the assignment.",
        "  autograder csv lpc --for canvas --column 'Linear prediction (1234)'\n"
        "  autograder csv lpc --for moodle --output lpc.csv",
    )
    csv.add_argument("topic", metavar="TOPIC")
    csv.add_argument(
        "--for", dest="kind", choices=("canvas", "moodle"), required=True, help="who imports it"
    )
    csv.add_argument(
        "--column", metavar="NAME", help="the assignment's title there; default: the topic"
    )
    csv.add_argument("--output", type=Path, metavar="FILE", help="write the grades there")

    export = _command(
        commands,
        _export,
        "export",
        "write the public half to a folder",
        "Copy the book and the assignments to DIR, ready to be a public repository, and search\n"
        "the copy for answers: reference bodies under any names, hidden checks, mistakes,\n"
        "solution cells. Exit code 1 if one is found.",
        "  autograder export ../from-sound-to-meaning\n"
        "  autograder export ../from-sound-to-meaning --force --site _build/html",
    )
    export.add_argument("folder", metavar="DIR", type=Path, help="empty, or not there yet")
    export.add_argument("--force", action="store_true", help="write over what an export wrote")
    export.add_argument("--site", type=Path, metavar="HTML", help="search this built site too")

    _command(
        commands,
        _doctor,
        "doctor",
        "can this machine grade safely?",
        "Check Python, the packages, the sandbox (it is started, and attacked), the gradebook,\n"
        "and what building and testing need; say for each thing missing how to get it.",
        "  autograder doctor",
    )
    _command(
        commands,
        _problems,
        "problems",
        "every problem of the exam and the homeworks, and what became of it",
        "Print each problem and part with the exercise that asks it: points, how many of its\n"
        "known mistakes are named, what its reference was compared with and the largest\n"
        "difference, and its page. Runs the oracles, which takes a minute. Exit code 1 if a\n"
        "problem of a topic that is there has no exercise, no oracle, or an unnamed mistake.",
        "  autograder problems",
    )
    _command(
        commands,
        _coverage,
        "coverage",
        "the curriculum: topics, formulas of the book and of the lecture slides, systems",
        "Print each topic that the course owes, with its page, exercises and oracles; then each\n"
        "display formula of the book and what holds it to being right; then each formula of the\n"
        "lecture slides with the formula that answers it; then each system, with its page, the\n"
        "exercises that build its parts, their worst oracle, and what was measured of it.\n"
        "Runs the oracles, which takes a minute. Exit code 1 if a formula of a topic that is\n"
        "there is held by nothing, or a system lacks one of these.",
        "  autograder coverage",
    )
    demo = _command(
        commands,
        _demo,
        "demo",
        "a demo class: release, hand in, grade, feedback",
        "Write a class of a dozen submissions to _demo/ (perfect, partial, untouched, known\n"
        "mistakes, an endless loop, a crash, cheats, a broken file), grade it, print the table,\n"
        "write the feedback and say which pages to open.",
        "  autograder demo\n  autograder demo lpc",
    )
    demo.add_argument("topics", metavar="TOPIC", nargs="*", help="default: every topic")
    return top


def _release(options: argparse.Namespace) -> int:
    from autograder.course import course
    from autograder.release.assignments import is_current, release

    here = course.load()
    if options.check:
        late = [t for t in options.topics or here.topics() if not is_current(t, here)]
        for topic in late:
            print(f"{here.released(topic)} is out of date: run `autograder release {topic}`")
        return ATTENTION if late else OK
    for path in release(options.topics, here):
        print(f"wrote {path}")
    return OK


def _grade(options: argparse.Namespace) -> int:
    if options.jobs is not None and options.jobs < 1:
        print("autograder: --jobs must be 1 or more", file=sys.stderr)
        return USAGE
    if options.scheduler and options.jobs:
        print(
            "autograder: --jobs is for this machine: leave it out with --scheduler, where as "
            "many work as there are workers",
            file=sys.stderr,
        )
        return USAGE
    if options.scheduler or options.unsafe_no_sandbox:
        return _graded(options, None)
    from autograder.batch.prestart import Standby

    with Standby(options.jobs) as standby:  # first of all: the imports below take a while, too
        return _graded(options, standby)


def _graded(options: argparse.Namespace, standby: Standby | None) -> int:
    from autograder.batch import dry_run, grade
    from autograder.batch.request import Request
    from autograder.course import atomic_files, course

    request = Request(
        course.load(),
        options.topic,
        students=options.student,
        jobs=options.jobs,
        force=options.force,
        unsafe=options.unsafe_no_sandbox,
        scheduler=options.scheduler,
        standby=standby,
    )
    batch = dry_run.preview(request) if options.dry_run else grade.grade(request)
    print(batch)
    if options.json:
        atomic_files.replace(options.json, json.dumps(batch.as_json(), indent=2) + "\n")
        print(f"wrote {options.json}")
    return ATTENTION if batch.attention else OK


def _feedback(options: argparse.Namespace) -> int:
    from autograder.course import course
    from autograder.pages import feedback

    pages = feedback.generate(course.load(), options.topic, students=options.student)
    for page in pages:
        print(f"wrote {page}")
    if not pages:
        print(f"no graded submission of {options.topic}: run `autograder grade {options.topic}`")
        return ATTENTION
    return OK


def _report(options: argparse.Namespace) -> int:
    from autograder.course import course
    from autograder.pages import report
    from autograder.submission.sanitise import plain

    made = report.generate(course.load(), options.topic, options.output)
    if made is None:
        print(f"no graded submission of {options.topic}: run `autograder grade {options.topic}`")
        return ATTENTION
    path, found = made
    many = len(found.graded)
    print(f"wrote {path}, on {many} submission{'' if many == 1 else 's'}")
    for student, why in found.missing:
        print(f"not in it: {plain(student, 100)}: {why}")
    return ATTENTION if found.missing else OK


def _csv(options: argparse.Namespace) -> int:
    from autograder.course import course
    from autograder.pages import lms

    made = lms.export(course.load(), options.topic, options.kind, options.column, options.output)
    print(f"wrote {made.path}, {made.count} grades")
    for sentence in made.says:
        print(sentence)
    return ATTENTION if made.says or not made.count else OK


def _export(options: argparse.Namespace) -> int:
    from autograder.release.export import export, find_leaks

    export(options.folder, force=options.force)
    leaks = find_leaks(options.folder, site=options.site)
    for leak in leaks:
        print(leak)
    if leaks:
        print(
            f"{len(leaks)} answers would be public: mend this before you publish {options.folder}"
        )
        return ATTENTION
    print(f"wrote {options.folder}, and found no answer in it")
    return OK


def _doctor(options: argparse.Namespace) -> int:
    from autograder.commands.doctor import examine

    return OK if examine() else ATTENTION


def _problems(options: argparse.Namespace) -> int:
    from autograder.release import problems

    print("asking the oracles (a minute)", file=sys.stderr)
    found = list(problems.lines())
    print(problems.table(found))
    troubles = [f"{line.problem}: {line.trouble}" for line in found if line.trouble]
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    return ATTENTION if troubles else OK


def _coverage(options: argparse.Namespace) -> int:
    from autograder.course.catalogue import topics
    from autograder.release import coverage, owed_systems, problems

    says = coverage.table()
    print("asking the oracles (a minute)", file=sys.stderr)
    oracles = problems.measured(topics())
    print("\n".join([*coverage.lines(says, oracles), "", *owed_systems.lines(oracles)]))
    troubles = [*coverage.all_troubles(says), *owed_systems.troubles(oracles)]
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    return ATTENTION if troubles else OK


def _demo(options: argparse.Namespace) -> int:
    from autograder.commands.demo import run

    run(options.topics)
    return OK


def _expected_errors() -> tuple[type[Exception], ...]:
    """The errors whose message tells the user what to do; anything else is a fault of ours."""
    from autograder.exercise.declare import DeclarationError
    from autograder.sandbox.errors import SandboxUnavailable

    return DeclarationError, SandboxUnavailable, OSError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; user errors are one sentence on stderr."""
    options = parser().parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):  # the name of a folder need not be text
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return options.run(options)
    except KeyboardInterrupt:
        print("autograder: interrupted; what was graded is in the gradebook", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # whoever reads our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        if not isinstance(error, _expected_errors()):
            raise
        from autograder.submission.sanitise import plain

        print("autograder:", " ".join(plain(str(error)).splitlines()), file=sys.stderr)
        return USAGE


if __name__ == "__main__":
    sys.exit(main())
