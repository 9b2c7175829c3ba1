"""Diagrams of hidden Markov models and of connectionist temporal classification."""

from __future__ import annotations

from speechlab.site.diagrams.drawing import Drawing


def states() -> Drawing:
    """The model of the chapter: pause and speech, and what they let through the wall."""
    d = Drawing(
        360,
        252,
        "A hidden Markov model with two states. Pause stays with 0.7 and goes to speech with 0.3; "
        "speech stays with 0.8 and goes to pause with 0.2. It begins in pause with 0.8, in speech "
        "with 0.2. Pause is heard as quiet with 0.7, soft 0.2, loud 0.1; speech as quiet 0.1, soft "
        "0.4, loud 0.5.",
    )
    left, right, y = 110, 250, 92
    for x, name, first, stays in ((left, "pause", "0.8", "0.7"), (right, "speech", "0.2", "0.8")):
        side = -1 if x == left else 1
        d.curve(f"M{x - 12},{y - 28} C{x - 30},{y - 70} {x + 30},{y - 70} {x + 12},{y - 28}")
        d.head(x + 12, y - 28, 1.95)
        d.text(x, y - 70, f"$a$ = {stays}")
        d.arrow((x + side * 74, y), (x + side * 32, y))
        d.text(x + side * 62, y - 12, f"$π$ = {first}")
        d.circle(x, y, 30, name, "filled")
    d.arc((left + 27, y - 14), (180, y - 30), (right - 28, y - 12))
    d.arc((right - 27, y + 14), (180, y + 30), (left + 28, y + 12))
    d.text(180, y - 31, "0.3")
    d.text(180, y + 32, "0.2")
    heard = ("quiet", "soft", "loud")
    for x, chances in ((left, (0.7, 0.2, 0.1)), (right, (0.1, 0.4, 0.5))):
        d.arrow((x, y + 30), (x, y + 62), kind="dashed")
        for row, (word, chance) in enumerate(zip(heard, chances)):
            level = y + 76 + 18 * row
            d.text(x - 18, level, word, "end")
            d.box(x - 12 + 25 * chance, level, 50 * chance, 11, kind="bar")
            d.text(x - 6 + 50 * chance, level, f"{chance}", "start")
    d.text(180, y, "never seen")
    d.text(180, 242, "$b_j(x)$: all that is heard")
    return d


def ctc_cases() -> Drawing:
    """From where a place of the label with blanks can be reached."""
    d = Drawing(
        360,
        212,
        "Three pieces of the lattice, from one frame to the next. A blank is reached from itself "
        "and from the class before it. A class after a blank and the same class is reached from "
        "itself and from the blank. A class after a blank and another class is also reached from "
        "that class, skipping the blank.",
    )
    cases = (
        ("a blank", ("b", "a", "−"), (2, 1)),
        ("the same class", ("a", "−", "a"), (2, 1)),
        ("another class", ("a", "−", "b"), (2, 1, 0)),
    )
    kinds = {2: "line", 1: "accent", 0: "second"}
    for number, (title, places, sources) in enumerate(cases):
        left = 28 + 120 * number
        right = left + 66
        d.text((left + right) / 2, 14, title)
        for row, place in enumerate(places):
            y = 52 + 50 * row
            target = row == 2
            d.circle(left, y, 12, place)
            d.circle(right, y, 12, place, "filled" if target else "box")
        for row in sources:
            y = 52 + 50 * row
            d.arrow(
                (left + 12, y + 4 * (2 - row)), (right - 12, 152 - 3.5 * (2 - row)), kind=kinds[row]
            )
        d.text(left, 180, "$t$−1")
        d.text(right, 180, "$t$")
    d.text(100, 202, "stay")
    d.line((62, 202), (84, 202))
    d.text(184, 202, "move", kind="accent-words")
    d.line((144, 202), (166, 202), kind="accent")
    d.text(264, 202, "skip", kind="second-words")
    d.line((226, 202), (248, 202), kind="second")
    return d


def beam() -> Drawing:
    """A prefix beam over two frames with a blank of 0.6 and a class a of 0.4."""
    d = Drawing(
        360,
        232,
        "A prefix beam over two frames, with 0.6 for the blank and 0.4 for a. After frame one, "
        "nothing has 0.6 and a has 0.4. After frame two, nothing has 0.36; a has 0.64, the sum of "
        "three ways, by a blank after a, by a after a, and by a after nothing; a a would need a "
        "blank between and has 0.",
    )
    x0, x1, x2 = 36, 142, 278
    for x, words in ((x0, "start"), (x1, "frame 1"), (x2, "frame 2")):
        d.text(x, 14, words)
    d.box(x0, 70, 52, 34, "nothing\n1")
    d.box(x1, 70, 60, 34, "nothing\n0.6")
    d.box(x1, 150, 60, 34, "a\n0.4")
    d.box(x2, 70, 60, 34, "nothing\n0.36")
    d.box(x2 + 16, 150, 122, 48, "a\n0.24 + 0.24 + 0.16\n= 0.64", "filled")
    d.box(x2, 212, 60, 32, "aa\n0", "dashed")
    d.arrow((x0 + 26, 70), (x1 - 30, 70))
    d.arrow((x0 + 26, 78), (x1 - 30, 142), kind="accent")
    d.arrow((x1 + 30, 70), (x2 - 30, 70))
    d.arrow((x1 + 30, 80), (x2 - 45, 132), kind="accent")
    d.arrow((x1 + 30, 144), (x2 - 45, 144))
    d.arrow((x1 + 30, 160), (x2 - 45, 160), kind="accent")
    d.arrow((x1 + 26, 167), (x2 - 30, 212), kind="dashed")
    d.text((x0 + x1) / 2 + 4, 61, "− 0.6")
    d.text(78, 126, "a 0.4", kind="accent-words")
    d.text(210, 61, "− 0.6")
    d.text(216, 98, "a 0.4", "start", "accent-words")
    d.text(206, 135, "− 0.6")
    d.text(206, 170, "a 0.4", kind="accent-words")
    d.text(196, 212, "needs a blank between", "end")
    return d
