"""What is asked about sampling and quantisation. One module a theme."""

from autograder.checks.sampling.companding import MU_LAW, MU_LAW_INVERSE
from autograder.checks.sampling.quantiser import SQNR, UNIFORM_QUANTISE
from autograder.checks.sampling.rates import DECIMATE, RECONSTRUCT
from autograder.checks.sampling.sinusoids import ALIAS_FREQUENCY, SAMPLED_SINUSOID

EXERCISES = (
    SAMPLED_SINUSOID,
    ALIAS_FREQUENCY,
    RECONSTRUCT,
    DECIMATE,
    UNIFORM_QUANTISE,
    SQNR,
    MU_LAW,
    MU_LAW_INVERSE,
)
