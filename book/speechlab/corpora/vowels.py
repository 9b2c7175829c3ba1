"""Tables of measured (or, without a cache, drawn) vowel formants."""

from __future__ import annotations

import csv
from functools import lru_cache

import numpy as np

from .cache import REMEDY, VOWELS, CorpusError, embedded_only
from .clips import embedded_table

TABLES = {"peterson-barney": "pb52.csv", "hillenbrand": "h95.csv"}
GROUPS = {"m": "man", "w": "woman", "c": "child", "b": "child", "g": "child"}
# The tables write X-SAMPA, the book the international phonetic alphabet and a word said with it.
IPA = {"i": "i", "I": "ɪ", "E": "ɛ", "{": "æ", "A": "ɑ", "O": "ɔ", "U": "ʊ", "u": "u", "V": "ʌ"}
IPA |= {"3'": "ɝ", "e": "e", "o": "o"}
WORDS = {"i": "heed", "ɪ": "hid", "ɛ": "head", "æ": "had", "ɑ": "hod", "ɔ": "hawed", "ʊ": "hood"}
WORDS |= {"u": "who'd", "ʌ": "hud", "ɝ": "heard", "e": "hayed", "o": "hoed"}
FIELDS = [("group", "U5"), ("speaker", "U4"), ("vowel", "U1"), ("word", "U5")]
FIELDS += [(field, "f8") for field in ("f0", "f1", "f2", "f3")]


def vowel_table(name: str = "auto") -> np.ndarray:
    """Pitch and first three formants of vowels said by men, women and children.

    Parameters
    ----------
    name : "auto", "peterson-barney", "hillenbrand" or "embedded"
        "auto" is Peterson and Barney's if the cache holds it, else the embedded table, which was
        drawn around their published means. `SPEECHLAB_CORPUS=embedded` makes it always that.

    Returns
    -------
    table : structured array, one row a token
        `group` ("man", "woman", "child"), `speaker`, `vowel` (IPA), `word` (said with that vowel)
        and, in hertz, `f0`, `f1`, `f2`, `f3`.

    Raises
    ------
    ValueError
        If there is no table of that name.
    CorpusError, embedded_only
        If the table is not in the cache, or damaged there.
    """
    name = _automatic() if name == "auto" else name
    if name != "embedded" and name not in TABLES:
        known = ", ".join(["auto", *TABLES, "embedded"])
        raise ValueError(f"There is no vowel table {name!r}: there are {known}.")
    if name in TABLES and TABLES[name] not in VOWELS.present():
        raise CorpusError(f"The vowel table {name} is not in the cache: {REMEDY}.")
    return (_embedded() if name == "embedded" else _cached(TABLES[name])).copy()


def vowels_measured() -> bool:
    """Whether `vowel_table()` was measured on people; else it was drawn around their averages."""
    return _automatic() != "embedded"


def _automatic() -> str:
    if embedded_only():
        return "embedded"
    return "peterson-barney" if TABLES["peterson-barney"] in VOWELS.present() else "embedded"


@lru_cache
def _embedded() -> np.ndarray:
    rows = embedded_table("vowels")
    return _table((row["group"], row["speaker"], row["vowel"], row) for row in rows)


@lru_cache
def _cached(file: str) -> np.ndarray:
    rows = csv.DictReader(VOWELS.read(file).decode("utf-8").splitlines())
    return _table(
        (GROUPS[row["type"]], row["type"] + str(int(float(row["speaker"]))), IPA[row["vowel"]], row)
        for row in rows
    )


def _table(rows) -> np.ndarray:
    return np.array(
        [
            (
                group,
                speaker,
                vowel,
                WORDS[vowel],
                *(float(row[f]) for f in ("f0", "f1", "f2", "f3")),
            )
            for group, speaker, vowel, row in rows
        ],
        dtype=FIELDS,
    )
