"""`python -m speechlab.figures [SYSTEM...]`: each system's figure on held-out speech."""

from __future__ import annotations

import argparse
import sys

from tqdm.auto import tqdm

from speechlab.figures.registry import MEASURED


def main() -> None:
    """Print the figures of the named systems, or of all."""
    known = ", ".join(MEASURED)
    parser = argparse.ArgumentParser(prog="python -m speechlab.figures", description=__doc__)
    parser.add_argument("system", nargs="*", help=f"one of {known} (default: all)")
    names = parser.parse_args().system or list(MEASURED)
    unknown = sorted(set(names) - set(MEASURED))
    if unknown:
        parser.error(f"no system {', '.join(unknown)}; there are: {known}")
    for name in tqdm(names, desc="measuring", disable=None):
        for figure in MEASURED[name]():
            tqdm.write(str(figure))
            sys.stdout.flush()  # through a pipe, too: the next may take minutes


if __name__ == "__main__":
    main()
