"""What is asked about nets without memory. One module a theme."""

from autograder.checks.backprop.calculus import FROBENIUS_GRADIENT, SOFTMAX_LOSS_GRADIENT
from autograder.checks.backprop.classifier import CLASSIFIER_GRADIENT
from autograder.checks.backprop.conversion import GRADIENT_CHECK, NET_GRADIENTS
from autograder.checks.backprop.filter import FILTER_STEP
from autograder.checks.backprop.interpolation import INTERPOLATING_NET
from autograder.checks.backprop.sensitivity import SENSITIVITY

EXERCISES = (
    FROBENIUS_GRADIENT,
    SOFTMAX_LOSS_GRADIENT,
    INTERPOLATING_NET,
    CLASSIFIER_GRADIENT,
    FILTER_STEP,
    NET_GRADIENTS,
    GRADIENT_CHECK,
    SENSITIVITY,
)
