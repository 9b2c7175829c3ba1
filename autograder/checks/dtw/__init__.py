"""What is asked about dynamic time warping. One module a theme."""

from __future__ import annotations

from autograder.checks.dtw import inputs, variants
from autograder.checks.dtw.cost import ACCUMULATED_COST, COST_PATH, LOCAL_COSTS, READY_MADE
from autograder.checks.dtw.inputs import SIMILAR, TIES
from autograder.checks.dtw.similarity import (
    ACCUMULATED_SIMILARITY,
    LOCAL_SIMILARITIES,
    SIMILARITY_PATH,
)
from autograder.exercise.declare import Alternative, Criterion, Exercise, Mistake
from autograder.exercise.draw import BAD, EDGE, REFUSES
from autograder.reference import dtw

NORMALISED_DISTANCE = Exercise(
    function=dtw.normalised_distance,
    read="How far may time be bent?",
    cases=inputs.distance_cases,
    criteria=(
        Criterion("the distance", 3),
        Criterion("one row, one column, the same cost everywhere", 1, EDGE),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        """
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
        """,
        Mistake(
            variants.distance_over_path_length,
            says="You divide the cost of the unweighted path by the number of its cells. That "
            "path was not chosen to be cheap a cell; with the weights no such choice is needed.",
        ),
    ),
    alternatives=(
        Alternative(variants.distance_in_a_table, why="a table with a border"),
        Alternative(variants.distance_single, why="single precision"),
    ),
    forbidden=READY_MADE,
)

NEAREST_TEMPLATE = Exercise(
    function=dtw.nearest_template,
    read="A recogniser",
    cases=inputs.template_cases,
    criteria=(
        Criterion("the word by costs", 1),
        Criterion("the word by similarities", 1, SIMILAR),
        Criterion("equally near templates", 1, TIES),
        Criterion(REFUSES, 1, BAD),
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
        Alternative(variants.template_in_a_loop, why="a loop that keeps the best so far"),
        Alternative(variants.template_by_sorting, why="sorting, which keeps equal ones in order"),
    ),
)

EXERCISES = (
    LOCAL_COSTS,
    ACCUMULATED_COST,
    COST_PATH,
    LOCAL_SIMILARITIES,
    ACCUMULATED_SIMILARITY,
    SIMILARITY_PATH,
    NORMALISED_DISTANCE,
    NEAREST_TEMPLATE,
)
