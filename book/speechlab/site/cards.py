"""The chapters on the title page: a card each, and the words under which the search finds them.

`cards/cards.yml` says which question a chapter answers, what it builds on and what it is to be
found under; `cards/<topic>.svg` is its picture. How long it takes is counted in its text.
"""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.util.docutils import SphinxDirective

from speechlab.site import homework

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = Path(__file__).resolve().parent / "cards"
# Minutes: a word of prose, a formula on a line of its own, a question, a control or an instrument.
WORD, FORMULA, QUESTION, CONTROL = 1 / 130, 0.5, 1.0, 2.0
COUNTED = (
    "Times are counted: 130 words a minute, half a minute for a formula, a minute for a question, "
    "two minutes for a control."
)


def setup(app: Sphinx) -> None:
    """Connect to the build."""
    app.add_directive("chapters", Chapters)
    app.connect("doctree-read", add_index_words, priority=100)  # before they are collected
    app.connect("html-collect-pages", complete_search)


@cache
def cards() -> dict[str, dict[str, Any]]:
    """What `cards.yml` says of each topic."""
    return yaml.safe_load((FOLDER / "cards.yml").read_text(encoding="utf-8"))


def title(source: str) -> str:
    """The heading of a chapter's text."""
    found = re.search(r"^# (.+)$", source, re.MULTILINE)
    return found.group(1) if found else ""


def minutes(source: str) -> int:
    """How long a chapter takes to read and try, to five minutes, from its MyST text."""
    code = re.findall(r"^```\{code-cell\}.*?^```$", source, re.MULTILINE | re.DOTALL)
    controls = sum(len(re.findall(r"^\s*(?:explore|instrument)\(", cell, re.M)) for cell in code)
    prose = re.sub(r"^---.*?^---$|^```.*?^```$", " ", source, flags=re.MULTILINE | re.DOTALL)
    questions = len(re.findall(r"^`{3,}\{predict\}", source, re.MULTILINE))
    formulas = len(re.findall(r"\$\$.+?\$\$|\\begin\{", prose, re.DOTALL))
    words = len(re.sub(r"\$\$.+?\$\$", " ", prose, flags=re.DOTALL).split())
    counted = words * WORD + formulas * FORMULA + questions * QUESTION + controls * CONTROL
    return 5 * round(counted / 5)


class Chapters(SphinxDirective):
    """``{chapters}``: a list of cards for each numbered part of the table of contents."""

    option_spec: ClassVar = {}

    def run(self) -> list[nodes.Node]:
        """The cards, with the hours in all under them."""
        pages, total = [], 0
        folder = Path(self.env.srcdir)
        for part in yaml.safe_load((folder / "_toc.yml").read_text("utf-8"))["parts"]:
            if not set(part["caption"].split()[0]) <= set("IVX"):
                continue
            chapters = []
            for chapter in part["chapters"]:
                source = (folder / f"{chapter['file']}.md").read_text(encoding="utf-8")
                self.env.note_dependency(str(folder / f"{chapter['file']}.md"))
                total += minutes(source)
                chapters.append(self._card(chapter["file"], source))
            pages.append(
                f'<h3 class="speech-part">{html.escape(part["caption"])}</h3>'
                f'<ul class="speech-cards">{"".join(chapters)}</ul>'
            )
        self.env.note_dependency(str(folder / "_toc.yml"))
        self.env.note_dependency(str(FOLDER / "cards.yml"))
        hours = f"<p>All chapters together: about {round(total / 60)} hours. {COUNTED}</p>"
        return [nodes.raw("", "".join([*pages, hours]), format="html")]

    def _card(self, page: str, source: str) -> str:
        topic = Path(page).name
        said = cards()[topic]
        folder = Path(self.env.srcdir) / page
        needs = [title(folder.with_name(f"{n}.md").read_text("utf-8")) for n in said["needs"]]
        before = f"after {', '.join(needs)}" if needs else "needs no other chapter"
        link = self.env.app.builder.get_relative_uri(self.env.docname, page)
        picture = (FOLDER / f"{topic}.svg").read_text(encoding="utf-8").strip()
        task = ""
        if homework.notebook_of(self.env.app, topic).is_file():
            place = self.env.app.builder.get_relative_uri(self.env.docname, homework.page_of(topic))
            task = f', <a href="{place}">assignment</a>'
        return (
            f'<li class="speech-card"><a href="{link}">{picture}'
            f"<strong>{html.escape(title(source))}</strong></a>"
            f"<p>{html.escape(said['question'])}</p>"
            f"<p><small>{minutes(source)} minutes, {html.escape(before)}{task}</small></p></li>"
        )


def add_index_words(app: Sphinx, doctree: nodes.document) -> None:
    """Let the search find a chapter first under its words: entries of the index weigh most."""
    page = app.env.docname
    said = cards().get(Path(page).name)
    section = next(doctree.findall(nodes.section), None)
    if not said or section is None:
        return
    entries = [("single", word, section["ids"][0], "main", None) for word in said["words"]]
    section.insert(1, addnodes.index(entries=entries, inline=False))
    # Kept with the page, too: the search index of a build has only the pages that it writes again.
    kept = app.env.get_domain("index").entries.setdefault(page, [])
    kept += [entry for entry in entries if entry not in kept]


def complete_search(app: Sphinx) -> list:
    """Give the search the words of the pages that this build did not write again."""
    known = app.builder.indexer._index_entries
    for page, entries in app.env.get_domain("index").entries.items():
        if page not in known:
            known[page] = sorted(
                {(value, place or "", main) for _, value, place, main, _ in entries}
            )
    return []  # no page more
