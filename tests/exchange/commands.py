"""Runs nbgrader's own commands one after another, as a shell would, in one process.

Reads a list of {"folder", "environment", "command"} from standard input and prints the list of
exit codes. One process, because nbgrader takes seconds to import.
"""

import json
import os
import sys

from jupyter_core.application import NoStart
from nbgrader.apps.nbgraderapp import NbGraderApp


def run(folder, environment, command):
    """One command in a folder; its exit code."""
    os.chdir(folder)
    os.environ.update(environment)
    sys.argv = ["nbgrader", *command]
    app = NbGraderApp.instance()
    try:
        app.initialize(command)
        app.start()
    except NoStart:
        return 0
    except SystemExit as end:
        return end.code or 0
    finally:
        app.reset()
    return 0


if __name__ == "__main__":
    print(json.dumps([run(**step) for step in json.load(sys.stdin)]))
