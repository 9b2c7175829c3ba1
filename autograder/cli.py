"""The command line `autograder`: what an instructor types.

Every command imports what it needs when it runs, so that `--help` answers at once.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

OK, ATTENTION, USAGE, INTERRUPTED = 0, 1, 2, 130

ABOUT = """\
Release, grade and give feedback on the assignments of From Sound to Meaning.

Student code runs in a sandbox without network, files or secrets; scores go into nbgrader's
own gradebook, so formgrader and every nbgrader command see them.

A week with it:
  autograder doctor               can this machine grade safely? what is missing?
  autograder release lpc          write exercises/lpc/lpc.ipynb, the notebook students get
  autograder grade lpc            grade _course/submitted/<student>/lpc/lpc.ipynb, all of them
  autograder feedback lpc         write one page for each student into _course/feedback/
  autograder export ../public     the half of this repository that students may see
"""
CODES = """\
exit codes: 0 all is well; 1 the command ran and found something that needs you (a leak in an
export, a machine that cannot grade safely, a submission that could not be read); 2 the command
could not run, and one sentence says what to do; 130 interrupted."""


def _command(
    commands: argparse._SubParsersAction, name: str, summary: str, about: str, examples: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=summary,
        description=about,
        epilog=f"examples:\n{examples}\n\n{CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=globals()[f"_{name}"])
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
        "grade",
        "grade all submissions of a topic",
        "Grade every _course/submitted/STUDENT/TOPIC/TOPIC.ipynb and write the scores into the\n"
        "gradebook. A submission that was graded already is skipped unless --force is given or\n"
        "it has changed. A broken submission costs its own points and never stops the batch.",
        "  autograder grade lpc\n"
        "  autograder grade lpc --student ada --force       grade one again\n"
        "  autograder grade lpc --jobs 4 --json lpc.json    four at a time; results as a file",
    )
    grade.add_argument("topic", metavar="TOPIC")
    grade.add_argument("--jobs", type=int, metavar="N", help="at a time; default: one a core")
    grade.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    grade.add_argument("--force", action="store_true", help="grade again what was graded")
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

    export = _command(
        commands,
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
        "doctor",
        "can this machine grade safely?",
        "Check Python, the packages, the sandbox (it is started, and attacked), the gradebook,\n"
        "and what building and testing need; say for each thing missing how to get it.",
        "  autograder doctor",
    )
    _command(
        commands,
        "problems",
        "every problem of the exam and the homeworks, and what became of it",
        "Print each problem and part with the exercise that asks it: points, how many of its\n"
        "known mistakes are named, what its reference was compared with and the largest\n"
        "difference, and its page. Runs the oracles, which takes a minute. Exit code 1 if a\n"
        "problem of a topic that is there has no exercise, no oracle, or an unnamed mistake.",
        "  autograder problems",
    )
    demo = _command(
        commands,
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
    from autograder.exercise import topics
    from autograder.release import is_current, release, released_path

    if options.check:
        late = [t for t in options.topics or topics() if not is_current(t)]
        for topic in late:
            print(f"{released_path(topic)} is out of date: run `autograder release {topic}`")
        return ATTENTION if late else OK
    for path in release(options.topics):
        print(f"wrote {path}")
    return OK


def _grade(options: argparse.Namespace) -> int:
    from autograder import course, grade

    if options.jobs is not None and options.jobs < 1:
        print("autograder: --jobs must be 1 or more", file=sys.stderr)
        return USAGE
    batch = grade.grade(
        course.load(),
        options.topic,
        students=options.student,
        jobs=options.jobs,
        force=options.force,
        unsafe=options.unsafe_no_sandbox,
    )
    print(batch)
    if options.json:
        options.json.write_text(json.dumps(batch.as_json(), indent=2) + "\n")
        print(f"wrote {options.json}")
    return ATTENTION if batch.attention else OK


def _feedback(options: argparse.Namespace) -> int:
    from autograder import course, feedback

    pages = feedback.generate(course.load(), options.topic, students=options.student)
    for page in pages:
        print(f"wrote {page}")
    if not pages:
        print(f"no graded submission of {options.topic}: run `autograder grade {options.topic}`")
        return ATTENTION
    return OK


def _export(options: argparse.Namespace) -> int:
    from autograder.export import export, find_leaks

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
    from autograder.doctor import examine

    return OK if examine() else ATTENTION


def _problems(options: argparse.Namespace) -> int:
    from autograder import problems

    print("asking the oracles (a minute)", file=sys.stderr)
    found = list(problems.lines())
    print(problems.table(found))
    troubles = [f"{line.problem}: {line.trouble}" for line in found if line.trouble]
    for trouble in troubles:
        print(trouble, file=sys.stderr)
    return ATTENTION if troubles else OK


def _demo(options: argparse.Namespace) -> int:
    from autograder.demo import run

    run(options.topics)
    return OK


def _expected_errors() -> tuple[type[Exception], ...]:
    """The errors whose message tells the user what to do; anything else is a fault of ours."""
    from autograder.exercise import DeclarationError
    from autograder.runner.box import SandboxUnavailable

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
        from autograder.plain import plain

        print("autograder:", " ".join(plain(str(error)).splitlines()), file=sys.stderr)
        return USAGE


if __name__ == "__main__":
    sys.exit(main())
