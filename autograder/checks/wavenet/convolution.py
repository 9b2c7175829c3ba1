"""Only the past: the dilated causal convolution, and how far back a stack of them hears."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import wavenet


def _layer(rng, T, C, K, D, dilation):
    return (rng.normal(size=(T, C)), rng.normal(size=(K, C, D)), rng.normal(size=D), dilation)


def _convolution_cases(rng):
    return [
        Case(_layer(rng, 24, 3, 2, 4, 2), "24 samples, 2 taps, dilation 2"),
        Case(_layer(rng, 40, 2, 3, 3, 5), "40 samples, 3 taps, dilation 5"),
        Case(_layer(rng, 30, 4, 4, 2, 3), "30 samples, 4 taps, dilation 3"),
        Case(_layer(rng, 20, 1, 3, 1, 1), "one channel, 3 taps, no gaps between them"),
        Case(_layer(rng, 6, 2, 3, 2, 4), "a tap from before the first sample at all times", EDGE),
        Case(_layer(rng, 5, 2, 2, 3, 64), "a dilation longer than the signal", EDGE),
        Case(_layer(rng, 1, 3, 2, 2, 1), "a single sample", EDGE),
        Case(_layer(rng, 12, 3, 1, 2, 8), "a single tap", EDGE),
    ]


def _by_sums(x, W, b, dilation):
    (T, _), K = x.shape, len(W)
    past = lambda t, k: x[t - k * dilation] @ W[k] if t >= k * dilation else 0.0  # noqa: E731
    return [b + sum(past(t, k) for k in range(K)) for t in range(T)]


def _by_padding(x, W, b, dilation):
    reach = (len(W) - 1) * dilation
    padded = np.vstack([np.zeros((reach, x.shape[1])), x])
    times = np.arange(len(x))[:, None] + reach - dilation * np.arange(len(W))
    return np.einsum("tkc,kcd->td", padded[times], W) + b


CAUSAL_CONVOLUTION = Exercise(
    function=wavenet.causal_convolution,
    read="Only the past",
    cases=_convolution_cases,
    refuses={
        "a dilation of 0": {"dilation": 0},
        "a dilation of one and a half": {"dilation": 1.5},
        "weights for more channels than x has": {"x": lambda x: x[:, :2]},
        "a bias for another number of channels": {"b": lambda b: b[:3]},
        "NaN in x": {"x": with_nan},
    },
    criteria=(
        Criterion("the sums", 3),
        Criterion("few samples, a long dilation, a single tap", 1, EDGE),
    ),
    mistakes="""
        @ W[k] => @ W[len(W) - 1 - k]
            Your taps are in PyTorch's order, the opposite one: here the last tap is the oldest.
        y[delay:] += x[: len(x) - delay] @ W[k] => y[: len(x) - delay] += x[delay:] @ W[k]
            Your taps look at later samples, which a net that generates does not have yet.
        y[delay:] += x[: len(x) - delay] @ W[k] => y += np.roll(x, k * dilation, axis=0) @ W[k]
            Your delay is circular; before the first sample everything is zero.
        min(k * int(dilation), len(x)) => min(k, len(x))
            Your taps are neighbours; the dilation says how many samples lie from one to the next.
        min(k * int(dilation), len(x)) => min((k + 1) * int(dilation), len(x))
            All your taps are one dilation too old: tap 0 belongs to the sample itself.
        np.tile(b, (len(x), 1)) => np.zeros((len(x), len(b)))
            The bias b is missing.
        @ W[k] => @ W[k] + b * (k > 0)
            You add the bias once for every tap; it belongs to each output once.
        return y => return y[(len(W) - 1) * int(dilation) :]
            You leave out the first outputs; there are as many as samples, after a past of zeros.
    """,
    alternatives=(
        Alternative(_by_sums, why="loops over times and taps, and a list"),
        Alternative(_by_padding, why="zeros in front, and all taps gathered at once"),
    ),
)


def _field_cases(rng):
    def stack(L, most=5):
        return rng.integers(2, most, L), rng.integers(1, 40, L)

    return [
        Case((*stack(4),), "four layers"),
        Case((*stack(7),), "seven layers"),
        Case((np.full(10, 2), 2 ** np.arange(10)), "ten layers of two taps whose dilation doubles"),
        Case((np.full(9, 3), 3 ** np.tile(np.arange(3), 3)), "three blocks of three layers"),
        Case((rng.integers(2, 9, 1), rng.integers(2, 9, 1)), "a single layer", EDGE),
        Case((np.ones(3, int), rng.integers(2, 9, 3)), "layers of one tap", EDGE),
    ]


def _by_listening(kernels, dilations):
    heard = {0}
    for kernel, dilation in zip(kernels, dilations):
        heard = {time + k * int(dilation) for time in heard for k in (0, int(kernel) - 1)}
    return max(heard) + 1


def _layer_by_layer(kernels, dilations):
    samples = 1
    for kernel, dilation in zip(kernels, dilations):
        samples += (int(kernel) - 1) * int(dilation)
    return samples


RECEPTIVE_FIELD = Exercise(
    function=wavenet.receptive_field,
    read="How far back a layer hears",
    cases=_field_cases,
    refuses={
        "fewer dilations than kernels": {"dilations": lambda d: d[:-1]},
        "a dilation of 0": {"dilations": [1, 2, 0, 4]},
        "a kernel of 0 taps": {"kernels": [2, 0, 2, 2]},
        "half a tap": {"kernels": [2.5, 2, 2, 2]},
        "no layer": {"kernels": [], "dilations": []},
    },
    criteria=(
        Criterion("the number of samples", 2),
        Criterion("a single layer, layers of one tap", 1, EDGE),
    ),
    mistakes="""
        1 + int((kernels - 1) @ dilations) => int((kernels - 1) @ dilations)
            You count how far back the oldest sample lies; the newest one, at the time of the output
            itself, is heard too.
        1 + int((kernels - 1) @ dilations) => int(kernels @ dilations)
            A layer of K taps has K of them, but K - 1 gaps between them.
        (kernels - 1) @ dilations => (kernels - 1)[-1] * dilations[-1]
            You count the last layer alone; what it reads has heard something of the past too.
        (kernels - 1) @ dilations => np.sum(kernels - 1)
            You count all taps as neighbours; the dilation of a layer spreads them.
        1 + int((kernels - 1) @ dilations) => int(np.prod(kernels))
            You multiply the taps of all layers. That counts the paths through the stack, and
            several of them may end at the same sample.
        1 + int((kernels - 1) @ dilations) => int(np.sum(1 + (kernels - 1) * dilations))
            You add the fields of single layers, so that the sample where two layers meet is counted
            twice.
        1 + int((kernels - 1) @ dilations) => 1 + int(kernels @ dilations)
            Each layer reaches one dilation too far: its first tap has no delay.
    """,
    alternatives=(
        Alternative(_by_listening, why="the times that are heard, followed down the layers"),
        Alternative(_layer_by_layer, why="a loop over whole numbers"),
    ),
)
