"""`python -m training [NAME...]`: rebuilds the shipped weights, and says how close they came.

A run that was stopped goes on where it was; --fresh starts again from nothing.
"""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys

import training

SHARED = {"common"}


def scripts() -> list[str]:
    """The names of the training scripts."""
    names = (found.name for found in pkgutil.iter_modules(training.__path__))
    return sorted(n for n in names if not n.startswith("_") and n not in SHARED)


def main() -> None:
    """Train what is asked for; exits 1 if a figure left the tolerance of its card."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"one of {', '.join(scripts())} (default: all)")
    parser.add_argument("--fresh", action="store_true", help="forget what a stopped run had done")
    arguments = parser.parse_args()
    names = arguments.name or scripts()
    unknown = sorted(set(names) - set(scripts()))
    if unknown:
        parser.error(f"no script {', '.join(unknown)}; there are: {', '.join(scripts())}")
    try:
        import torch  # noqa: F401
    except ImportError:
        sys.exit("training needs PyTorch: python -m pip install -e '.[train]'")
    outcomes = [importlib.import_module(f"training.{name}").main(arguments.fresh) for name in names]
    sys.exit(0 if all(outcomes) else 1)


if __name__ == "__main__":
    main()
