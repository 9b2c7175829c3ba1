"""A distance that does not grow with the length, and the nearest of some templates."""

from __future__ import annotations

import numpy as np

from autograder.checks.dtw.inputs import READY_MADE, TIES, WARPING, bad, costs, tables
from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import EDGE
from autograder.reference import dtw

SIMILAR = "similarities"


def _distance_cases(rng):
    same = np.full((6, 10), rng.uniform(1, 2))
    return [
        *tables(rng, costs, "local costs", above=1.0),
        Case((same,), "the same cost everywhere", EDGE),
    ]


def _distance_in_a_table(C):
    D = np.full(np.add(C.shape, 1), np.inf)
    D[0, 0] = 0
    for i, k in np.ndindex(C.shape):
        D[i + 1, k + 1] = min(D[i, k + 1] + C[i, k], D[i + 1, k] + C[i, k], D[i, k] + 2 * C[i, k])
    return D[-1, -1] / (len(C) + len(C[0]))


NORMALISED_DISTANCE = Exercise(
    function=dtw.normalised_distance,
    read="How far may time be bent?",
    cases=_distance_cases,
    refuses=bad("C"),
    criteria=(
        Criterion("the distance", 3),
        Criterion("one row, one column, the same cost everywhere", 1, EDGE),
    ),
    mistakes="""
        2 * cost => cost
            The step (1, 1) counts its cost once in your sum. With weights of one, paths of
            different lengths are not comparable: it should count twice, and so should the
            beginning.
        / sum(C.shape) =>
            The total is not divided by its weight, so it grows with the length.
        sum(C.shape) => len(C)
            You divide by the frames of the first sequence only; the weight of a path is the sum of
            both lengths.
        above = [0.0] => above = [-C[0, 0]]
            The beginning counts once in your sum; it counts twice, as both sequences step into it.
        sum(C.shape) => C.size
            You divide by the number of cells of the whole table, not by a path's weight.
        float(above[-1] / sum(C.shape))
        => accumulated_cost(C)[-1, -1] / len(cost_path(accumulated_cost(C)))
            You divide the cost of the unweighted path by the number of its cells. That path was not
            chosen to be cheap a cell; with the weights no such choice is needed.
    """,
    alternatives=(Alternative(_distance_in_a_table, why="a table with a border"),),
    forbidden=READY_MADE,
    because=WARPING,
)


WORDS = np.array(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])


def _tables(rng, frames, lengths, goals, accumulate):
    """A table for each template, with a total of about its goal a frame, in random order.

    All other cells are smaller than that by a factor of the template's own.
    """
    made = []
    for length, goal in zip(lengths, goals, strict=True):
        table = accumulate(rng.uniform(0.5, 1, (frames, length)))
        total = (goal + rng.uniform(-0.01, 0.01)) * (frames + length)
        smaller = np.where(table < table[-1, -1], rng.uniform(0.2, 1), 1.0)
        made.append(smaller * table * (total / table[-1, -1]))
    order = rng.permutation(len(made))
    return [made[m] for m in order], [str(word) for word in rng.permutation(WORDS)[: len(made)]]


def _template_cases(rng):
    by_cost = _tables(rng, 8, [4, 20, 40], [0.9, 0.7, 0.74], dtw.accumulated_cost)
    longer = _tables(rng, 12, [6, 30, 60], [0.9, 0.7, 0.74], dtw.accumulated_cost)
    alike = _tables(rng, 8, [20, 40, 4], [0.6, 0.5, 0.4], dtw.accumulated_similarity)
    more = _tables(rng, 12, [30, 60, 6], [0.6, 0.5, 0.4], dtw.accumulated_similarity)
    tables, words = by_cost
    best = min(tables, key=lambda table: table[-1, -1] / sum(table.shape))
    twice = [table for table in tables if table is not best] + [best, best]
    names = [str(word) for word in rng.permutation(WORDS)[:4]]
    return [
        Case(by_cost, "three templates and a recording of 8 frames"),
        Case(longer, "three templates and a recording of 12 frames"),
        Case((tables[:1], words[:1]), "a single template"),
        Case((*alike, True), "similarities to three templates, 8 frames", SIMILAR),
        Case((*more, True), "similarities to three templates, 12 frames", SIMILAR),
        Case((twice, names), "two templates that are equally near", TIES),
    ]


def _template_in_a_loop(tables, words, similar=False):
    found, best = None, -np.inf
    for table, word in zip(tables, words, strict=True):
        score = table[-1][-1] / (len(table) + len(table[0])) * (1 if similar else -1)
        if score > best:
            found, best = word, score
    return np.str_(found)


def _template_by_sorting(tables, words, similar=False):
    scores = [t[-1, -1] / np.sum(np.shape(t)) * (-1 if similar else 1) for t in tables]
    return words[sorted(range(len(words)), key=scores.__getitem__)[0]]


NEAREST_TEMPLATE = Exercise(
    function=dtw.nearest_template,
    read="A recogniser",
    cases=_template_cases,
    refuses={"no template": {"tables": [], "words": []}},
    criteria=(
        Criterion("the word by costs", 1),
        Criterion("the word by similarities", 1, SIMILAR),
        Criterion("equally near templates", 1, TIES),
    ),
    mistakes="""
        / sum(table.shape) =>
            You compare totals as they are, which favours short templates by cost and long ones by
            similarity.
        sum(table.shape) => table.shape[1]
            You divide by the length of the template alone; the recording's belongs to it.
        np.argmax(totals) if similar else np.argmin(totals) => np.argmin(totals)
            Similarities are compared like costs: the most similar template should win.
        np.argmax(totals) if similar else np.argmin(totals) => np.argmax(totals)
            The largest total wins in either case; by cost it is the least that should.
        str(words[best]) => int(best)
            You return the number of the template; asked for is the word it says.
        np.argmin(totals) => len(totals) - 1 - np.argmin(totals[::-1])
            Of equally near templates you take the last; the first should win.
    """,
    alternatives=(
        Alternative(_template_in_a_loop, why="a loop that keeps the best so far"),
        Alternative(_template_by_sorting, why="sorting, which keeps equal ones in order"),
    ),
)
