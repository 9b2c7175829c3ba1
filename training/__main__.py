"""`python -m training [NAME...]`: rebuilds the shipped weights, and says how close they came.

A run that was stopped goes on where it was; --fresh starts again from nothing. --check does that in
a copy of the project, so that the files which ship stay as they are.
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


def trained(name: str, fresh: bool, seed: int | None = None) -> bool:
    """Run a script; whether its figure is within the tolerance of the card there was."""
    script = importlib.import_module(f"training.{name}")
    if seed is not None:
        if not hasattr(script, "SEED"):
            raise SystemExit(f"the seed of {name} is fixed in its parts: leave out --seed")
        script.SEED = seed
    return script.main(fresh)


def main() -> None:
    """Train what is asked for; exits 1 if a figure left the tolerance of its card."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"one of {', '.join(scripts())} (default: all)")
    parser.add_argument("--fresh", action="store_true", help="forget what a stopped run had done")
    parser.add_argument(
        "--check", action="store_true", help="train in a copy, and compare with what ships"
    )
    parser.add_argument("--seed", type=int, help="draw by this seed instead of the script's own")
    arguments = parser.parse_args()
    names = arguments.name or scripts()
    unknown = sorted(set(names) - set(scripts()))
    if unknown:
        parser.error(f"no script {', '.join(unknown)}; there are: {', '.join(scripts())}")
    try:
        import torch  # noqa: F401
    except ImportError:
        sys.exit("training needs PyTorch: python -m pip install -e '.[train]'")
    if arguments.check:
        from training._checking import check

        outcomes = [check(name, arguments.seed) for name in names]
    else:
        outcomes = [trained(name, arguments.fresh, arguments.seed) for name in names]
    sys.exit(0 if all(outcomes) else 1)


if __name__ == "__main__":
    main()
