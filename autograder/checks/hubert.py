"""What is asked about units of speech. The exercises are declared in the modules `_hubert_*`."""

from autograder.checks._hubert_codevectors import CODEVECTOR_GRADIENT, STRAIGHT_THROUGH
from autograder.checks._hubert_loss import MASKED_PREDICTION_LOSS, UNIT_SCORES, WEIGHTED_LOSS
from autograder.checks._hubert_units import MASK_SPANS, MOVE_CENTROIDS, QUANTISE

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
