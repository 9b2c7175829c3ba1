"""What is asked about Tacotron 2. One module a theme."""

from autograder.checks.tacotron.attention import ATTENTION_STEP, LOCATION_FEATURES
from autograder.checks.tacotron.guidance import GUIDED_ATTENTION_LOSS
from autograder.checks.tacotron.nets import POSTNET_RESIDUAL, PRENET
from autograder.checks.tacotron.stop import STOP_FRAME

EXERCISES = (
    LOCATION_FEATURES,
    ATTENTION_STEP,
    GUIDED_ATTENTION_LOSS,
    PRENET,
    POSTNET_RESIDUAL,
    STOP_FRAME,
)
