"""What is asked about attention. The exercises are declared in the modules `_attention_*`."""

from autograder.checks._attention_heads import MULTI_HEAD
from autograder.checks._attention_slopes import ATTENTION_BY_KEY
from autograder.checks._attention_tokens import TASK_TOKENS
from autograder.checks._attention_weights import ATTENTION, CAUSAL_MASK, MASKED_ATTENTION

EXERCISES = (
    ATTENTION,
    ATTENTION_BY_KEY,
    CAUSAL_MASK,
    MASKED_ATTENTION,
    MULTI_HEAD,
    TASK_TOKENS,
)
