"""What is asked about recurrent nets. The exercises are declared in the modules `_recurrent_*`."""

from autograder.checks._recurrent_counting import COUNTING_LSTM
from autograder.checks._recurrent_gate import ONE_GATE_BACKWARD, ONE_GATE_FORWARD
from autograder.checks._recurrent_hidden import GRADIENT_REACH, HIDDEN_GRADIENT
from autograder.checks._recurrent_lags import (
    LAG_GRADIENTS,
    RECURRENT_OUTPUTS,
    TOTAL_DERIVATIVES,
)
from autograder.checks._recurrent_lstm import LSTM_BACKWARD, LSTM_FORWARD

EXERCISES = (
    TOTAL_DERIVATIVES,
    RECURRENT_OUTPUTS,
    LAG_GRADIENTS,
    HIDDEN_GRADIENT,
    GRADIENT_REACH,
    ONE_GATE_FORWARD,
    ONE_GATE_BACKWARD,
    LSTM_FORWARD,
    LSTM_BACKWARD,
    COUNTING_LSTM,
)
