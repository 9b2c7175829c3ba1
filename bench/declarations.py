"""How long are the declarations of the exercises?

    python bench/declarations.py            every topic
    python bench/declarations.py lpc        one topic, and each of its exercises

The lines of an exercise are those of its `Exercise(...)` and of what stands between it and the
exercise before: its inputs, wrong versions and correct alternatives, blank lines included, imports
not. Modules that declare no exercise, such as the `inputs.py` that themes share, count in the total
only.
"""

from __future__ import annotations

import argparse
import ast
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autograder.course.catalogue import topics  # noqa: E402

CHECKS = ROOT / "autograder" / "checks"


def _is_exercise(node: ast.stmt) -> bool:
    value = getattr(node, "value", None)
    return isinstance(value, ast.Call) and getattr(value.func, "id", "") == "Exercise"


def lengths(path: Path) -> dict[str, int]:
    """The lines of each exercise that a module declares."""
    found, start = {}, 0
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            start = node.end_lineno
        if _is_exercise(node):
            found[ast.unparse(node.targets[0])] = node.end_lineno - start
            start = node.end_lineno
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("topic", nargs="*", metavar="TOPIC")
    options = parser.parse_args()
    everything, total = [], 0
    for topic in options.topic or topics():
        files = sorted((CHECKS / topic).glob("*.py"))
        found = {name: n for path in files for name, n in lengths(path).items()}
        whole = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
        print(
            f"{topic:20s}{len(found):4d} exercises{whole:7,d} lines, median "
            f"{statistics.median(found.values()):g} an exercise"
        )
        for name, n in found.items() if options.topic else ():
            print(f"    {name:28s}{n:5d}")
        everything += found.values()
        total += whole
    print(
        f"{'all':20s}{len(everything):4d} exercises{total:7,d} lines, median "
        f"{statistics.median(everything):g} an exercise"
    )


if __name__ == "__main__":
    main()
