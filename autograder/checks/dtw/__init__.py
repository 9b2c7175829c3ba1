"""What is asked about dynamic time warping. One module a theme."""

from __future__ import annotations

from autograder.checks.dtw.cost import ACCUMULATED_COST, COST_PATH, LOCAL_COSTS
from autograder.checks.dtw.distance import NEAREST_TEMPLATE, NORMALISED_DISTANCE
from autograder.checks.dtw.matches import SIMILARITY_PATH
from autograder.checks.dtw.similarity import ACCUMULATED_SIMILARITY, LOCAL_SIMILARITIES

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
