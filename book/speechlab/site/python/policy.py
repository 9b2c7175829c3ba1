"""What pages that run Python may ask for: nothing outside the site, and the browser sees to it.

Code of cells runs in such pages, and it may be anybody's. Each page says by a
`Content-Security-Policy` of its own, which any host serves as it is, that everything comes from the
site, and that no script runs but the site's. The worker that runs Python is held to it as well.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PYTHON = re.compile(r'<script[^>]* src="[^"]*/speechlab/(homework/page|python/live|voice/page)\.js')
RULES = {
    "default-src": "'self'",
    # Pyodide's own script is checked by the page, and handed on as a blob.
    "script-src": "'self' blob: 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",  # of MathJax and the editor
    "img-src": "'self' data: blob:",
    "media-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "frame-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
SCRIPT = re.compile(r"<script(?P<attributes>(?:\s[^>]*)?)>(?P<text>.*?)</script>", re.DOTALL)
DATA = re.compile(
    r'\s(src|type="(?!module|text/javascript))'
)  # no script of its own, or none at all
HANDLER = re.compile(r'<[a-z][^<>]*?\son[a-z]+="([^"]*)"')
META = '<meta http-equiv="Content-Security-Policy" content="{}" />'
THERE = re.compile("\n" + META.format('[^"]*'))
AFTER = re.compile(r"<meta charset=[^>]*>", re.IGNORECASE)


def setup(app: Sphinx) -> None:
    """Connect to the build; before the site's checksum is taken."""
    app.connect("build-finished", put_into_site, priority=940)


def put_into_site(app: Sphinx, exception: Exception | None) -> None:
    """Give each page that runs Python its policy."""
    if exception is None and app.builder.format == "html":
        for path in Path(app.outdir).rglob("*.html"):
            text = path.read_text(encoding="utf-8")
            if PYTHON.search(text) and (changed := with_policy(text)) != text:
                path.write_text(changed, encoding="utf-8")


def with_policy(page: str) -> str:
    """A page with the policy that its own scripts need, in place of an older one.

    Raises
    ------
    ValueError
        If the page does not say its `charset`, after which the policy goes.
    """
    page = THERE.sub("", page)
    place = AFTER.search(page)
    if place is None:
        raise ValueError("A page that runs Python has no charset, and so no place for its policy.")
    return f"{page[: place.end()]}\n{META.format(policy(page))}{page[place.end() :]}"


def policy(page: str) -> str:
    """The rules for a page, in which its scripts inside the text are named by their digests."""
    handlers = sorted({_digest(html.unescape(text)) for text in HANDLER.findall(page)})
    named = [*sorted(set(_inside(page))), *(["'unsafe-hashes'", *handlers] if handlers else [])]
    rules = RULES | {"script-src": " ".join([RULES["script-src"], *named])}
    return "; ".join(f"{name} {allowed}" for name, allowed in rules.items())


def _inside(page: str) -> Iterator[str]:
    for found in SCRIPT.finditer(page):
        if not DATA.search(found["attributes"]):
            yield _digest(found["text"])


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
