"""Where the reader's system chooses the colours: what is drawn is seen and told apart."""

from __future__ import annotations

import pytest

from tests.support.building import ROOT

pytestmark = pytest.mark.browser

WEB = ROOT / "book" / "speechlab" / "web"
PAGE = """<!doctype html><html lang="en" data-theme="{theme}"><title>Colours</title>
<style>:root {{ --pst-color-text-base: {ink}; --pst-color-text-muted: {ink};
  --pst-color-primary: {ink}; --pst-color-background: {ground} }} {style}</style>
<body class="bd-content"><div class="bd-article">
<i id="text" style="color: CanvasText"></i><i id="ground" style="color: Canvas"></i>
<figure class="speech-diagram"><svg id="diagram"><rect id="box" class="box"/>
  <text class="accent-words" id="words">a</text></svg></figure>
<div class="speech-card"><svg id="card"></svg></div>
<mjx-stretchy-v><mjx-ext id="brace" style="border: 9px solid transparent"></mjx-ext>
</mjx-stretchy-v>
<div class="speech-follow begun"><span id="follows" class="speech-line"></span></div>
<figure class="speech-instrument"><div class="instrument"><div class="instrument-plot"><svg>
  <path id="plain" class="line"/><path id="one" class="line ink-1"/>
  <path id="two" class="line ink-2"/></svg></div></div></figure></div>"""


@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_drawn_is_seen(browser, theme, system):
    """The page may be dark where the system is light, and the other way round."""
    sheets = ("speechlab.css", "instruments/instruments.css")
    style = "".join((WEB / name).read_text(encoding="utf-8") for name in sheets)
    ink, ground = ("#111", "#fff") if theme == "light" else ("#ddd", "#111")
    page = browser.new_page(forced_colors="active", color_scheme=system)
    page.set_content(PAGE.format(theme=theme, style=style, ink=ink, ground=ground))

    def seen(name: str, what: str) -> str:
        return page.evaluate(f"() => getComputedStyle(document.getElementById('{name}')).{what}")

    text, ground = seen("text", "color"), seen("ground", "color")
    assert text != ground
    assert seen("diagram", "color") == seen("card", "color") == text
    assert seen("brace", "color") == text
    assert seen("brace", "borderTopColor") == "rgba(0, 0, 0, 0)"
    assert seen("box", "fill") == ground
    assert seen("words", "fill") not in (ground, text)
    assert seen("follows", "backgroundColor") == "rgb(194, 65, 12)"
    assert len({seen(name, "stroke") for name in ("plain", "one", "two")} | {ground}) == 4
    page.close()
