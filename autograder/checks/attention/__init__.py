"""What is asked about attention. One module a theme."""

from autograder.checks.attention.heads import MULTI_HEAD
from autograder.checks.attention.masks import CAUSAL_MASK, MASKED_ATTENTION
from autograder.checks.attention.slopes import ATTENTION_BY_KEY
from autograder.checks.attention.tokens import TASK_TOKENS
from autograder.checks.attention.weights import ATTENTION

EXERCISES = (
    ATTENTION,
    ATTENTION_BY_KEY,
    CAUSAL_MASK,
    MASKED_ATTENTION,
    MULTI_HEAD,
    TASK_TOKENS,
)
