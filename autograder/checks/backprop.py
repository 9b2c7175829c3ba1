"""What is asked about nets without memory. The exercises are declared in `_backprop_*`."""

from autograder.checks._backprop_calculus import FROBENIUS_GRADIENT, SOFTMAX_LOSS_GRADIENT
from autograder.checks._backprop_classifier import CLASSIFIER_GRADIENT
from autograder.checks._backprop_conversion import GRADIENT_CHECK, NET_GRADIENTS
from autograder.checks._backprop_filter import FILTER_STEP
from autograder.checks._backprop_interpolation import INTERPOLATING_NET
from autograder.checks._backprop_sensitivity import SENSITIVITY

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
