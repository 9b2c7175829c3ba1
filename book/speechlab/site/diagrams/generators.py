"""Diagrams of nets that make sound."""

from __future__ import annotations

from speechlab.site.diagrams.drawing import Drawing


def wavenet_layer() -> Drawing:
    """A layer of WaveNet: filter, gate, the way past and the way out."""
    d = Drawing(
        360,
        292,
        "A layer of WaveNet, read upwards. Its input goes through two dilated causal convolutions. "
        "One gets tanh, the other the sigmoid, and to both the condition is added before. The two "
        "are multiplied to z. A matrix takes z to the output, where the input is added, and "
        "another one takes z to the sum over all layers from which the probabilities come.",
    )
    left, right, past = 150, 238, 46
    middle = (left + right) / 2
    d.text(middle, 280, "input $x$")
    d.line((middle, 270), (middle, 256))
    d.line((middle, 256), (past, 256), (past, 36), kind="accent")
    d.arrow((past, 36), (middle - 9, 36), kind="accent")
    d.text(past - 5, 150, "as it is", "end", "accent-words")
    for x, name, bend in ((left, "$W_f$", "tanh"), (right, "$W_g$", "$σ$")):
        d.arrow((middle, 256), (x, 256), (x, 240))
        d.box(x, 228, 72, 24, name, "filled")
        d.arrow((x, 216), (x, 187))
        d.circle(x, 178, 9, "+")
        d.arrow((x, 169), (x, 154))
        d.box(x, 142, 60, 24, bend)
    d.arrow((left, 130), (left, 112), (middle - 9, 112))
    d.arrow((right, 130), (right, 112), (middle + 9, 112))
    d.circle(middle, 112, 9, "×")
    d.arrow((324, 200), (324, 178), (right + 9, 178), kind="second")
    d.arrow((right - 28, 178), (left + 9, 178), kind="second")
    d.line((right - 9, 178), (right - 28, 178), kind="second")
    d.text(354, 210, "condition", "end", "second-words")
    d.arrow((middle, 103), (middle, 84))
    d.text(middle - 8, 92, "$z$", "end")
    d.box(middle, 72, 60, 22, "matrix", "filled")
    d.arrow((middle, 61), (middle, 45))
    d.circle(middle, 36, 9, "+")
    d.arrow((middle, 27), (middle, 10))
    d.text(middle - 8, 14, "next layer", "end")
    d.arrow((middle, 94), (288, 94), (288, 84))
    d.box(288, 72, 60, 22, "matrix", "filled")
    d.arrow((288, 61), (288, 44))
    d.text(288, 34, "sum over layers")
    return d
