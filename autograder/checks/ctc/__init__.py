"""The graded exercises of the chapter on connectionist temporal classification."""

from __future__ import annotations

from autograder.checks.ctc.beam import BEAM
from autograder.checks.ctc.gradient import BY_OUTPUTS, OVER_PATHS
from autograder.checks.ctc.lattice import BACKWARD, FORWARD
from autograder.checks.ctc.posteriors import BY_LOGITS, POSTERIORS
from autograder.checks.ctc.text import COLLAPSE, EXPANSION, RATE

EXERCISES = (
    COLLAPSE,
    EXPANSION,
    FORWARD,
    BACKWARD,
    POSTERIORS,
    OVER_PATHS,
    BY_OUTPUTS,
    BY_LOGITS,
    BEAM,
    RATE,
)
