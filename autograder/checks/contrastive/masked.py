"""wav2vec 2.0: its quantiser, its loss, and the diversity of its codewords."""

from __future__ import annotations

import math

import numpy as np

from autograder.checks.contrastive.inputs import (
    COLD,
    CROSS_ENTROPY,
    rows_refused,
    surprise,
    unit,
)
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE, with_nan
from autograder.reference import contrastive


def _words(rng, T, G, V, d, temperature, hard):
    noise = rng.gumbel(size=(T, G, V))
    return rng.normal(size=(T, G, V)), rng.normal(size=(G, V, d)), noise, temperature, hard


def _quantise_cases(rng):
    logits, books, noise, temperature, _ = _words(rng, 4, 2, 3, 2, 0.5, False)
    return [
        Case(_words(rng, 5, 2, 4, 3, 0.5, False), "2 books, soft"),
        Case(_words(rng, 3, 3, 3, 3, 2.0, False), "3 books, a high temperature"),
        Case(_words(rng, 6, 2, 5, 2, 0.7, True), "2 books, hard", "hard"),
        Case(_words(rng, 4, 3, 4, 1, 2.0, True), "3 books of single numbers, hard", "hard"),
        Case((logits, books, 0 * noise, temperature, False), "no noise", EDGE),
        Case((0 * logits, books, 0 * noise, 1.0, True), "all codewords equally good, hard", EDGE),
        Case((1e4 * logits, books, noise, 0.1, False), "very large logits", EDGE),
    ]


def _quantise_by_loops(logits, books, noise, temperature, hard):
    weights, quantised = [], []
    for row, shaken in zip(logits, noise):
        chosen, side_by_side = [], []
        for book, scores, extra in zip(books, row, shaken):
            scores = [(a + b) / temperature for a, b in zip(scores, extra)]
            parts = [math.exp(score - max(scores)) for score in scores]
            if hard:
                parts = [float(v == scores.index(max(scores))) for v in range(len(scores))]
            parts = [part / sum(parts) for part in parts]
            chosen.append(parts)
            side_by_side += list(np.array(parts) @ np.array(book))
        weights.append(chosen)
        quantised.append(side_by_side)
    return weights, quantised


PRODUCT_QUANTISE = Exercise(
    function=contrastive.product_quantise,
    read="A word from each book",
    cases=_quantise_cases,
    refuses={
        "NaN in the logits": {"logits": with_nan},
        "books of other sizes than the logits": {"books": lambda books: books[:, :-1]},
        "infinite noise": {"noise": lambda noise: np.where(noise == noise.max(), np.inf, noise)},
        **COLD,
    },
    criteria=(
        Criterion("soft weights", 1, select=0),
        Criterion("soft codewords", 1, select=1),
        Criterion("hard weights", 1, "hard", select=0),
        Criterion("hard codewords", 1, "hard", select=1),
        Criterion("no noise, equal logits, very large ones", 1, EDGE),
    ),
    mistakes="""
        (logits + noise) => logits
            Your choice does not depend on the noise, so it is the same each time.
        (logits + noise) / above_zero(temperature) => (logits + noise) * above_zero(temperature)
            You multiply by the temperature; a low one should make the choice sharper.
        (logits + noise) / above_zero(temperature) => logits / above_zero(temperature) + noise
            The noise is not divided by the temperature, and so the temperature changes which
            codeword wins.
        (logits + noise) / above_zero(temperature) => (logits - noise) / above_zero(temperature)
            You take the noise away from the logits; it is added.
        special.softmax(perturbed, axis=2) => special.softmax(perturbed, axis=1)
            Your weights add up to 1 over the books; within a book its codewords compete.
        special.softmax(perturbed, axis=2)
        => special.softmax(perturbed.reshape(len(logits), -1), axis=1).reshape(logits.shape)
            All codewords of all books compete with one another; each book chooses for itself.
        [perturbed.argmax(axis=2)] => [logits.argmax(axis=2)]
            Your hard choice is made before the noise is added.
        return weights, quantised.reshape(len(logits), -1)
        => return weights, quantised.swapaxes(1, 2).reshape(len(logits), -1)
            The books' codewords are interleaved; they stand one after the other, book 0 first.
        return weights, quantised.reshape(len(logits), -1) => return weights, quantised.mean(axis=1)
            You average the books' codewords; they stand side by side.
    """,
    alternatives=(Alternative(_quantise_by_loops, why="loops and lists"),),
    forbidden="torch.nn.functional.gumbel_softmax",
    because="it draws noise of its own",
)


def _uses(rng, T, G, V):
    p = rng.dirichlet(np.full(V, 0.5), size=(T, G))
    return (p / p.sum(axis=2, keepdims=True),)


def _diversity_cases(rng):
    sure = np.eye(4)
    return [
        Case(_uses(rng, 6, 2, 4), "6 times, 2 books"),
        Case(_uses(rng, 9, 3, 5), "9 times, 3 books"),
        Case(_uses(rng, 4, 1, 3), "a single book"),
        Case((sure[rng.permutation(4)][:, None],), "each codeword once, with certainty", EDGE),
        Case((sure[rng.integers(0, 4, (1, 2))],), "a single time, with certainty", EDGE),
    ]


def _diversity_by_loops(p):
    total = 0.0
    for book in np.swapaxes(np.array(p, dtype=float), 0, 1):
        for use in np.transpose(book):
            mean = sum(use) / len(use)
            total += mean * math.log(mean) if mean > 0 else 0.0
    return total / np.shape(p)[1] / np.shape(p)[2]


DIVERSITY_LOSS = Exercise(
    function=contrastive.diversity_loss,
    read="A book that collapses",
    cases=_diversity_cases,
    refuses={
        "NaN in p": {"p": with_nan},
        "probabilities that add up to 2": {"p": lambda p: 2 * p},
        "a negative probability": {"p": lambda p: np.concatenate([p - 1, 1 + 0 * p[..., :1]], 2)},
    },
    criteria=(Criterion("the loss", 3), Criterion("certain choices", 1, EDGE)),
    mistakes="""
        np.mean(special.xlogy(p.mean(axis=0), p.mean(axis=0))) => np.mean(special.xlogy(p, p))
            You take the entropy at each time and then the mean; asked for is the entropy of the
            mean use: a book may be sure each time and still use all its codewords.
        np.mean(special.xlogy(p.mean(axis=0), p.mean(axis=0)))
        => -np.mean(special.xlogy(p.mean(axis=0), p.mean(axis=0)))
            Your loss is the entropy itself, so that training would make it small and the book
            collapse: the sign is missing.
        np.mean(special.xlogy(p.mean(axis=0), p.mean(axis=0)))
        => np.sum(special.xlogy(p.mean(axis=0), p.mean(axis=0)))
            The sum is not divided by the number of codewords in all books.
        np.mean(special.xlogy(p.mean(axis=0), p.mean(axis=0)))
        => np.sum(special.xlogy(p.mean(axis=0), p.mean(axis=0))) / p.shape[2]
            You divide by the codewords of one book, and not by the number of books.
        np.mean(special.xlogy(p.mean(axis=0), p.mean(axis=0)))
        => np.sum(special.xlogy(p.mean(axis=0), p.mean(axis=0))) / p.shape[1]
            You divide by the number of books, and not by the codewords of each.
        np.mean(special.xlogy(p.mean(axis=0), p.mean(axis=0)))
        => np.mean(special.xlogy(p.mean(axis=0), p.mean(axis=0))) / np.log(2)
            Your logarithm is to the base 2; asked for is the natural one.
        np.mean(special.xlogy(p.mean(axis=0), p.mean(axis=0)))
        => np.mean(p.mean(axis=0) * np.log(p.mean(axis=0)))
            0 ln 0 is 0, though a computer says NaN: see to the codewords that nobody uses.
    """,
    alternatives=(Alternative(_diversity_by_loops, why="loops over books and codewords"),),
)


def _frames(rng, T, D, K, temperature):
    others = [rng.choice(np.delete(np.arange(T), t), K) for t in range(T)]
    return rng.normal(size=(T, D)), rng.normal(size=(T, D)), np.array(others), temperature


def _contrastive_cases(rng):
    c, q, _, _ = _frames(rng, 5, 3, 1, 0.1)
    twice = np.tile((np.arange(5)[:, None] + 2) % 5, (1, 3))
    return [
        Case(_frames(rng, 6, 4, 3, 0.5), "6 times and 3 distractors"),
        Case(_frames(rng, 9, 3, 9, 1.0), "9 times and 9 distractors"),
        Case(_frames(rng, 5, 5, 2, 0.2), "a low temperature"),
        Case((c, q, twice, 0.3), "one distractor named three times", EDGE),
        Case((1e6 * c, 1e-6 * q, twice[:, :1], 0.1), "very long and very short vectors", EDGE),
        Case((c, q, twice, 1e-4), "a temperature near zero", EDGE),
    ]


def _contrastive_by_loops(c, q, distractors, temperature):
    c, q = unit(c), unit(q)
    losses = []
    for t, drawn in enumerate(np.array(distractors, dtype=int)):
        scores = [float(c[t] @ q[k]) / temperature for k in (t, *drawn)]
        losses.append(surprise(scores, 0))
    return sum(losses) / len(losses)


CONTRASTIVE_LOSS = Exercise(
    function=contrastive.contrastive_loss,
    read="Behind the mask",
    cases=_contrastive_cases,
    refuses={
        **rows_refused("q"),
        "a time that is its own distractor": {"distractors": np.zeros_like},
        "a distractor out of range": {"distractors": lambda drawn: drawn + 100},
        **COLD,
    },
    criteria=(
        Criterion("the loss", 3),
        Criterion("distractors named twice, long and short vectors, cold", 1, EDGE),
    ),
    mistakes="""
        np.hstack([times, drawn]), axis=1) => np.hstack([drawn[:, :1], drawn]), axis=1)
            You score the first distractor where the frame of the time itself, q_t, is the right
            one.
        special.logsumexp(chosen, axis=1) => special.logsumexp(chosen[:, 1:], axis=1)
            Your denominator lacks q_t; the right candidate is one of the candidates.
        special.logsumexp(chosen, axis=1) => special.logsumexp(scores, axis=1)
            You tell q_t from all times; asked for are the distractors that were drawn.
        / above_zero(temperature) => * above_zero(temperature)
            You multiply by the temperature; a low one should make the scores large.
        cosines(c, q) / above_zero(temperature) => c @ q.T / above_zero(temperature)
            Your score is a product, which grows with the vectors' lengths; a cosine does not.
        float(np.mean(special => float(np.sum(special
            You add the losses of the times up; asked for is their mean.
        np.mean(special.logsumexp(chosen, axis=1) - chosen[:, 0])
        => np.mean(chosen[:, 0] - special.logsumexp(chosen, axis=1))
            Your loss is negative, and falls the worse the guess: the minus is missing.
        special.logsumexp(chosen, axis=1) - chosen[:, 0]
        => np.log(np.exp(chosen).sum(axis=1)) - chosen[:, 0]
            exp(1000) is too large for a floating-point number: take the largest score out of the
            sum first.
        cosines(c, q) => cosines(q, c)
            The rows of distractors belong to c_t: it is c_t that is compared with other times'
            q.
    """,
    alternatives=(Alternative(_contrastive_by_loops, why="a loop over the times"),),
    forbidden=CROSS_ENTROPY,
    because="each of them is the loss that is asked for",
)
