"""What is asked about WaveNet. One module a theme."""

from autograder.checks.wavenet.convolution import CAUSAL_CONVOLUTION, RECEPTIVE_FIELD
from autograder.checks.wavenet.gate import GATED_UNIT
from autograder.checks.wavenet.generation import NEXT_SAMPLE
from autograder.checks.wavenet.probability import BITS_PER_SAMPLE, DRAW

EXERCISES = (
    CAUSAL_CONVOLUTION,
    RECEPTIVE_FIELD,
    GATED_UNIT,
    BITS_PER_SAMPLE,
    DRAW,
    NEXT_SAMPLE,
)
