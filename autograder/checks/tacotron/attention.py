"""Attention with a place: what has been read already, and which letter is read next."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, changed, with_nan
from autograder.reference import tacotron

LARGE = "large energies"


def _attended(rng, S, N):
    """Weights of S steps that move on from letter to letter, not all alike in sharpness."""
    e = -((np.arange(N) - np.arange(S)[:, None] * N / S) ** 2) / 2 + rng.normal(size=(S, N))
    return np.exp(e) / np.exp(e).sum(axis=1, keepdims=True)


def _located(rng, S, N, R, K):
    return _attended(rng, S, N), rng.normal(size=(2 * R + 1, K))


def _location_cases(rng):
    return [
        Case(_located(rng, 5, 8, 2, 3), "5 steps, 8 letters, 3 filters of 5 taps"),
        Case(_located(rng, 9, 6, 1, 4), "9 steps, 6 letters, 4 filters of 3 taps"),
        Case(_located(rng, 3, 12, 3, 2), "3 steps, 12 letters, 2 filters of 7 taps"),
        Case(_located(rng, 1, 7, 2, 3), "the first step alone", EDGE),
        Case(_located(rng, 6, 3, 4, 2), "filters longer than the text", EDGE),
        Case(_located(rng, 4, 1, 1, 2), "a single letter", EDGE),
        Case((np.zeros((1, 6)), rng.normal(size=(3, 2))), "nothing looked at yet", EDGE),
    ]


def _location_by_loop(past, filters):
    R, (_, N) = len(filters) // 2, past.shape
    f = np.zeros((N, filters.shape[1]))
    for step in past:
        for n in range(N):
            for j in range(-R, R + 1):
                if 0 <= n + j < N:
                    f[n] += step[n + j] * filters[R + j]
    return f


LOCATION_FEATURES = Exercise(
    function=tacotron.location_features,
    read="What has been read already",
    cases=_location_cases,
    refuses={
        "filters with an even number of taps": {"filters": lambda filters: filters[:-1]},
        "a negative weight": {"past": changed((0, 0), -0.1)},
        "NaN in past": {"past": with_nan},
    },
    criteria=(
        Criterion("the features of each letter", 3),
        Criterion("the first step, long filters, a single letter", 1, EDGE),
    ),
    mistakes="""
        past.sum(axis=0) => past[-1]
            You look at the step before only; the weights of all past steps are added up.
        past.sum(axis=0) => past.mean(axis=0)
            You take the mean over the steps; the sum, which grows from step to step, is asked for.
        past.sum(axis=0) => past.max(axis=0)
            You take the largest weight that a letter has got; its weights are added up.
        len(filters)) @ filters => len(filters)) @ filters[::-1]
            You turn the filters round, as a convolution does; the last tap meets a later letter.
        len(filters) // 2) => len(filters) // 2, mode="edge")
            You continue the text by its first and last letter; outside the text there is nothing.
        len(filters) // 2) => len(filters) // 2, mode="wrap")
            Your filters run in a circle: the last letter is next to the first one.
        around = np.pad(past.sum(axis=0), len(filters) // 2)
        => around = np.pad(past.sum(axis=0), (len(filters) - 1, 0))
            Your filters look at the letters before only; they look to both sides.
    """,
    alternatives=(Alternative(_location_by_loop, why="step by step, three loops"),),
)


def _compared(rng, N, Q, E, K, A, size=1.5):
    return (
        *(rng.normal(size=Q), rng.normal(size=(N, E)), rng.normal(size=(N, K))),
        *(rng.normal(size=(rows, A)) / np.sqrt(rows) for rows in (Q, E, K)),
        *(0.5 * rng.normal(size=A), size * rng.normal(size=A) / np.sqrt(A)),
    )


def _step_cases(rng):
    return [
        Case(_compared(rng, 6, 4, 3, 2, 5), "6 letters"),
        Case(_compared(rng, 9, 3, 5, 4, 6), "9 letters"),
        Case(_compared(rng, 4, 4, 4, 4, 4), "4 letters, all widths alike"),
        Case(_compared(rng, 1, 3, 4, 2, 3), "a single letter", EDGE),
        Case(_compared(rng, 5, 1, 1, 1, 1), "all widths 1", EDGE),
        Case(_compared(rng, 5, 4, 3, 2, 6, 4000.0), "energies in the thousands", LARGE),
        Case(_compared(rng, 7, 3, 3, 3, 5, 9000.0), "energies in the thousands", LARGE),
    ]


def _step_letter_by_letter(query, memory, location, W, V, U, b, v):
    energies = []
    for letter, place in zip(memory, location):
        everything = np.concatenate([query, letter, place, [1.0]])
        energies.append(float(v @ np.tanh(np.vstack([W, V, U, b]).T @ everything)))
    largest = max(energies)
    shares = [np.exp(e - largest) for e in energies]
    weights = [share / sum(shares) for share in shares]
    return energies, weights, sum(w * row for w, row in zip(weights, memory))


ATTENTION_STEP = Exercise(
    function=tacotron.attention_step,
    read="One step of attention",
    cases=_step_cases,
    refuses={
        "a place for one letter only": {"location": lambda location: location[:1]},
        "a bias of one number": {"b": lambda b: b[:1]},
        "a U for another number of filters": {"U": lambda U: U[:-1]},
        "a v of another width": {"v": lambda v: v[:-1]},
        "NaN in memory": {"memory": with_nan},
    },
    criteria=(
        Criterion("energies", 2, select=0),
        Criterion("weights", 1, select=1),
        Criterion("context", 1, select=2),
        Criterion("a single letter, widths of 1", 1, EDGE),
        Criterion("large energies", 1, LARGE),
    ),
    mistakes="""
        + location @ U =>
            The place of the letters is left out: this is attention by content alone.
        query @ W + =>
            The decoder's state is left out, so that the same letters are looked at in every step.
        + b) @ v => ) @ v
            The bias is left out.
        np.tanh(query @ W + memory @ V + location @ U + b)
        => (query @ W + memory @ V + location @ U + b)
            The hyperbolic tangent is left out: without it the state adds the same to all energies
            and changes no weight.
        np.tanh(query @ W + memory @ V + location @ U + b)
        => np.tanh(query @ W) + np.tanh(memory @ V) + np.tanh(location @ U + b)
            You bend each part by itself; the hyperbolic tangent is taken of their sum.
        softmax(energies) => np.exp(energies) / np.exp(energies).sum()
            Your softmax overflows: take the largest energy off before you exponentiate.
        softmax(energies) => expit(energies)
            Your weights do not add up to one: the letters share the attention by a softmax.
        weights @ memory => memory[np.argmax(weights)]
            You take the letter with the largest weight; the context is an average of all of them.
        weights @ memory => weights @ memory / len(memory)
            You divide the context by the number of letters; the weights add up to one already.
        weights @ memory => weights @ memory @ V
            You average what the letters were turned into for the comparison; the context is made of
            the rows of memory.
    """,
    alternatives=(Alternative(_step_letter_by_letter, why="one letter after another, one matrix"),),
)
