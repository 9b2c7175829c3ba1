"""Diagrams of networks."""

from __future__ import annotations

from speechlab.site.diagrams.drawing import Drawing


def unrolled() -> Drawing:
    """A recurrent layer, and the same one drawn once for each time."""
    d = Drawing(
        360,
        190,
        "Left, a recurrent layer: the input x goes in through U, the layer hears itself one step "
        "later through V, and the output y comes out through W. Right, the same layer drawn once "
        "for each of three times, with the same U, V and W; V leads from each time to the next.",
    )
    low, mid, high = 160, 98, 36
    x = 44
    d.circle(x, mid, 17, "$h$", "filled")
    d.arrow((x, low - 12), (x, mid + 17))
    d.arrow((x, mid - 17), (x, high + 12))
    d.text(x, low, "$x$")
    d.text(x, high, "$y$")
    d.text(x - 9, 130, "$U$", "end")
    d.text(x - 9, 66, "$W$", "end")
    d.curve(
        f"M{x + 12},{mid - 12} C{x + 52},{mid - 44} {x + 52},{mid + 44} {x + 13},{mid + 12}",
        "accent",
    )
    d.head(x + 13, mid + 12, 3.75, "accent")
    d.text(x + 47, mid, "$V$", "start", "accent-words")
    d.text(116, mid, "=")
    d.line((134, mid), (150, mid), kind="dashed-accent")
    for number, name in enumerate(("n−1", "n", "n+1")):
        x = 176 + 72 * number
        d.circle(x, mid, 19, f"$h_{{{name}}}$", "filled")
        d.arrow((x, low - 12), (x, mid + 19))
        d.arrow((x, mid - 19), (x, high + 12))
        d.text(x, low, f"$x_{{{name}}}$")
        d.text(x, high, f"$y_{{{name}}}$")
        d.text(x - 8, 132, "$U$", "end")
        d.text(x - 8, 64, "$W$", "end")
        start = (x - 26 if number == 0 else x - 53, mid)
        d.arrow(start, (x - 19, mid), kind="accent")
        if number:
            d.text(x - 36, mid - 11, "$V$", kind="accent-words")
    d.line((339, mid), (356, mid), kind="dashed-accent")
    return d


def lstm_cell() -> Drawing:
    """An LSTM unit at one time."""
    d = Drawing(
        360,
        236,
        "An LSTM unit at time n. The cell c runs along the top: the old cell is multiplied by the "
        "gate f, then i times g is added. The output h is tanh of the new cell, multiplied by the "
        "gate o. The four numbers f, i, g and o are each computed from x of this time and h of the "
        "time before.",
    )
    top, gates, rail = 36, 148, 204
    d.text(22, top, "$c[n−1]$")
    d.arrow((46, top), (83, top), kind="accent")
    d.circle(92, top, 9, "×")
    d.arrow((101, top), (171, top), kind="accent")
    d.circle(180, top, 9, "+")
    d.arrow((189, top), (316, top), kind="accent")
    d.text(339, top, "$c[n]$")
    names = ((92, "$f$", "$σ$"), (152, "$i$", "$σ$"), (208, "$g$", "tanh"), (276, "$o$", "$σ$"))
    for x, gate, bend in names:
        d.box(x, gates, 40, 24, bend, "filled")
        d.arrow((x, rail), (x, gates + 12))
        d.text(x - 6, gates - 24, gate, "end")
    d.arrow((92, gates - 12), (92, top + 9))
    d.circle(180, 92, 9, "×")
    d.arrow((152, gates - 12), (152, 92), (171, 92))
    d.arrow((208, gates - 12), (208, 92), (189, 92))
    d.arrow((180, 83), (180, top + 9))
    d.line((246, top), (246, 58))
    d.arrow((246, 58), (246, 66))
    d.box(246, 77, 40, 22, "tanh")
    d.arrow((246, 88), (246, 104), (267, 104))
    d.circle(276, 104, 9, "×")
    d.arrow((276, gates - 12), (276, 113))
    d.arrow((285, 104), (316, 104))
    d.text(339, 104, "$h[n]$")
    d.line((54, rail), (276, rail))
    d.text(24, rail - 8, "$x[n]$")
    d.text(24, rail + 8, "$h[n−1]$")
    d.text(84, 226, "keep?")
    d.text(152, 226, "let in?")
    d.text(208, 226, "what?")
    d.text(276, 226, "speak?")
    return d


def transformer_layer() -> Drawing:
    """A layer of a Transformer with the shapes of its tensors."""
    d = Drawing(
        360,
        392,
        "A layer of a Transformer, read upwards. The input x of shape T by D is normalised, goes "
        "through attention with H heads, whose weights have the shape H by T by T, and is added to "
        "x. The sum is normalised, goes through a matrix to T by 4 D, a bend, and a matrix back to "
        "T by D, and is added again. Two lines lead past both parts unchanged.",
    )
    x, past = 156, 48
    d.text(x, 380, "$x$")
    d.text(x + 88, 380, "$T × D$", "start")
    d.line((x, 370), (x, 352))
    for start, end in ((352, 206), (184, 36)):
        d.line((x, start), (past, start), (past, end), kind="accent")
        d.arrow((past, end), (x - 9, end), kind="accent")
        d.arrow((x, start), (x, start - 14))
        d.circle(x, end, 9, "+")
    d.box(x, 326, 150, 24, "mean 0, variance 1")
    d.arrow((x, 314), (x, 296))
    d.box(x, 270, 150, 50, "attention\n$H$ heads", "filled")
    d.text(x + 88, 326, "$T × D$", "start")
    d.text(x + 88, 263, "$Q, K, V$: $H × T × D/H$", "start")
    d.text(x + 88, 277, "weights: $H × T × T$", "start")
    d.arrow((x, 245), (x, 215))
    d.text(x + 88, 230, "$T × D$", "start")
    d.line((x, 197), (x, 184))
    d.box(x, 158, 150, 24, "mean 0, variance 1")
    d.arrow((x, 146), (x, 130))
    d.box(x, 118, 150, 24, "$W_1$, then a bend $g$", "filled")
    d.text(x + 88, 158, "$T × D$", "start")
    d.text(x + 88, 118, "$T × 4D$", "start")
    d.arrow((x, 106), (x, 90))
    d.box(x, 78, 150, 24, "$W_2$", "filled")
    d.text(x + 88, 78, "$T × D$", "start")
    d.arrow((x, 66), (x, 45))
    d.arrow((x, 27), (x, 8))
    d.text(x + 88, 14, "$T × D$", "start")
    for y, words in ((280, "as it is"), (112, "as it is")):
        d.text(past - 5, y, words, "end", "accent-words")
    return d


def hubert_passes() -> Drawing:
    """Both times that HuBERT finds units and learns to guess them."""
    d = Drawing(
        360,
        300,
        "HuBERT in two passes. In the first, MFCCs of all frames are clustered into 50 units, and "
        "a first net learns to guess the units of frames that are hidden from it. In the second, "
        "what layer 2 of the first net makes of each frame is clustered into 100 units, and a new "
        "net learns to guess those.",
    )
    for number, (left, title) in enumerate(((92, "first pass"), (268, "second pass"))):
        d.text(left, 14, title)
        if number == 0:
            d.box(left, 52, 120, 32, "MFCCs\n$(T, 39)$")
        else:
            d.box(left, 52, 120, 32, "layer 2 of net 1\n$(T, 96)$")
        d.arrow((left, 68), (left, 92))
        d.box(left, 108, 120, 32, f"k-means\n{(50, 100)[number]} units")
        d.arrow((left, 124), (left, 150))
        d.text(left + 8, 138, "teaches", "start")
        d.box(
            left, 176, 120, 50, f"net {number + 1}\nguesses the units\nof hidden frames", "filled"
        )
        d.arrow((left, 228), (left, 203))
        for frame in range(8):
            hidden = frame in (2, 3, 4)
            d.box(
                left - 52.5 + 15 * frame,
                240,
                13,
                20,
                "?" if hidden else "",
                "dashed" if hidden else "bar",
            )
        d.text(left, 266, "frames, some hidden")
    d.arrow((152, 176), (180, 176), (180, 52), (206, 52), kind="accent")
    d.text(180, 290, "the same sounds in both")
    return d
