"""What is asked about recurrent nets. One module a theme."""

from autograder.checks.recurrent.counting import COUNTING_LSTM
from autograder.checks.recurrent.gate import ONE_GATE_BACKWARD, ONE_GATE_FORWARD
from autograder.checks.recurrent.hidden import GRADIENT_REACH, HIDDEN_GRADIENT
from autograder.checks.recurrent.lags import (
    LAG_GRADIENTS,
    RECURRENT_OUTPUTS,
    TOTAL_DERIVATIVES,
)
from autograder.checks.recurrent.lstm import LSTM_BACKWARD, LSTM_FORWARD

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
