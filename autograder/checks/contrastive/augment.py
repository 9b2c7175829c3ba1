"""What may change of a sound without its becoming another one."""

from __future__ import annotations

import math

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, spoilt, with_nan
from autograder.reference import contrastive


def _mix_cases(rng):
    def sounds(N, alpha):
        return *rng.normal(size=(2, N)), alpha

    return [
        Case(sounds(8, 0.7), "8 samples"),
        Case(sounds(20, 0.9), "20 samples, a quiet background"),
        Case(sounds(5, 0.3), "a loud background"),
        Case(sounds(4, 1.0), "an alpha of 1", EDGE),
        Case(sounds(4, 0.0), "an alpha of 0", EDGE),
    ]


def _mix_by_a_loop(x, other, alpha):
    return [alpha * a + (1 - alpha) * b for a, b in zip(x, other)]


MIX = Exercise(
    function=contrastive.mix,
    read="What may change",
    cases=_mix_cases,
    refuses={
        **spoilt("x"),
        "sounds of other lengths": {"other": lambda other: other[1:]},
        "an alpha of 1.5": {"alpha": 1.5},
    },
    criteria=(Criterion("the mixture", 2), Criterion("alpha 0 and 1", 1, EDGE)),
    mistakes="""
        alpha * x + (1 - alpha) * other => alpha * other + (1 - alpha) * x
            The weights are exchanged: alpha is that of x, which gives the mixture its label.
        alpha * x + (1 - alpha) * other => x + (1 - alpha) * other
            x keeps its full weight; its weight is alpha.
        alpha * x + (1 - alpha) * other => alpha * x + other
            The other sound keeps its full weight; its weight is what alpha leaves.
        alpha * x + (1 - alpha) * other => np.sqrt(alpha) * x + np.sqrt(1 - alpha) * other
            Your weights are the square roots; those keep the energy, but they are not the ones
            asked for.
    """,
    alternatives=(Alternative(_mix_by_a_loop, why="a loop"),),
)


def _levels(rng, T, F, share):
    return *rng.normal(size=(2, T, F)), share


def _log_mix_cases(rng):
    x, other, _ = _levels(rng, 3, 4, 0.5)
    return [
        Case(_levels(rng, 4, 5, 0.3), "4 frames"),
        Case(_levels(rng, 7, 3, 0.1), "a quiet background"),
        Case(_levels(rng, 3, 3, 0.7), "a loud background"),
        Case((x, other, 0.0), "a share of 0", EDGE),
        Case((x, other, 1.0), "a share of 1", EDGE),
        Case((x + 1000, other + 1001, 0.4), "levels of 1000", EDGE),
    ]


def _log_mix_by_loops(x, other, share):
    def one(a, b):
        most = max(a, b)
        return most + math.log((1 - share) * math.exp(a - most) + share * math.exp(b - most))

    if share in (0, 1):
        return [list(row) for row in (other if share else x)]
    return [[one(a, b) for a, b in zip(*rows)] for rows in zip(x, other)]


LOG_MIX_EXP = Exercise(
    function=contrastive.log_mix_exp,
    read="Backgrounds before the logarithm",
    cases=_log_mix_cases,
    refuses={
        **spoilt("x"),
        "spectrograms of other shapes": {"other": lambda other: other[1:]},
        "a share of 1.5": {"share": 1.5},
    },
    criteria=(
        Criterion("the mixture", 2),
        Criterion("a share of 0 or 1, large levels", 1, EDGE),
    ),
    mistakes="""
        np.logaddexp(x + np.log1p(-share), other + np.log(share)) => (1 - share) * x + share * other
            You mix the levels; asked for is the level of the mixed powers.
        np.logaddexp(x + np.log1p(-share), other + np.log(share))
        => np.logaddexp(x + np.log(share), other + np.log1p(-share))
            The weights are exchanged: the share is that of the other one.
        np.logaddexp(x + np.log1p(-share), other + np.log(share))
        => np.log((1 - share) * np.exp(x) + share * np.exp(other))
            exp(1000) is too large for a floating-point number: take the larger level out of the sum
            first.
        np.logaddexp(x + np.log1p(-share), other + np.log(share))
        => np.logaddexp(x, other + np.log(share))
            x keeps its full power; its weight is what the share leaves.
        np.logaddexp(x + np.log1p(-share), other + np.log(share))
        => np.logaddexp(x + np.log1p(-share), other + np.log(share)) / np.log(10)
            Your logarithm is to the base 10; the levels are natural logarithms.
        np.logaddexp(x + np.log1p(-share), other + np.log(share))
        => np.exp(np.logaddexp(x + np.log1p(-share), other + np.log(share)))
            You give the power; its logarithm is asked for.
    """,
    alternatives=(Alternative(_log_mix_by_loops, why="loops and lists"),),
)


def _mask_cases(size):
    """Cases of a mask along an axis; `size` gives the shape for a number of cells along it."""

    def cases(rng):
        def masked(count, start, length):
            return 1 + rng.random(size(count)), start, length

        return [
            Case(masked(8, int(rng.integers(1, 3)), 3), "in the middle"),
            Case(masked(11, int(rng.integers(2, 5)), 4), "a longer one"),
            Case(masked(6, 0, 2), "at the beginning"),
            Case(masked(6, 4, 5), "beyond the end", EDGE),
            Case(masked(5, 2, 0), "of length 0", EDGE),
            Case(masked(5, 0, 5), "over everything", EDGE),
        ]

    return cases


MASKED = (Criterion("the masked spectrogram", 2), Criterion("nothing, everything, beyond", 1, EDGE))
MASK_REFUSED = {
    **spoilt("x"),
    "a start before the spectrogram": {"start": -1},
    "a start behind it": {"start": 8},
    "a mask longer than it": {"length": 30},
    "a negative length": {"length": -1},
}


def _time_mask_by_loops(x, start, length):
    return [
        [0.0 if start <= t < start + length else cell for cell in row] for t, row in enumerate(x)
    ]


TIME_MASK = Exercise(
    function=contrastive.time_mask,
    read="What may change",
    cases=_mask_cases(lambda T: (T, 7)),
    refuses=MASK_REFUSED,
    criteria=MASKED,
    mistakes="""
        masked[start : start + length] = 0 => masked[:, start : start + length] = 0
            You mask bands; time runs down the rows.
        masked[start : start + length] = 0 => masked[start : start + length + 1] = 0
            Your mask is one row too long: the last masked row is start + length - 1.
        masked[start : start + length] = 0 => masked[start:length] = 0
            You stop at row `length`; it counts rows from the start of the mask.
        masked[start : start + length] = 0 => masked[:start] = 0; masked[start + length :] = 0
            You keep what should go, and mask the rest.
        masked[start : start + length] = 0
        => return np.delete(masked, np.s_[start : start + length], axis=0)
            You cut the rows out; the spectrogram keeps its length, and they are zero.
        masked[start : start + length] = 0
        => masked[np.arange(start, start + length) % len(masked)] = 0
            Your mask goes on at the beginning where the spectrogram ends; it ends there, too.
    """,
    alternatives=(Alternative(_time_mask_by_loops, why="loops and lists"),),
)


def _frequency_mask_by_product(x, start, length):
    bands = np.arange(np.shape(x)[1])
    return np.asarray(x) * ~((bands >= start) & (bands < start + length))


FREQUENCY_MASK = Exercise(
    function=contrastive.frequency_mask,
    read="What may change",
    cases=_mask_cases(lambda F: (7, F)),
    refuses=MASK_REFUSED,
    criteria=MASKED,
    mistakes="""
        masked[:, start : start + length] = 0 => masked[start : start + length] = 0
            You mask times; the bands are the columns.
        masked[:, start : start + length] = 0 => masked[:, start : start + length + 1] = 0
            Your mask is one band too wide: the last masked band is start + length - 1.
        masked[:, start : start + length] = 0 => masked[:, start:length] = 0
            You stop at band `length`; it counts bands from the start of the mask.
        masked[:, start : start + length] = 0
        => masked[:, :start] = 0; masked[:, start + length :] = 0
            You keep what should go, and mask the rest.
        masked[:, start : start + length] = 0 => masked[:, start : start + length] = masked.mean()
            You fill the bands with the mean; they are to be zero.
        masked[:, start : start + length] = 0
        => masked[:, np.arange(start, start + length) % bands] = 0
            Your mask goes on at the lowest band where the spectrogram ends; it ends there, too.
    """,
    alternatives=(Alternative(_frequency_mask_by_product, why="a product with an indicator"),),
)


def _shift_cases(rng):
    def shifted(T, F, shift):
        return 1 + rng.random((T, F)), shift

    return [
        Case(shifted(4, 7, 2), "2 bands up"),
        Case(shifted(5, 8, -3), "3 bands down"),
        Case(shifted(3, 6, 1), "1 band up"),
        Case(shifted(6, 6, -2), "2 bands down, as many frames as bands"),
        Case(shifted(3, 4, 0), "not at all", EDGE),
        Case(shifted(3, 4, 4), "as many bands as there are", EDGE),
        Case(shifted(3, 4, -9), "more bands than there are", EDGE),
    ]


def _shift_by_loops(x, shift):
    bands = np.shape(x)[1]
    return [[row[f - shift] if 0 <= f - shift < bands else 0.0 for f in range(bands)] for row in x]


FREQUENCY_SHIFT = Exercise(
    function=contrastive.frequency_shift,
    read="What may change",
    cases=_shift_cases,
    refuses={"NaN in x": {"x": with_nan}, "an empty x": {"x": lambda x: x[:0]}},
    criteria=(
        Criterion("the shifted spectrogram", 3),
        Criterion("not at all, and out of sight", 1, EDGE),
    ),
    mistakes="""
        return shifted => return np.roll(x, shift, axis=1)
            What leaves at one end comes in at the other; zeros should come in.
        return shifted
        => return np.concatenate([0 * x, x, 0 * x], axis=1)[:, bands + shift : 2 * bands + shift]
            You move the bands the other way: a positive shift is upwards.
        return shifted
        => return np.roll(np.vstack([x, 0 * x]), shift, axis=0)[: len(x)]
            You shift in time; the bands are the columns.
        return shifted => shifted[:, :up] = x[:, :1]; return shifted
            You fill the gap below with the lowest band; zeros should come in.
        shifted = np.zeros(x.shape) => shifted = x.copy()
            What was in the gap stays there; zeros should come in.
    """,
    alternatives=(Alternative(_shift_by_loops, why="loops and lists"),),
    forbidden="scipy.ndimage.shift",
    because="it is the function",
)
