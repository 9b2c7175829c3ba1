"""Diagrams of ideas that are structures: ``{diagram} name``, with the caption as its content.

Each is a function of the modules here that returns a `Drawing`. It is put into the page as SVG, so
that it takes the page's colours in a light and in a dark page, and its words are the page's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from speechlab.site.diagrams import generators, networks, sequences, signals
from speechlab.site.diagrams.drawing import Drawing

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DIAGRAMS: dict[str, Callable[[], Drawing]] = {
    "butterflies": signals.butterflies,
    "tract": signals.tract,
    "ladder": signals.ladder,
    "lattice": signals.lattice,
    "tubes": signals.tubes,
    "states": sequences.states,
    "ctc-cases": sequences.ctc_cases,
    "beam": sequences.beam,
    "unrolled": networks.unrolled,
    "lstm-cell": networks.lstm_cell,
    "transformer-layer": networks.transformer_layer,
    "hubert-passes": networks.hubert_passes,
    "wavenet-layer": generators.wavenet_layer,
}


def setup(app: Sphinx) -> None:
    """Connect to the build."""
    app.add_directive("diagram", Diagram)


class Diagram(SphinxDirective):
    """``{diagram} name``: a figure with its caption."""

    has_content = True
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The figure; a diagram that there is not, or one without a caption, is an error."""
        name = self.arguments[0]
        if name not in DIAGRAMS:
            raise self.error(f"There is no diagram {name!r}: there are {', '.join(DIAGRAMS)}.")
        if not self.content:
            raise self.error(f"The diagram {name!r} needs a caption.")
        drawing = DIAGRAMS[name]()
        caption = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, caption)
        opening = f'<figure class="speech-diagram">{drawing.svg(name)}<figcaption>'
        return [
            nodes.raw("", opening, format="html"),
            *caption.children,
            nodes.raw("", "</figcaption></figure>", format="html"),
        ]
