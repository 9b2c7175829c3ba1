"""What is asked about source and filter. The exercises stand in the modules `_source_filter_*`."""

from autograder.checks._source_filter_sensitivity import RESONATOR_SENSITIVITY
from autograder.checks._source_filter_synthesis import CASCADE, GLOTTAL_FLOW, RESONATOR
from autograder.checks._source_filter_vocoder import BAND_LEVELS, REVOICE

EXERCISES = (
    GLOTTAL_FLOW,
    RESONATOR,
    CASCADE,
    RESONATOR_SENSITIVITY,
    BAND_LEVELS,
    REVOICE,
)
