"""Nothing of a student's acts on whoever opens a page, whatever it is put together from.

Text is built from tags, attributes, schemes, entities, CSS and Markdown in any order, rendered by
what renders it in earnest, and parsed by html5lib, which reads as a browser does. What is allowed
is listed; everything else is active.
"""

import re
from urllib.parse import urlsplit

import html5lib
import pytest
from hostile import elements, links, texts
from hypothesis import given
from inputs import tried
from markdown_it import MarkdownIt
from nbconvert.filters import markdown2html

from autograder.gradebook.gradebook import GradedCell, Marks, Structure
from autograder.judging.score import CriterionResult, Verdict
from autograder.pages.feedback import Page
from autograder.sandbox.job import CellResult
from autograder.submission import autograded
from autograder.submission.assignment import Part, Slot
from autograder.submission.report import Report
from autograder.submission.sanitise import harmless_markdown, plain

HTML = "{http://www.w3.org/1999/xhtml}"
MARKDOWN_TAGS = set(
    "html head body p h1 h2 h3 h4 h5 h6 em strong code pre a ul ol li blockquote hr br table thead "
    "tbody tr th td div span del s sup sub section input".split()
)
MARKDOWN_ATTRIBUTES = {"href", "title", "id", "class", "start", "style", "type", "disabled"}
MARKDOWN_ATTRIBUTES |= {"checked", "role", "aria-hidden", "aria-label"}
SAFE = ("", "http", "https", "mailto", "ftp")
COMMONMARK = MarkdownIt("commonmark", {"html": True}).enable("table")
MATHJAX = re.compile(
    r"\\(href|require|csname|class|style|cssId|unicode|data|include|def|let|newcommand)\b"
)


def _walk(html):
    """Every element with its tag, as a browser would have them."""
    tree = html5lib.parse(html, namespaceHTMLElements=True)
    found = [element for element in tree.iter() if isinstance(element.tag, str)]
    return [(element, element.tag.removeprefix(HTML)) for element in found]


def _scheme(address):
    """The scheme as a browser reads it: without white space and control characters."""
    return urlsplit(re.sub(r"[\x00-\x20\x7f-\x9f]", "", address)).scheme.lower()


def _commands(html):
    """What MathJax would obey in the text: commands that are outside code."""
    code = {
        part for element, tag in _walk(html) if tag in ("code", "pre") for part in element.iter()
    }
    words = [
        word
        for element, _ in _walk(html)
        if element not in code
        for word in (element.text, *(child.tail for child in element))
    ]
    return [word for word in words if word and MATHJAX.search(word)]


def active(html, tags_allowed, attributes_allowed):
    """What in the page could act, fetch or pretend."""
    found = []
    for element, tag in _walk(html):
        if tag not in tags_allowed:
            found.append(tag)
        for name, value in element.attrib.items():
            if name not in attributes_allowed or name.startswith("on"):
                found.append((tag, name))
            if name == "href" and _scheme(value) not in SAFE:
                found.append((tag, name, value))
            if name == "style" and re.search(r"url|@|expression|\\", value):
                found.append((tag, name, value))
    return found


def _rendered(text):
    """The text by both renderers: nbconvert's, which formgrader uses, and CommonMark's."""
    yield markdown2html(text)
    yield COMMONMARK.render(text)


@tried(200)
@given(texts)
def test_markdown_made_harmless_does_nothing(text):
    for html in _rendered(harmless_markdown(text)):
        assert not active(html, MARKDOWN_TAGS, MARKDOWN_ATTRIBUTES)
        assert not _commands(html)


def test_the_same_texts_would_do_something():
    """What is built is worth refusing: much of it acts where it is not made harmless."""
    seen = []

    @tried(60)
    @given(elements | links)
    def look(text):
        seen.append(bool(active(COMMONMARK.render(text), MARKDOWN_TAGS, MARKDOWN_ATTRIBUTES)))

    look()
    assert sum(seen) > len(seen) / 5


@tried(200)
@given(texts)
def test_plain_text_has_nothing_for_a_terminal(text):
    shown = plain(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    assert plain(shown) == shown


# --- the page -----------------------------------------------------------------------------

PARTS = (
    Part("f", "code", "def f(): ...", solution=True),
    Part("f-check", "code", "assert f()", locked=True, grade=True, points=2.0),
    Part("why", "markdown", "YOUR ANSWER HERE", grade=True, solution=True, points=3.0),
)
PAGE = Page(
    Structure(
        "1",
        "2",
        "toy",
        None,
        tuple(GradedCell(part.name, part.name, "GradeCell", part.points) for part in PARTS[1:]),
        {},
    )
)
PAGE_TAGS = set(
    "html head body main title meta style div p h1 h2 h3 small span a nav ul ol li section header "
    "table caption thead tbody tr th td details summary pre code".split()
)
PAGE_ATTRIBUTES = set(
    "lang charset http-equiv content name class id href style scope tabindex open aria-hidden "
    "aria-label aria-labelledby".split()
)


def _graded(text):
    """The graded notebook of a student who writes the text wherever one can, by our own code."""
    criterion = CriterionResult("is right", 2.0, 0.0, f"your function raised ValueError: {text}")
    verdict = Verdict("f", 2.0, 0.0, (criterion,), "Count again.", (text,))
    result = CellResult(text, f"ValueError: {text}", text, "")
    report = Report("", "ada", "toy", (text,), False, True, (), 0.1, {}, {}, (verdict,))
    slots = [Slot(part.kind, text, part) for part in PARTS] + [Slot("code", text)]
    composed = autograded.compose(slots, dict.fromkeys(range(4), result), report, set())
    graded = autograded.read(composed)
    assert graded.report == report
    return graded


@tried(60)
@given(texts)
def test_a_feedback_page_does_nothing_and_asks_for_nothing(text):
    marks = Marks(auto={"f-check": 0.0}, comments={"why": text, "f": text})
    html = PAGE.render(_graded(text), marks)
    assert not active(html, PAGE_TAGS, PAGE_ATTRIBUTES)
    for element, tag in _walk(html):
        assert element.get("href", "#").startswith("#")
        assert tag != "meta" or element.get("http-equiv", "").lower() != "refresh"
    assert html.count("<style>") == 1 and "default-src 'none'" in html


@tried(60)
@given(texts)
def test_what_formgrader_is_given_holds_no_html_of_a_student(text):
    for cell in _graded(text).cells:
        assert set(cell) <= {"cell_type", "metadata", "source", "outputs", "execution_count"}
        for output in cell.get("outputs", []):
            assert output["output_type"] in ("stream", "error")
        if cell["cell_type"] == "markdown":
            html = markdown2html(cell["source"])
            assert not active(html, MARKDOWN_TAGS, MARKDOWN_ATTRIBUTES)
            assert not _commands(html)


@pytest.mark.parametrize("address", ["java\nscript:x", " javascript:x", "JAVASCRIPT:x"])
def test_the_schemes_are_read_as_a_browser_reads_them(address):
    assert active(f'<a href="{address}">x</a>', MARKDOWN_TAGS, MARKDOWN_ATTRIBUTES)
