"""Diagrams of the voice and of linear prediction."""

from __future__ import annotations

import math

from speechlab.site.diagrams.drawing import Drawing


def tract() -> Drawing:
    """A tube that is closed at one end, with the first three waves that fit into it."""
    d = Drawing(
        360,
        214,
        "A straight tube, closed at the vocal folds on the left and open at the lips on the right. "
        "Under it the pressure of its first three resonances: a quarter, three quarters and five "
        "quarters of a wave, each largest at the folds and zero at the lips.",
    )
    left, right = 70, 300
    d.box((left + right) / 2, 34, right - left, 30, kind="tube")
    d.line((left, 14), (left, 54), kind="wall")
    d.text(left - 8, 27, "folds,", "end")
    d.text(left - 8, 41, "closed", "end")
    d.text(right + 8, 27, "lips,", "start")
    d.text(right + 8, 41, "open", "start")
    d.text((left + right) / 2, 34, "$ℓ$ = 17.5 cm")
    for k, quarters in enumerate((1, 3, 5)):
        middle = 84 + 48 * k
        d.line((left, middle), (right, middle), kind="faint")
        path = []
        for n in range(61):
            x = left + (right - left) * n / 60
            y = middle - 17 * math.cos(quarters * math.pi / 2 * n / 60)
            path.append(f"{'L' if n else 'M'}{x:.1f},{y:.1f}")
        d.curve("".join(path), "accent")
        d.text(left - 8, middle, f"$F_{k + 1}$", "end")
        d.text(right + 8, middle, f"{quarters * 500} Hz", "start")
    return d


def ladder() -> Drawing:
    """Levinson's step from order 2 to order 3."""
    d = Drawing(
        360,
        190,
        "Levinson's step from order two to order three. The new first coefficient is the old first "
        "one minus k times the old second one, the new second is the old second minus k times the "
        "old first, and the new third coefficient is k itself.",
    )
    xs = (110, 190, 270)
    for x, words in zip(xs, ("$a_1^{(2)}$", "$a_2^{(2)}$", "1")):
        d.box(x, 52, 46, 28, words)
    for x, words in zip(xs, ("$a_1^{(3)}$", "$a_2^{(3)}$", "$a_3^{(3)}$")):
        d.box(x, 140, 46, 28, words, "filled")
    for x in xs[:2]:
        d.arrow((x, 66), (x, 124))
    for start, end in ((xs[1], xs[0]), (xs[0], xs[1])):
        side = 10 if end > start else -10
        d.arrow((start + side, 66), (end - side, 124), kind="accent")
    d.arrow((xs[2], 66), (xs[2], 124), kind="accent")
    d.text(xs[2] + 8, 94, "$k_3$", "start", "accent-words")
    d.text(150, 77, "−$k_3$", "middle", "accent-words")
    d.text(70, 52, "order 2", "end")
    d.text(70, 140, "order 3", "end")
    d.text(190, 16, "the old ones are used forwards and backwards")
    d.text(190, 176, "$E_3$ = (1 − $k_3^{2}$) $E_2$")
    return d


def lattice() -> Drawing:
    """One crossing of the lattice filter between two others."""
    d = Drawing(
        360,
        176,
        "The lattice filter. The sound enters two wires. In each stage the lower wire, the "
        "backward error, is delayed by one sample; then each wire gets minus k times the other. "
        "After the last stage the upper wire carries the residual.",
    )
    top, bottom = 44, 124
    d.text(8, (top + bottom) / 2, "$s[n]$", "start")
    d.line((38, (top + bottom) / 2), (52, (top + bottom) / 2))
    d.line((52, top), (52, bottom))
    for stage, left in enumerate((52, 176)):
        delay, cross, add = left + 34, left + 56, left + 106
        d.arrow((left, top), (add - 9, top))
        d.line((left, bottom), (delay - 15, bottom))
        d.box(delay, bottom, 30, 24, "$z^{−1}$")
        d.arrow((delay + 15, bottom), (add - 9, bottom))
        d.arrow((cross, top), (add - 6, bottom - 7), kind="accent")
        d.arrow((cross, bottom), (add - 6, top + 7), kind="accent")
        d.circle(add, top, 9, "+")
        d.circle(add, bottom, 9, "+")
        d.text(add + 2, (top + bottom) / 2, f"−$k_{stage + 1}$", "start", "accent-words")
        d.line((add + 9, top), (left + 124, top))
        d.line((add + 9, bottom), (left + 124, bottom))
        d.text(add + 14, top - 18, f"$f_{stage + 1}[n]$")
        d.text(add + 14, bottom + 22, f"$b_{stage + 1}[n]$")
    d.line((300, top), (312, top), kind="dashed")
    d.line((300, bottom), (312, bottom), kind="dashed")
    d.arrow((314, top), (336, top))
    d.text(346, top, "$e$")
    d.text(66, top - 18, "$f_0$")
    d.text(66, bottom + 22, "$b_0$")
    return d


def tubes() -> Drawing:
    """Tubes of equal length; at a change of width a wave is partly reflected."""
    d = Drawing(
        360,
        196,
        "A vocal tract as eight tubes of equal length and different width, from the folds on the "
        "left to the lips on the right. At each change of width a wave that runs to the lips is "
        "partly let through and partly sent back.",
    )
    areas = (1.2, 1.0, 1.6, 2.8, 3.6, 3.0, 1.8, 2.6)
    left, step, middle = 50, 33, 76
    for i, area in enumerate(areas):
        height = 26 * area**0.5
        d.box(left + step * (i + 0.5), middle, step, 2 * height * 0.8, kind="tube")
        d.text(left + step * (i + 0.5), 144, f"$A_{8 - i}$")
    d.line((left, middle - 46), (left, middle + 46), kind="wall")
    junction = left + 6 * step
    d.arrow((junction - 44, middle - 8), (junction + 28, middle - 8), kind="accent")
    d.curve(
        f"M{junction - 3},{middle - 8} q5,16 -8,16 L{junction - 36},{middle + 8}", kind="accent"
    )
    d.head(junction - 40, middle + 8, math.pi, "accent")
    d.text(junction + 34, middle - 8, "$f$", "start", "accent-words")
    d.text(junction - 50, middle + 9, "$b$", "end", "accent-words")
    d.text(junction, 16, "$k_2$")
    d.line((junction, 24), (junction, middle - 40), kind="dashed")
    d.text(left - 8, middle, "folds", "end")
    d.text(left + 8 * step + 8, middle, "lips", "start")
    d.line((left, 164), (left + step, 164))
    d.line((left, 160), (left, 168))
    d.line((left + step, 160), (left + step, 168))
    d.text(left + step + 8, 164, "one section: half a sample's way of the wave", "start")
    d.text(left + step + 8, 180, "2.2 cm at 8 kHz", "start")
    return d


def butterflies() -> Drawing:
    """The last stage of a fast Fourier transform of eight samples."""
    d = Drawing(
        360,
        262,
        "The last stage of a transform of eight samples. The four samples with even numbers and "
        "the four with odd numbers have a transform of their own. Bin k of each goes to the bins "
        "k and k plus four of the whole; that of the odd ones is multiplied by W to the power k "
        "and added to the first, subtracted from the second.",
    )
    rows = [24 + 30 * k for k in range(8)]
    for part, numbers, name in ((0, (0, 2, 4, 6), "E"), (1, (1, 3, 5, 7), "O")):
        at = rows[4 * part : 4 * part + 4]
        for n, y in zip(numbers, at):
            d.text(20, y, f"$x$[{n}]")
            d.arrow((36, y), (54, y))
        d.box(83, sum(at) / 4, 58, 108, "transform\nof four")
        for k, y in enumerate(at):
            words = f"${name}$[{k}]" if not part else f"$W^{k}O$[{k}]"
            d.text(116, y - 9, words, "start")
            d.line((112, y), (168, y), kind="second" if part else "line")
    for k in range(4):
        even, odd = rows[k], rows[k + 4]
        d.arrow((168, even), (300, even))
        d.arrow((168, even), (300, odd))
        d.arrow((168, odd), (300, even), kind="second")
        d.arrow((168, odd), (300, odd), kind="second dashed")
    for k, y in enumerate(rows):
        d.text(308, y, f"$X$[{k}]", "start")
    return d
