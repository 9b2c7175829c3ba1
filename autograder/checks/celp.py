"""What is asked about the codec. The exercises are declared in the modules `_celp_*`."""

from autograder.checks._celp_books import ADAPTIVE_CODEBOOK, PITCH_PREDICTOR
from autograder.checks._celp_frame import DECODE_FRAME
from autograder.checks._celp_frame_search import ENCODE_FRAME
from autograder.checks._celp_search import SEARCH_CODEBOOK
from autograder.checks._celp_weighting import WEIGHTED_COEFFICIENTS, WEIGHTED_SYNTHESIS

EXERCISES = (
    WEIGHTED_COEFFICIENTS,
    WEIGHTED_SYNTHESIS,
    SEARCH_CODEBOOK,
    PITCH_PREDICTOR,
    ADAPTIVE_CODEBOOK,
    DECODE_FRAME,
    ENCODE_FRAME,
)
