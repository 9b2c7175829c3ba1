"""Multi-receptive-field fusion: residual blocks side by side."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, changed, with_nan
from autograder.reference import hifigan


def _blocks(rng, T, C, taps, rounds, layers, largest):
    """A signal; kernels that neither blow it up nor let it fade; dilations of several sizes."""
    kernels = [rng.normal(size=(rounds, layers, k, C, C)) / np.sqrt(k * C) for k in taps]
    dilations = rng.integers(1, largest + 1, (len(taps), rounds, layers))
    dilations[0, -1, 0] = largest
    return rng.normal(size=(T, C)), kernels, dilations


def _fusion_cases(rng):
    return [
        Case(_blocks(rng, 20, 3, (3, 5), 2, 2, 3), "2 blocks of 2 rounds with 2 layers"),
        Case(_blocks(rng, 30, 2, (3, 5, 7), 3, 1, 4), "3 blocks of 3 rounds with 1 layer"),
        Case(_blocks(rng, 16, 2, (5, 3), 1, 3, 2), "2 blocks of 1 round with 3 layers"),
        Case((*_blocks(rng, 24, 2, (3, 5), 2, 2, 3), 0.4), "a slope of 0.4"),
        Case(_blocks(rng, 12, 2, (3,), 2, 2, 3), "a single block", EDGE),
        Case(_blocks(rng, 3, 2, (3, 7), 2, 1, 4), "a signal shorter than the kernels", EDGE),
        Case(_blocks(rng, 9, 1, (1, 3), 1, 1, 2), "one channel, a kernel of one tap", EDGE),
    ]


def _dilated(u, W, step):
    """The convolution, by one matrix product over gathered rows."""
    R, (taps, E, C) = len(W) // 2, W.shape
    where = np.arange(len(u))[:, None] + (np.arange(taps) - R) * step
    inside = (where >= 0) & (where < len(u))
    rows = np.where(inside[:, :, None], u[np.where(inside, where, 0)], 0.0)
    return rows.reshape(len(u), taps * C) @ W.transpose(0, 2, 1).reshape(taps * C, E)


def _block_by_block(x, kernels, dilations, slope=0.1):
    def made(kernel, rates):
        v = x
        for m in range(len(kernel)):
            u = v
            for layer in range(len(kernel[m])):
                positive, negative = np.maximum(u, 0), np.minimum(u, 0)
                u = _dilated(positive + slope * negative, kernel[m][layer], rates[m][layer])
            v = v + u
        return v

    return sum(made(kernels[n], dilations[n]) for n in range(len(kernels)))


RESIDUAL_FUSION = Exercise(
    function=hifigan.residual_fusion,
    read="Several receptive fields, added",
    cases=_fusion_cases,
    refuses={
        "a dilation of 0": {"dilations": changed((0, 0, 0), 0)},
        "a kernel with an even number of taps": {
            "kernels": lambda kernels: [kernels[0][:, :, :-1], kernels[1]]
        },
        "dilations for fewer blocks": {"dilations": lambda rates: rates[:-1]},
        "NaN in x": {"x": with_nan},
    },
    criteria=(
        Criterion("the sum of the blocks", 4),
        Criterion("one block, a short signal, one channel", 1, EDGE),
    ),
    mistakes="""
        return y => return y / len(kernels)
            You take the mean of the blocks. The authors' program does that too; here their sum is
            asked for.
        v = v + u => v = u
            In a round you keep what the layers make and drop what they were given; it is to be
            added.
        v = v + u => v = x + u
            Each of your rounds adds to x; it should add to what the round before it has made.
        y = y + v => y = y + v - x
            You add only what the blocks change; each block hands x on as well.
        np.where(u > 0, u, slope * u) => np.maximum(u, 0)
            Below zero your rectifier gives nothing: a leaky one lets `slope` times the value
            through.
        u = same_convolution(np.where(u > 0, u, slope * u), W, step)
        => u = same_convolution(u, W, step); u = np.where(u > 0, u, slope * u)
            Your layers rectify after the convolution; the rectifier comes first.
        (np.where(u > 0, u, slope * u), W, step) => (np.where(u > 0, u, slope * u), W, 1)
            All of your convolutions look at direct neighbours: the dilations are not used.
        (np.where(u > 0, u, slope * u), W, step)
        => (np.where(u > 0, u, slope * u), W[::-1], step)
            You turn the kernels round: W_0 meets the earliest of the frames.
        v = x => v = y if np.any(y) else x
            Your blocks are in a row: each starts from what the ones before it have made. They stand
            side by side, and all of them start from x.
    """,
    alternatives=(Alternative(_block_by_block, why="convolutions as one matrix product each"),),
)
