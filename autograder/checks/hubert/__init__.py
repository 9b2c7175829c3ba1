"""What is asked about units of speech. One module a theme."""

from autograder.checks.hubert.codevectors import CODEVECTOR_GRADIENT, STRAIGHT_THROUGH
from autograder.checks.hubert.loss import MASKED_PREDICTION_LOSS, WEIGHTED_LOSS
from autograder.checks.hubert.scores import UNIT_SCORES
from autograder.checks.hubert.units import MASK_SPANS, MOVE_CENTROIDS, QUANTISE

EXERCISES = (
    QUANTISE,
    MOVE_CENTROIDS,
    MASK_SPANS,
    UNIT_SCORES,
    MASKED_PREDICTION_LOSS,
    WEIGHTED_LOSS,
    CODEVECTOR_GRADIENT,
    STRAIGHT_THROUGH,
)
