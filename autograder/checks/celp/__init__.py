"""What is asked about the codec. One module a theme."""

from autograder.checks.celp.books import ADAPTIVE_CODEBOOK, PITCH_PREDICTOR
from autograder.checks.celp.frame import DECODE_FRAME
from autograder.checks.celp.frame_search import ENCODE_FRAME
from autograder.checks.celp.search import SEARCH_CODEBOOK
from autograder.checks.celp.weighting import WEIGHTED_COEFFICIENTS, WEIGHTED_SYNTHESIS

EXERCISES = (
    WEIGHTED_COEFFICIENTS,
    WEIGHTED_SYNTHESIS,
    SEARCH_CODEBOOK,
    PITCH_PREDICTOR,
    ADAPTIVE_CODEBOOK,
    DECODE_FRAME,
    ENCODE_FRAME,
)
