"""What is asked about flows. One module a theme."""

from autograder.checks.waveglow.chain import LOG_LIKELIHOOD, TEMPERATURE_SAMPLE
from autograder.checks.waveglow.layers import COUPLING, COUPLING_INVERSE
from autograder.checks.waveglow.rows import INVERTIBLE_CONVOLUTION, SQUEEZE

EXERCISES = (
    SQUEEZE,
    COUPLING,
    COUPLING_INVERSE,
    INVERTIBLE_CONVOLUTION,
    LOG_LIKELIHOOD,
    TEMPERATURE_SAMPLE,
)
