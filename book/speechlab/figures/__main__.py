"""`python -m speechlab.systems [MODULE...]`: each system's figure on held-out speech."""

from __future__ import annotations

import argparse
import sys

from tqdm.auto import tqdm

from speechlab.systems import figures, modules


def main() -> None:
    """Print the figures of the named modules, or of all."""
    parser = argparse.ArgumentParser(prog="python -m speechlab.systems", description=__doc__)
    parser.add_argument("module", nargs="*", help=f"one of {', '.join(modules())} (default: all)")
    names = parser.parse_args().module or modules()
    unknown = sorted(set(names) - set(modules()))
    if unknown:
        parser.error(f"no system {', '.join(unknown)}; there are: {', '.join(modules())}")
    for name in tqdm(names, desc="measuring", disable=None):
        for figure in figures(name):
            tqdm.write(str(figure))
            sys.stdout.flush()  # through a pipe, too: the next may take minutes


if __name__ == "__main__":
    main()
