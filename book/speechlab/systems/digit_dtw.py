"""Dynamic time warping: tables, paths, a recogniser of digits by templates, and warped sound.

Cells on one anti-diagonal of a table do not depend on each other, so each is computed at once,
for any number of templates together.

Shapes: `I` frames of a recording, `K` of a template, `M` templates, `F` features a frame.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from speechlab.speech.cepstra import HOP

Array = NDArray[np.floating]
STEPS = np.array([[1, 1], [1, 0], [0, 1]])  # both move on, only the first, only the second
MEASURES = ("euclidean", "cosine")


def accumulate(
    local: Array, similar: bool = False, diagonal: float = 1.0, band: float | None = None
) -> Array:
    """The table of totals of local costs or similarities, both of shape `(..., I, K)`.

    Costs: the least sum over a path, in which the cells that are entered on the diagonal, and
    the first, count `diagonal` times; cells further than `band` frames from the straight line
    between the corners are closed. Similarities: the largest sum over matched frames, by the
    exam's recursion.
    """
    rows, columns = local.shape[-2:]
    nothing, better = (-np.inf, np.maximum) if similar else (np.inf, np.minimum)
    local = local if band is None else np.where(near(rows, columns, band), local, nothing)
    i, k = np.ogrid[:rows, :columns]
    skewed = np.full((rows + columns - 1, *local.shape[:-2], rows), nothing)
    skewed[i + k, ..., i] = np.moveaxis(local, (-2, -1), (0, 1))
    totals = np.full((rows + columns + 1, *local.shape[:-2], rows + 1), 0.0 if similar else np.inf)
    totals[0, ..., 0] = 0
    for n, c in enumerate(skewed):
        rows_there = slice(max(n + 1 - columns, 0), min(n + 1, rows))
        both, one = totals[n : n + 2, ..., rows_there]
        other, here = totals[n + 1 : n + 3, ..., 1:][..., rows_there]
        ways = _ways(c[..., rows_there], both, one, other, similar, diagonal)
        here[...] = better(ways[0], better(ways[1], ways[2]))
    return np.moveaxis(totals[i + k + 2, ..., i + 1], (0, 1), (-2, -1))


def _ways(c: Array, both: Array, one: Array, other: Array, similar: bool, diagonal: float):
    """What a cell would total if it were reached by each of `STEPS`."""
    if similar:
        return both + c, one, other
    return both + diagonal * c, one + c, other + c


def near(rows: int, columns: int, band: float) -> NDArray[np.bool_]:
    """Which cells of a table lie within `band` frames of the line between its corners."""
    i, k = np.ogrid[:rows, :columns]
    longer = max(rows - 1, columns - 1, 1)
    return np.abs(i / max(rows - 1, 1) - k / max(columns - 1, 1)) * longer <= band


def trace(
    local: Array, total: Array, similar: bool = False, diagonal: float = 1.0
) -> NDArray[np.int_]:
    """The cells of the best path `(L, 2)`; of similarities, the matched cells only.

    Of equal ways to a cell costs prefer the diagonal, similarities to leave out a frame.
    """
    edged = np.pad(total, ((1, 0), (1, 0)), constant_values=0.0 if similar else np.inf)
    edged[0, 0] = 0
    before = edged[:-1, :-1], edged[:-1, 1:], edged[1:, :-1]
    match, skip, skip_other = _ways(local, *before, similar, diagonal)
    if similar:
        step = (np.argmax([skip, skip_other, match], axis=0) + 1) % 3
    else:
        step = np.argmin([match, skip, skip_other], axis=0)
    at, path = np.array(total.shape) - 1, []
    while min(at) >= 0:
        taken = step[tuple(at)]
        if taken == 0 or not similar:
            path.append(at)
        at = at - STEPS[taken]
    return np.array(path[::-1], dtype=int).reshape(-1, 2)


def local(X: Array, Y: Array, measure: str = "euclidean") -> Array:
    """Distances `(..., I, K)` of the frames of X `(I, F)` and Y `(..., K, F)`, or their cosines."""
    if measure not in MEASURES:
        raise ValueError(f"There is no measure {measure!r}: say {' or '.join(MEASURES)}.")
    if X.size == 0 or Y.size == 0:
        raise ValueError("A recording without frames cannot be compared.")
    inner = np.swapaxes(np.tensordot(Y, X, (-1, -1)), -1, -2)
    if measure == "cosine":
        lengths = np.linalg.norm(X, axis=-1)[:, None] * np.linalg.norm(Y, axis=-1)[..., None, :]
        return inner / np.maximum(lengths, 1e-12)
    squares = np.sum(X**2, axis=-1)[:, None] + np.sum(Y**2, axis=-1)[..., None, :]
    return np.sqrt(np.maximum(squares - 2 * inner, 0))


class Templates:
    """Recordings whose words are known, ready to be compared with others.

    Features are scaled to mean 0 and variance 1 over all frames of the templates, so that no
    coefficient drowns the others.
    """

    def __init__(self, sequences: Sequence[Array], words: Sequence[int]) -> None:
        if len(sequences) == 0 or len(sequences) != len(words):
            raise ValueError("Give one template or more, and a word for each.")
        frames = np.concatenate(sequences)
        self.mean, self.spread = frames.mean(axis=0), np.maximum(frames.std(axis=0), 1e-12)
        self.words = np.asarray(words)
        self.lengths = np.array([len(x) for x in sequences])
        if self.lengths.min() == 0:
            raise ValueError("A template needs at least one frame.")
        self.padded = np.zeros((len(sequences), self.lengths.max(), frames.shape[1]))
        for row, x in zip(self.padded, sequences):
            row[: len(x)] = self.scaled(x)

    def scaled(self, x: Array) -> Array:
        """Features in the templates' units."""
        return (x - self.mean) / self.spread

    def scores(self, x: Array, measure: str = "cosine", similar: bool = True) -> Array:
        """How well each template fits a recording `(I, F)`, shape `(M,)`: the larger, the better.

        `similar`: by the exam's recursion, on cosines; else by cost, with a diagonal step that
        counts twice, on Euclidean distances or on one minus the cosine. Totals are divided by
        I + K, and costs have their sign turned.
        """
        if not np.all(np.isfinite(x)):
            raise ValueError("Features must be finite numbers.")
        if similar and measure != "cosine":
            raise ValueError("Only cosines are similarities.")
        table = local(self.scaled(x), self.padded, measure)
        if measure == "cosine" and not similar:
            table = 1 - table
        total = accumulate(table, similar, diagonal=2.0)
        last = total[np.arange(len(self.words)), -1, self.lengths - 1] / (len(x) + self.lengths)
        return last if similar else -last


def nearest(templates: Templates, scores: Array) -> NDArray[np.int_]:
    """The word of the best template for each row of scores, shape (R,)."""
    return templates.words[np.argmax(scores, axis=-1)]


def positions(path: NDArray[np.int_], frames: int, smooth: int = 5) -> Array:
    """Where in the second recording each frame of the first is found, shape (frames,).

    The mean over the cells of the path in each row, straight lines across rows without any,
    and a short running mean, because nobody speaks in steps.
    """
    if len(path) == 0:
        raise ValueError("A path without cells leads nowhere.")
    rows = np.unique(path[:, 0])
    means = [path[path[:, 0] == row, 1].mean() for row in rows]
    found = np.interp(np.arange(frames), rows, means)
    edges = np.pad(found, smooth // 2, mode="edge")
    return np.convolve(edges, np.full(smooth, 1 / smooth), mode="valid")


def warp(samples: Array, rate: int, when: Array) -> Array:
    """The sound again with its time bent: at frame n it is heard as it was at frame `when[n]`.

    Overlapping windows are taken from there and laid 10 ms apart. Each is shifted by a few
    milliseconds to go on where the one before it left off, so that periods are not torn
    (WSOLA: Verhelst and Roelands, 1993).
    """
    hop = round(HOP * rate)
    reach, width = 3 * hop // 4, 4 * hop
    margin = width + reach
    source = np.pad(np.asarray(samples, dtype=float), (margin, margin + hop))
    window = np.hanning(width + 1)[:-1] / 2
    result = np.zeros(hop * len(when) + width)
    shifts, follow = np.arange(-reach, reach + 1), None
    for n, frame in enumerate(when):
        start = margin + int(np.clip(frame * hop, 0, len(samples))) - width // 2
        if follow is not None:
            pieces = np.lib.stride_tricks.sliding_window_view(
                source[start - reach : start + reach + width], width
            )
            power = np.linalg.norm(pieces, axis=1) + 1e-3 * np.abs(source).max()
            start += shifts[np.argmax(pieces @ follow / power - 1e-9 * np.abs(shifts))]
        result[n * hop : n * hop + width] += window * source[start : start + width]
        follow = source[start + hop : start + hop + width]
    return result[width // 2 : width // 2 + hop * len(when)]
