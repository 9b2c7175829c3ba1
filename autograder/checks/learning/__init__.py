"""What is asked about learning from examples. One module a theme."""

from autograder.checks.learning.averages import EXPONENTIAL_AVERAGE, MOMENTUM_STEP
from autograder.checks.learning.examples import BIAS_VARIANCE, INVERTED_DROPOUT, NORMALISE
from autograder.checks.learning.regression import LOGISTIC_GRADIENT, REGULARISED_GRADIENT
from autograder.checks.learning.squares import ADAM_STEP, RMSPROP_STEP

EXERCISES = (
    LOGISTIC_GRADIENT,
    BIAS_VARIANCE,
    REGULARISED_GRADIENT,
    INVERTED_DROPOUT,
    NORMALISE,
    EXPONENTIAL_AVERAGE,
    MOMENTUM_STEP,
    RMSPROP_STEP,
    ADAM_STEP,
)
