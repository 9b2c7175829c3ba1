"""What is asked about linear prediction. One module a theme."""

from autograder.checks.lpc.equations import AUTOCORRELATION, NORMAL_EQUATIONS
from autograder.checks.lpc.filters import RESIDUAL, SYNTHESIS
from autograder.checks.lpc.recursion import LEVINSON_DURBIN, REFLECTION_COEFFICIENTS
from autograder.checks.lpc.spectrum import ENVELOPE, FORMANTS

EXERCISES = (
    AUTOCORRELATION,
    NORMAL_EQUATIONS,
    LEVINSON_DURBIN,
    REFLECTION_COEFFICIENTS,
    RESIDUAL,
    SYNTHESIS,
    ENVELOPE,
    FORMANTS,
)
