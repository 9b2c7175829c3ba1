"""``python -m speechlab.site fetch``: the bundles that the site serves, into `book/vendor/`."""

from __future__ import annotations

import argparse
import sys

from speechlab.site import vendor


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m speechlab.site", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    fetch = commands.add_parser("fetch", help="fetch what is missing (needs a package registry)")
    fetch.add_argument("--again", action="store_true", help="fetch all of it afresh")
    commands.add_parser("status", help="say what is there")
    options = parser.parse_args(arguments)
    if options.command == "fetch":
        try:
            vendor.fetch(again=options.again)
        except vendor.FetchError as error:
            print(error, file=sys.stderr)
            return 1
    missing = vendor.missing()
    for bundle in vendor.BUNDLES:
        state = "missing" if bundle in missing else "ready"
        print(f"{bundle.package} {bundle.version}: {state}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
