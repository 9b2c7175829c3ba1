"""What is asked about dynamic time warping. One module a theme."""

from __future__ import annotations

from autograder.checks.dtw.distance import NEAREST_TEMPLATE, NORMALISED_DISTANCE
from autograder.checks.dtw.frames import LOCAL_COSTS, LOCAL_SIMILARITIES
from autograder.checks.dtw.paths import COST_PATH, SIMILARITY_PATH
from autograder.checks.dtw.tables import ACCUMULATED_COST, ACCUMULATED_SIMILARITY

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
