"""The nets before and behind the decoder: pre-net and post-net."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy import signal

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, changed, with_nan
from autograder.reference import tacotron


def _layers(rng, S, widths, keep):
    """Frames, weights, biases and masks of layers of these widths."""
    weights = [rng.normal(size=pair) / np.sqrt(pair[0]) for pair in pairwise(widths)]
    biases = [0.3 + 0.3 * rng.normal(size=width) for width in widths[1:]]
    masks = [(rng.random((S, width)) < keep).astype(float) for width in widths[1:]]
    return rng.normal(size=(S, widths[0])), weights, biases, masks


def _prenet_cases(rng):
    frames, weights, biases, masks = _layers(rng, 4, (5, 6, 7), 0.5)
    kept, dropped = ([np.full(m.shape, value) for m in masks] for value in (1.0, 0.0))
    return [
        Case(_layers(rng, 5, (6, 8, 7), 0.5), "two layers, half of the outputs dropped"),
        Case((*_layers(rng, 7, (4, 9, 6), 0.8), 0.8), "two layers, a fifth dropped"),
        Case((*_layers(rng, 6, (5, 7, 8, 6), 0.7), 0.7), "three layers, three tenths dropped"),
        Case((*_layers(rng, 4, (6, 9), 0.3), 0.3), "one layer, most of it dropped"),
        Case((frames, weights, biases, kept, 0.5), "masks that happen to keep everything", EDGE),
        Case((frames, weights, biases, kept, 1.0), "nothing dropped", EDGE),
        Case((frames, weights, biases, dropped, 0.5), "masks that drop everything", EDGE),
        Case(_layers(rng, 1, (3, 5, 4), 0.5), "a single frame", EDGE),
    ]


def _prenet_by_numbers(frames, weights, biases, masks, keep=0.5):
    rows = [[float(value) for value in frame] for frame in frames]
    for W, b, mask in zip(weights, biases, masks):
        rows = [
            [
                max(0.0, sum(x * w for x, w in zip(row, W[:, i])) + b[i]) / keep if kept[i] else 0.0
                for i in range(len(b))
            ]
            for row, kept in zip(rows, mask)
        ]
    return rows


PRENET = Exercise(
    function=tacotron.prenet,
    read="The pre-net",
    cases=_prenet_cases,
    refuses={
        "a half in a mask": {"masks": lambda masks: [masks[0], changed((0, 0), 0.5)(masks[1])]},
        "masks for one frame only": {"masks": lambda masks: [mask[:1] for mask in masks]},
        "biases of one number": {"biases": lambda biases: [b[:1] for b in biases]},
        "a layer without a mask": {"masks": lambda masks: masks[:1]},
        "keep of 0": {"keep": 0.0},
        "keep of 1.5": {"keep": 1.5},
        "NaN in frames": {"frames": with_nan},
    },
    criteria=(
        Criterion("the outputs of the last layer", 3),
        Criterion("everything kept or dropped, a single frame", 1, EDGE),
    ),
    mistakes="""
        * m / keep => * m
            What is kept has to be made larger, so that the expected output is the one without a
            mask.
        * m / keep => * m / max(m.mean(), 1e-9)
            You divide by the share that this mask happens to keep; it is the probability that
            counts.
        * m / keep => * m * keep
            You make what is kept smaller; as less is kept, it has to be made larger.
        np.maximum(x @ W + b, 0) => (x @ W + b)
            The rectifier is missing: what is negative becomes zero.
        x @ W + b => x @ W
            The biases of the layers are missing.
        x @ W + b, 0) * m / keep => (x * 1) @ W + b, 0) * (1 - m) / keep
            Your masks are the wrong way round: 0 is what is dropped.
        return x => return x * keep ** (len(masks) - 1)
            You divide by `keep` only once; every layer drops some and makes up for it.
        x = np.maximum(x @ W + b, 0) * m / keep
        => x = np.maximum(x @ W + b, 0) * (m / keep if matrix is weights[-1] else 1)
            Only your last layer drops outputs; every layer does.
        np.maximum(x @ W + b, 0) * m / keep => np.maximum((x @ W) * m / keep + b, 0)
            You apply the mask before the bias, so that what is dropped is not zero; the mask comes
            last.
    """,
    alternatives=(Alternative(_prenet_by_numbers, why="one number after another, and lists"),),
)


def _corrected(rng, T, widths, taps):
    before = rng.normal(size=(T, widths[0]))
    kernels = [
        rng.normal(size=(k, *pair)) / np.sqrt(k * pair[0])
        for k, pair in zip(taps, pairwise(widths))
    ]
    return before, kernels, before + 0.5 * rng.normal(size=before.shape)


def _postnet_cases(rng):
    before, kernels, _ = _corrected(rng, 8, (3, 4, 3), (5, 3))
    return [
        Case(_corrected(rng, 10, (4, 6, 4), (5, 5)), "two layers of 5 taps"),
        Case(_corrected(rng, 14, (3, 5, 4, 3), (5, 3, 5)), "three layers of 5 and 3 taps"),
        Case(_corrected(rng, 9, (2, 3, 3, 3, 2), (3, 3, 3, 3)), "four layers of 3 taps"),
        Case(_corrected(rng, 9, (3, 3, 3), (3, 5)), "two layers, as wide as the frames"),
        Case(_corrected(rng, 8, (3, 3), (5,)), "a single layer", EDGE),
        Case(_corrected(rng, 1, (4, 5, 4), (3, 3)), "a single frame", EDGE),
        Case((before, kernels, before), "frames that are right already", EDGE),
        Case((before, [0 * W for W in kernels], before + 1), "a net of zeros", EDGE),
    ]


def _postnet_by_scipy(before, kernels, target):
    x = before
    for W in kernels:
        if W is not kernels[0]:
            x = np.tanh(x)
        padded = np.pad(x, ((len(W) // 2,) * 2, (0, 0)))
        columns = [signal.correlate(padded, W[:, :, d], "valid")[:, 0] for d in range(W.shape[2])]
        x = np.stack(columns, axis=1)
    after = before + x
    return after, [np.sum((f - target) ** 2) / target.size for f in (before, after)]


POSTNET_RESIDUAL = Exercise(
    function=tacotron.postnet_residual,
    read="The post-net",
    cases=_postnet_cases,
    refuses={
        "a target of fewer frames": {"target": lambda target: target[:-1]},
        "no kernels": {"kernels": []},
        "a kernel with an even number of taps": {"kernels": lambda ks: [ks[0][:-1], ks[1]]},
        "kernels that end in a single band": {"kernels": lambda ks: [ks[0], ks[1][:, :, :1]]},
        "NaN in before": {"before": with_nan},
    },
    criteria=(
        Criterion("the corrected frames", 2, select=0),
        Criterion("both losses", 2, select=1),
        Criterion("one layer, one frame, nothing to correct", 1, EDGE),
    ),
    mistakes="""
        after = before + x => after = x
            You return what the post-net makes; it is a correction, to be added to the frames.
        after = before + x => after = before - x
            You take the correction away; it is added.
        if layer < len(kernels): => if True:
            You bend the output of the last layer, too: a correction has to be free to be large.
        if layer < len(kernels): => if False:
            There is no hyperbolic tangent between your layers; without it all of them together are
            one convolution.
        x = np.tanh(x) => x = np.maximum(x, 0)
            You rectify between the layers; here it is the hyperbolic tangent.
        after = before + x => after = before + x; before = after
            Both of your losses are of the corrected frames; the first is of those from the decoder.
        (frames - target) ** 2) for frames in (before, after)
        => (frames - target) ** 2) for frames in (after, before)
            Your two losses are exchanged.
        np.mean((frames - target) ** 2) => np.mean(np.abs(frames - target))
            You take the mean of magnitudes; it is that of squares.
        np.mean((frames - target) ** 2) => np.mean(np.sum((frames - target) ** 2, axis=1))
            Your mean is over the frames only; it is over the bands too.
        np.mean((frames - target) ** 2) => np.sqrt(np.mean((frames - target) ** 2))
            You take the root of the mean; the mean itself is the loss.
        x = convolution(x, W) => x = convolution(x, W[::-1])
            You turn the kernels round: tap 0 meets the earliest of the frames.
    """,
    alternatives=(
        Alternative(_postnet_by_scipy, why="scipy.signal.correlate, tanh before layers"),
    ),
)
