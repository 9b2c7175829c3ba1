"""Can a page act on whoever opens it? Parsed, not searched."""

import re
from html.parser import HTMLParser

TAGS = set("script img svg iframe style object embed link form details base meta math".split())
SCHEME = re.compile(r"(javascript|vbscript|data|file):", re.I)
MATHJAX = re.compile(r"\\(href|require|cssId|def)\b")
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](java\tscript:alert(1))",
    "[click](&#106;avascript:alert(1))",
    "[click](javascript&colon;alert(1))",
    "[click](javascript\\:alert(1))",
    "[click](vbscript:msgbox(1))",
    "[click](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[ref]: javascript:alert(1)\n\n[ref]",
    "<javascript:alert(1)>",
    "![tracker](https://example.org/pixel.png)",
    "![x][pix]\n\n[pix]: https://example.org/pixel.png",
    "[a](https://example.org \"x' onmouseover='alert(1)\")",
    "$\\href{javascript:alert(1)}{x}$",
    "$\\require{html}\\cssId{a}{x}$",
    "`</code><script>alert(1)</script>`",
    "```\n</pre><script>alert(1)</script>\n```",
    "<!-- --><style>body{display:none}</style>",
    "<details open ontoggle=alert(1)>",
    "attachment\n![a](attachment:x.png)",
]


class Page(HTMLParser):
    """Tags, text, and what is active in it."""

    def __init__(self, html, allowed=()):
        super().__init__()
        self.allowed, self.active, self.text, self.tags = allowed, [], [], []
        self.code, self.apart = 0, []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self._part(tag)
        self.code += tag in ("pre", "code")
        if tag in TAGS and tag not in self.allowed:
            self.active.append(tag)
        for name, value in attributes:
            if name.startswith("on"):
                self.active.append((tag, name))
            if name in ("href", "src", "srcdoc") and SCHEME.match(re.sub(r"\s", "", value or "")):
                self.active.append((tag, name, value))

    def handle_endtag(self, tag):
        self.code -= tag in ("pre", "code")
        self._part(tag)

    def _part(self, tag):
        """What stands in a tag is a word of its own, but for code, which is part of a sentence."""
        if tag != "code":
            self.apart.append(" ")

    def handle_data(self, data):
        self.text.append(data)
        self.apart.append(data)
        if not self.code and MATHJAX.search(data):
            self.active.append(data)

    @property
    def words(self):
        """The text, white space put together."""
        return re.sub(r"\s+", " ", "".join(self.apart))
