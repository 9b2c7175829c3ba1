"""What is asked about contrastive learning. One module a theme."""

from autograder.checks.contrastive.augment import (
    FREQUENCY_MASK,
    FREQUENCY_SHIFT,
    LOG_MIX_EXP,
    MIX,
    TIME_MASK,
)
from autograder.checks.contrastive.masked import CONTRASTIVE_LOSS, DIVERSITY_LOSS, PRODUCT_QUANTISE
from autograder.checks.contrastive.pairs import BYOL_LOSS, MOVING_AVERAGE, NT_XENT
from autograder.checks.contrastive.prediction import CPC_GRADIENT, CPC_LOSS
from autograder.checks.contrastive.words import CLAP_LOSS, ZERO_SHOT

EXERCISES = (
    CPC_LOSS,
    CPC_GRADIENT,
    PRODUCT_QUANTISE,
    DIVERSITY_LOSS,
    CONTRASTIVE_LOSS,
    MIX,
    TIME_MASK,
    FREQUENCY_MASK,
    FREQUENCY_SHIFT,
    NT_XENT,
    LOG_MIX_EXP,
    BYOL_LOSS,
    MOVING_AVERAGE,
    CLAP_LOSS,
    ZERO_SHOT,
)
