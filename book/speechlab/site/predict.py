"""Questions that the reader answers before the page does.

````md
```{predict} You double the order of the predictor. What happens to the energy of the residual?
- [ ] It halves.
  > The reply to a wrong answer says why it is wrong.
- [x] It falls a little, and never rises.
  > The reply to the right answer says why it is right.
```
````

What stands before the list, paragraphs or formulas, belongs to the question. Two to four answers,
one of them right, each with a reply. On the page each answer is a `<details>` that opens its reply,
so that it works by keyboard and without JavaScript, and only one is open at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)
BOX = re.compile(r"\[([ xX])\]\s+")
OPENINGS = {True: "Right.", False: "Not so."}
LEAST, MOST = 2, 4  # answers


class Question(nodes.General, nodes.Element):
    """A question: an `Asked`, then two to four `Answer`; attribute `label`, the name of `Asked`."""


class Asked(nodes.General, nodes.Element):
    """What is asked; attribute `label`."""


class Answer(nodes.General, nodes.Element):
    """A `Choice` and its `Reply`; attributes `label`, of the question, and `right`."""


class Choice(nodes.Part, nodes.TextElement):
    """The words of an answer."""


class Reply(nodes.General, nodes.Element):
    """What is said to an answer."""


# Of answers that have the same name a browser keeps one open.
TAGS = {
    Question: (
        '<div class="speech-predict" role="group" aria-labelledby="{label}">'
        '<p class="speech-predict-kind">Predict</p>',
        "</div>\n",
    ),
    Asked: ('<div class="speech-predict-asked" id="{label}">', "</div>\n"),
    Answer: ('<details class="speech-answer" name="{label}" data-right="{right}">', "</details>\n"),
    Choice: ("<summary><span>", "</span></summary>"),
    Reply: ('<div class="speech-reply">', "</div>"),
}


def setup(app: Sphinx) -> None:
    """Connect to the build."""
    app.add_directive("predict", Predict)
    for node, (opening, closing) in TAGS.items():
        app.add_node(node, html=(_writes(opening), _writes(closing)))


def _writes(tag: str) -> Callable[[HTML5Translator, nodes.Element], None]:
    """What writes a tag, with the node's attributes put in."""
    return lambda writer, node: writer.body.append(tag.format_map(node.attributes))


class Predict(SphinxDirective):
    """``{predict} question``, with answers and replies in its content."""

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar = {}

    def run(self) -> list[nodes.Node]:
        """The question with its answers; a question that is not well put is a warning."""
        group = f"predict-{self.env.new_serialno('predict') + 1}"
        words, messages = self.state.inline_text(self.arguments[0], self.lineno)
        asked = Asked("", nodes.paragraph("", "", *words), label=group)
        question = Question("", asked, label=group)
        parsed = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, parsed)
        content = parsed.children
        lists = [node for node in content if isinstance(node, nodes.bullet_list)]
        if len(lists) != 1 or content[-1] is not lists[0]:
            self._complain("needs one list of answers, at its end")
            return [question, *messages]
        asked += content[:-1]
        question += [self._answer(item, group) for item in lists[0]]
        self._check(question[1:])
        return [question, *messages]

    def _answer(self, item: nodes.list_item, group: str) -> Answer:
        """Take an item `[x] words`, with a quotation for a reply, apart."""
        paragraph = item[0] if len(item) else nodes.paragraph()
        replies = [node for node in item[1:] if isinstance(node, nodes.block_quote)]
        box = BOX.match(paragraph[0].astext()) if len(paragraph) else None
        if box is None:
            self._complain(f'has an answer without a box, "{paragraph.astext()}"')
        else:
            paragraph[0] = nodes.Text(paragraph[0].astext()[box.end() :])
        if len(replies) != 1 or len(item) != 2 or not replies[0].astext().strip():
            self._complain(f'needs one reply to "{paragraph.astext()}", a quotation under it')
        right = box is not None and box.group(1) != " "
        said = [child for reply in replies for child in reply]
        if not said or not isinstance(said[0], nodes.paragraph):
            said.insert(0, nodes.paragraph())
        said[0].insert(0, [nodes.strong("", OPENINGS[right]), nodes.Text(" ")])
        choice = Choice("", "", *paragraph.children)
        return Answer("", choice, Reply("", *said), label=group, right=str(right).lower())

    def _check(self, answers: list[Answer]) -> None:
        if not LEAST <= len(answers) <= MOST:
            self._complain(f"needs {LEAST} to {MOST} answers, not {len(answers)}")
        right = sum(answer["right"] == "true" for answer in answers)
        if right != 1:
            self._complain(f"needs one right answer, [x], not {right}")

    def _complain(self, what: str) -> None:
        place = (self.env.docname, self.lineno)
        logger.warning("The question %r %s.", self.arguments[0], what, location=place)
