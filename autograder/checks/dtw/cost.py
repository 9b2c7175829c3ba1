"""The usual way to warp: costs, their recursion, and the cheapest path."""

from __future__ import annotations

from autograder.checks.dtw import inputs, variants
from autograder.checks.dtw.compare import Cells
from autograder.checks.dtw.inputs import TIES
from autograder.exercise.declare import Alternative, Criterion, Exercise, Mistake
from autograder.exercise.draw import BAD, EDGE, REFUSES
from autograder.reference import dtw

READY_MADE = ("librosa.sequence.dtw", "librosa.sequence.dtw_backtracking")

LOCAL_COSTS = Exercise(
    function=dtw.local_costs,
    read="Every moment against every moment",
    cases=inputs.pairs_for_costs,
    criteria=(
        Criterion("the distances", 2),
        Criterion("one frame, one feature, features far from zero", 1, EDGE),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        """
        np.sqrt(np.sum(difference**2, axis=2)) => np.sum(difference**2, axis=2)
            You return squared distances: the root is missing.
        np.sqrt(np.sum(difference**2, axis=2)) => np.sum(np.abs(difference), axis=2)
            You add up absolute differences (the city-block distance); asked for is the Euclidean
            one.
        np.sum(difference**2, axis=2) => np.mean(difference**2, axis=2)
            You average over the features; the Euclidean distance is the root of a sum.
        np.sqrt(np.sum(difference**2, axis=2)) => np.sqrt(np.sum(difference**2, 2)).T
            Rows and columns are swapped: C[i, k] belongs to X[i] and Y[k].
        """,
        Mistake(
            variants.costs_multiplied_out,
            says="You multiply the square out. Where features are large and distances small that "
            "is a small difference of large numbers, and its digits are lost: subtract first.",
        ),
    ),
    alternatives=(
        Alternative(variants.costs_in_loops, why="two loops and lists"),
        Alternative(variants.costs_feature_by_feature, why="one feature after the other"),
        Alternative(
            "axis=2)) => axis=2)).astype(np.float32)",
            why="single precision",
        ),
    ),
    forbidden=(
        "scipy.spatial.distance.cdist",
        "scipy.spatial.distance_matrix",
        "sklearn.metrics.pairwise.euclidean_distances",
        *READY_MADE,
    ),
)

ACCUMULATED_COST = Exercise(
    function=dtw.accumulated_cost,
    read="The cheapest road",
    cases=inputs.cost_cases,
    criteria=(
        Criterion("the table", 3),
        Criterion("one row, one column, one cell", 1, EDGE),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        """
        row[k], above[k]) => row[k], above[k] if not D else np.inf)
            The diagonal step is missing: both sequences may move on at once.
        above[k]) => above[k] + (cost if D or k else 0))
            You count the cost twice on a diagonal step; here every cell counts once.
        return np.array(D) => return np.array(D) - C
            The cost of the last cell itself is missing from each of your sums.
        above = [0.0] => above = [-C[0, 0]]
            The cost of the first cell, (0, 0), is missing from your sums.
        min(above[k + 1], row[k], above[k]) => min(above[k + 1], above[k])
            The step (0, 1), on which the second sequence moves on alone, is missing.
        return np.array(D) => return np.array(D)[-1, -1]
            You return the total of the whole path only; the table of all cells is needed, because
            the path is found from it.
        """,
        Mistake(
            variants.cost_from_a_border_of_zeros,
            says="Your border of zeros lets a path begin at any cell of the first row or column "
            "for free. Every path begins at (0, 0).",
        ),
    ),
    alternatives=(
        Alternative(variants.cost_in_a_table, why="the first row and column by themselves"),
        Alternative(variants.cost_row_by_row, why="a running minimum along each row"),
        Alternative(variants.cost_by_diagonals, why="one anti-diagonal after the other"),
    ),
    forbidden=READY_MADE,
)

COST_PATH = Exercise(
    function=dtw.cost_path,
    read="Walking back",
    cases=inputs.cost_path_cases,
    criteria=(
        Criterion("the path", 2, equal=Cells()),
        Criterion("the tie rule", 1, TIES, equal=Cells()),
        Criterion("one row, one column, one cell", 1, EDGE, equal=Cells()),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes="""
        path[::-1] => path
            Your path runs from the end to the beginning; return it in order of time.
        [(i - 1, k - 1), (i - 1, k), (i, k - 1)] => [(i - 1, k), (i, k - 1), (i - 1, k - 1)]
            Of equal cells you do not take the diagonal one first: see the tie rule.
        [(i - 1, k - 1), (i - 1, k), (i, k - 1)] => [(i - 1, k - 1), (i, k - 1), (i - 1, k)]
            Where (i-1, k) and (i, k-1) are equal you take the second: see the tie rule.
        path[::-1] => path[-2::-1]
            The beginning is missing: the path includes the cell (0, 0).
        while i > 0 or k > 0 => while i > 0 and k > 0
            You stop at the first row or column, but the path goes on along it to (0, 0).
        np.array(path[::-1]) => np.array(path[::-1])[:, ::-1]
            The columns are the wrong way round: first i, the frame of the first sequence.
        np.array(path[::-1]) => np.array(path[::-1]) + 1
            Your frames are counted from 1, as in formulas; code counts them from 0.
        path = [(i, k)] => path = []
            The end is missing: the path includes the last cell.
    """,
    alternatives=(
        Alternative(variants.cost_path_by_cases, why="case by case, as a list of lists"),
        Alternative(variants.cost_path_by_argmin, why="argmin in a table with a border"),
    ),
    forbidden=READY_MADE,
)
