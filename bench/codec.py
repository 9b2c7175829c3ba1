"""The table of the chapter on CELP: the codec's figures on both corpora, STOI and PESQ included.

    python bench/codec.py            measure, write book/speechlab/data/codec.json, print
    python bench/codec.py --check    measure, write nothing; exit 1 if the file says otherwise

Needs the real corpus in its cache, and `pip install -e '.[measure]'` (PESQ is built by a C
compiler). Takes a few minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict

from speechlab.corpora.cache import DATA
from speechlab.figures import Figure, celp

TABLE = DATA / "codec.json"
PLACES = 4  # decimals that are kept; the same on every machine


def measured() -> list[Figure]:
    """The figures on the real corpus and on the embedded one.

    Raises
    ------
    SystemExit
        If STOI or PESQ is not installed.
    """
    if len(celp.measures()) < 3:
        raise SystemExit("STOI or PESQ is missing: python -m pip install -e '.[measure]'")
    found = []
    for corpus in ("fsdd", "embedded"):
        os.environ["SPEECHLAB_CORPUS"] = corpus
        found += celp.figures()
    return found


def main() -> None:
    """Write the table, or compare it with the one that is there."""
    parser = argparse.ArgumentParser(prog="python bench/codec.py", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args().check
    figures = measured()
    rows = [
        {k: round(v, PLACES) if isinstance(v, float) else v for k, v in asdict(f).items()}
        for f in figures
    ]
    print(*figures, sep="\n")
    if check:
        known = json.loads(TABLE.read_text())
        near = len(known) == len(rows) and all(
            abs(old["value"] - new["value"]) < 0.02
            and abs(old["baseline_value"] - new["baseline_value"]) < 0.02
            for old, new in zip(known, rows)
        )
        sys.exit(0 if near else f"{TABLE.name} says something else")
    TABLE.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
