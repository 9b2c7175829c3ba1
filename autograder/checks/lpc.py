"""What is asked about linear prediction. The exercises are declared in the modules `_lpc_*`."""

from autograder.checks._lpc_equations import AUTOCORRELATION, NORMAL_EQUATIONS
from autograder.checks._lpc_filters import RESIDUAL, SYNTHESIS
from autograder.checks._lpc_recursion import LEVINSON_DURBIN, REFLECTION_COEFFICIENTS
from autograder.checks._lpc_spectrum import ENVELOPE, FORMANTS

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
