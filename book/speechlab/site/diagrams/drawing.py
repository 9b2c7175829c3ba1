"""A small SVG: boxes, circles, arrows and words, in the colours of the page."""

from __future__ import annotations

import html
import math
import re
from dataclasses import dataclass, field

SIZE = 11.0  # of words, in units of the drawing, which is shown at most 1.5 times as large
SMALL = 9.6  # of indices; a drawing of 360 units is shown on a phone at very nearly its own size
SHIFT = {"_": 3.2, "^": -4.2}  # of indices and exponents
_PIECES = re.compile(r"([_^])(?:\{([^}]*)\}|(\S))|([^_^]+)")
Point = tuple[float, float]


@dataclass
class Drawing:
    """A drawing of a size, what it shows in a sentence, and its parts so far."""

    width: float
    height: float
    title: str
    parts: list[str] = field(default_factory=list)

    def svg(self, name: str) -> str:
        """The drawing; `name` tells it apart from others on the page."""
        return (
            f'<svg viewBox="0 0 {self.width:g} {self.height:g}" role="img" '
            f'aria-labelledby="diagram-{name}"><title id="diagram-{name}">'
            f"{html.escape(self.title)}</title>{''.join(self.parts)}</svg>"
        )

    def box(
        self, x: float, y: float, width: float, height: float, words: str = "", kind: str = "box"
    ) -> None:
        """A box around (x, y) with words in its middle, a line each."""
        self.parts.append(
            f'<rect class="{kind}" x="{x - width / 2:g}" y="{y - height / 2:g}" width="{width:g}" '
            f'height="{height:g}" rx="4"/>'
        )
        self._lines(x, y, words)

    def circle(self, x: float, y: float, radius: float, words: str = "", kind: str = "box") -> None:
        """A circle around (x, y) with words in its middle."""
        self.parts.append(f'<circle class="{kind}" cx="{x:g}" cy="{y:g}" r="{radius:g}"/>')
        self._lines(x, y, words)

    def line(self, *points: Point, kind: str = "line") -> None:
        """Straight lines from point to point."""
        places = " ".join(f"{x:g},{y:g}" for x, y in points)
        self.parts.append(f'<polyline class="{kind}" points="{places}"/>')

    def curve(self, path: str, kind: str = "line") -> None:
        """What an SVG path says."""
        self.parts.append(f'<path class="{kind}" d="{path}"/>')

    def arrow(self, *points: Point, kind: str = "line") -> None:
        """Lines from point to point with a head at the last one."""
        self.line(*points, kind=kind)
        (x0, y0), (x1, y1) = points[-2:]
        self.head(x1, y1, math.atan2(y1 - y0, x1 - x0), kind)

    def head(self, x: float, y: float, angle: float, kind: str = "line") -> None:
        """The head of an arrow that arrives at (x, y) at an angle."""
        sides = [
            (x - 7 * math.cos(angle + turn), y - 7 * math.sin(angle + turn)) for turn in (-0.4, 0.4)
        ]
        places = " ".join(f"{px:.1f},{py:.1f}" for px, py in [(x, y), *sides])
        self.parts.append(f'<polygon class="head {kind}" points="{places}"/>')

    def arc(self, start: Point, middle: Point, end: Point, kind: str = "line") -> None:
        """An arrow that is bent: `middle` draws it towards itself."""
        self.curve("M{:g},{:g} Q{:g},{:g} {:g},{:g}".format(*start, *middle, *end), kind)
        self.head(*end, math.atan2(end[1] - middle[1], end[0] - middle[0]), kind)

    def text(
        self, x: float, y: float, words: str, anchor: str = "middle", kind: str = "words"
    ) -> None:
        """Words whose line has its middle at height y; between `$` they are mathematics."""
        self.parts.append(
            f'<text class="{kind}" x="{x:g}" y="{y + 0.35 * SIZE:g}" text-anchor="{anchor}" '
            f'font-size="{SIZE:g}">{_marked(words)}</text>'
        )

    def _lines(self, x: float, y: float, words: str) -> None:
        lines = words.split("\n") if words else []
        for number, line in enumerate(lines):
            self.text(x, y + 13.5 * (number - (len(lines) - 1) / 2), line)


def _marked(words: str) -> str:
    """Words with mathematics between dollar signs, as SVG."""
    plain = words.split("$")
    return "".join(
        _mathematics(piece) if number % 2 else html.escape(piece)
        for number, piece in enumerate(plain)
    )


def _mathematics(formula: str) -> str:
    out, back = [], 0.0  # how far the last piece was moved down
    for kind, long, short, level in _PIECES.findall(formula):
        move = SHIFT.get(kind, 0.0) - back
        back += move
        size = f' font-size="{SMALL:g}"' if kind else ""
        shift = f' dy="{move:g}"' if move else ""
        out.append(f"<tspan{shift}{size}>{_slanted(long or short or level)}</tspan>")
    if back:
        out.append(f'<tspan dy="{-back:g}">\u200b</tspan>')
    return "".join(out)


def _slanted(text: str) -> str:
    """Letters of mathematics slanted, the rest upright; a name in quotes is upright, too."""
    parts = re.split(r'("[^"]*"|[A-Za-zα-ωℓ]+)', text)
    return "".join(
        html.escape(part.strip('"'))
        if number % 2 == 0 or part.startswith('"') or len(part) > 2
        else f'<tspan font-style="italic">{html.escape(part)}</tspan>'
        for number, part in enumerate(parts)
    )
