"""The assignment pages: `homework/<topic>.html`, made from the released notebooks themselves.

Each chapter whose notebook is in `exercises/` gets one, and a link to it where the chapter offers
the notebook for download. The page can be read without JavaScript; `web/homework` makes it an
editor that runs Python in the page. The notebook lies beside the page.
"""

from __future__ import annotations

import html
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes

from speechlab.site.homework import links, pages, released

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

FOLDER = "homework"


def setup(app: Sphinx) -> None:
    """Connect to the build."""
    app.connect("doctree-read", link_from_chapter)
    app.connect("env-before-read-docs", link_again)
    app.connect("html-collect-pages", collect)
    app.connect("html-page-context", add_script)


def page_of(topic: str) -> str:
    """The name of a topic's assignment page."""
    return f"{FOLDER}/{topic}"


def notebook_of(app: Sphinx, topic: str) -> Path:
    """Where the released notebook of a topic is."""
    return Path(app.srcdir) / "exercises" / topic / f"{topic}.ipynb"


def topics(app: Sphinx) -> dict[str, str]:
    """The topics that have an assignment, each with its chapter; "" where the site has none."""
    chapters = {Path(name).name: name for name in app.env.found_docs}
    notebooks = (Path(app.srcdir) / "exercises").glob("*/*.ipynb")
    found = sorted(path.stem for path in notebooks if path.stem == path.parent.name)
    return {topic: chapters.get(topic, "") for topic in found}


def link_from_chapter(app: Sphinx, doctree: nodes.document) -> None:
    """Below the sentence in which a chapter offers its notebook, offer the page."""
    chapter = app.env.docname
    topic = Path(chapter).name
    if not notebook_of(app, topic).is_file():
        return
    for download in list(doctree.findall(addnodes.download_reference)):
        if download["reftarget"].endswith(f"{topic}.ipynb"):
            address = f"{'../' * chapter.count('/')}{page_of(topic)}.html"
            says = (
                f'<p class="homework-link"><a href="{address}">Write it in your browser</a>: '
                "nothing is installed, Python runs in the page, and you download the notebook that "
                "you hand in.</p>"
            )
            paragraph = download
            while not isinstance(paragraph, nodes.paragraph):
                paragraph = paragraph.parent
            after = paragraph.parent.index(paragraph) + 1
            paragraph.parent.insert(after, nodes.raw("", says, format="html"))
            return


def link_again(app: Sphinx, env: BuildEnvironment, chapters: list[str]) -> None:
    """A chapter is read again where its notebook has come or gone since it was read."""
    now = {t for t in (Path(name).name for name in env.found_docs) if notebook_of(app, t).is_file()}
    changed = now ^ getattr(env, "speechlab_homework", now)
    env.speechlab_homework = now
    chapters += [n for n in env.found_docs if Path(n).name in changed and n not in chapters]


def collect(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The pages of this build, and the notebooks beside them."""
    if app.builder.format != "html":
        return
    source = links.Source.of(app)
    template = app.builder.templates.environment.get_template("homework.html")
    for topic, chapter in topics(app).items():
        path = notebook_of(app, topic)
        target = Path(app.outdir) / FOLDER / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        notebook = released.read(path)
        page = pages.Page(topic, chapter, notebook, app.builder.highlighter)
        opens = source.opens(topic)
        colab = html.escape(source.first_in_colab(topic)) if "Colab" in opens else ""
        body = template.render(**page.parts, elsewhere=opens, colab=colab)
        title = f"{released.title(notebook)}: assignment"
        yield page_of(topic), {"title": title, "body": body}, "page.html"


def add_script(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
) -> None:
    """Only these pages have the editor's script and style."""
    if page.startswith(f"{FOLDER}/"):
        app.add_css_file("speechlab/homework/homework.css")
        app.add_js_file("speechlab/homework/page.js", type="module")
