"""Sources and glossary, which every chapter adds to."""

import re

from pybtex.database import parse_file

from tests.support.building import ROOT

BOOK = ROOT / "book"


def test_every_source_is_whole():
    sources = BOOK / "references.bib"
    begun = re.findall(r"^@\w+\{(.+),$", sources.read_text("utf-8"), re.MULTILINE)
    assert sorted(parse_file(sources).entries) == sorted(begun)


def entries() -> list[list[str]]:
    """The lines of each entry of the glossary."""
    text = (BOOK / "glossary.md").read_text("utf-8")
    inside = re.search(r"^```\{glossary\}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[1]
    return [entry.splitlines() for entry in inside.strip().split("\n\n")]


def test_each_entry_of_the_glossary_is_a_word_and_what_it_means():
    assert not [
        entry for entry in entries() if [line[:1] == " " for line in entry] != [False, True]
    ]


def test_the_glossary_is_in_the_order_of_the_alphabet():
    words = [re.sub("[^a-z ]", "", entry[0].casefold()) for entry in entries()]
    assert words == sorted(words)
