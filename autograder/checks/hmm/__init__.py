"""The graded exercises of the chapter on hidden Markov models. One module a theme."""

from __future__ import annotations

from autograder.checks.hmm.decoding import VITERBI
from autograder.checks.hmm.densities import GAUSSIAN, GAUSSIANS
from autograder.checks.hmm.learning import POSTERIORS, TRANSITIONS
from autograder.checks.hmm.recursions import BACKWARD, FORWARD, LAST_FACTOR

EXERCISES = (
    FORWARD,
    LAST_FACTOR,
    VITERBI,
    BACKWARD,
    POSTERIORS,
    TRANSITIONS,
    GAUSSIAN,
    GAUSSIANS,
)
