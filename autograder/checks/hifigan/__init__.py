"""What is asked about HiFi-GAN and resynthesis. One module a theme."""

from autograder.checks.hifigan.fusion import RESIDUAL_FUSION
from autograder.checks.hifigan.losses import (
    ADVERSARIAL_LOSSES,
    DISCRIMINATOR_LOSS,
    FEATURE_MATCHING,
    GENERATOR_LOSS,
)
from autograder.checks.hifigan.mel import MEL_LOSS
from autograder.checks.hifigan.units import DEDUPLICATE
from autograder.checks.hifigan.upsampling import TRANSPOSED_CONVOLUTION, UPSAMPLE
from autograder.checks.hifigan.views import AVERAGE_POOLS, FOLD_PERIODS

EXERCISES = (
    UPSAMPLE,
    TRANSPOSED_CONVOLUTION,
    RESIDUAL_FUSION,
    FOLD_PERIODS,
    AVERAGE_POOLS,
    ADVERSARIAL_LOSSES,
    DISCRIMINATOR_LOSS,
    FEATURE_MATCHING,
    MEL_LOSS,
    GENERATOR_LOSS,
    DEDUPLICATE,
)
