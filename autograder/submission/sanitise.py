"""Student text made harmless: what a browser, a terminal or a Markdown renderer gets to see."""

from __future__ import annotations

import re

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)?|\x1b[PX^_][^\x1b]{0,4096}\x1b\\|"
    r"[\x1b\x9b]\[?[0-?]*[ -/]*[@-~]",
    re.S,
)
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_TAGS = re.compile(r"<(?=[A-Za-z/!?])")
_LINKS = re.compile(r"\](?=\((?!\s*(?:https?://|mailto:|#))|:(?!\s*https?://))", re.I)
_MATH = re.compile(
    r"\\(?=(?:href|require|csname|class|style|cssId|unicode|data|include|def|let|newc)\b)"
)
_SCHEMES = re.compile(r"(?i)\b(javascript|vbscript|data|file)\s*(?=:|&colon;|&#0*58|&#x0*3a)")


def plain(text: str, limit: int = 20_000) -> str:
    """Text without terminal escapes, control characters and changes of direction; cut if long."""
    text = text[: 4 * limit].replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROLS.sub("", _ESCAPES.sub("", text))
    return text if len(text) <= limit else f"{text[:limit]}\n[the rest is not shown]"


def harmless_markdown(text: str) -> str:
    """Markdown that renders to no tag of its own, no script link, and no commands of MathJax.

    A space behind `<` ends every tag in every renderer, and leaves `a<b` in a formula as it is.
    Pictures become links, so that opening a page calls nobody. Only links to the web, to mail
    and into the page stay, because there are more ways to write a scheme than can be listed.
    """
    text = _TAGS.sub("< ", plain(text, 100_000))
    text = _SCHEMES.sub(r"\1 ", text)
    text = _LINKS.sub("] ", text)
    text = re.sub(r"!(?=\[)", "! ", text)
    text = re.sub(r"&(?=#|colon|Tab|NewLine|lpar)", "& ", text)
    return _MATH.sub(r"\\ ", text)
