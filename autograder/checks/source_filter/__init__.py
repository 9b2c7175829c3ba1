"""What is asked about source and filter. One module a theme."""

from autograder.checks.source_filter.sensitivity import RESONATOR_SENSITIVITY
from autograder.checks.source_filter.synthesis import CASCADE, GLOTTAL_FLOW, RESONATOR
from autograder.checks.source_filter.vocoder import BAND_LEVELS, REVOICE

EXERCISES = (
    GLOTTAL_FLOW,
    RESONATOR,
    CASCADE,
    RESONATOR_SENSITIVITY,
    BAND_LEVELS,
    REVOICE,
)
