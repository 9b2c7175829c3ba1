"""Sentences about what a page computed, shown only where its numbers bear them out."""

from __future__ import annotations

from dataclasses import dataclass


class ClaimError(AssertionError):
    """A sentence of the page is contradicted by what the page computed."""


@dataclass(frozen=True)
class Claim:
    """A sentence that holds; Markdown where it is displayed."""

    text: str

    def _repr_markdown_(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text


def claim(text: str, holds: object, otherwise: str = "") -> Claim:
    """The sentence, if what was computed bears it out.

    Parameters
    ----------
    text : the sentence, as Markdown.
    holds : whether it is true of the numbers of this page, and of the speech the page was built on.
    otherwise : what is true where the sentence is not. Without it the page cannot be built.

    Raises
    ------
    ClaimError : the sentence does not hold, and nothing else was given to say.
    TypeError : `holds` is not one truth value.
    """
    try:
        true = bool(holds)
    except ValueError:
        raise TypeError(f"claim needs one truth value, and not {holds!r:.80}") from None
    if not true and not otherwise:
        raise ClaimError(f"this page's numbers contradict the sentence: {text}")
    return Claim(text if true else otherwise)
