"""What is asked about tonality. One module a theme."""

from autograder.checks.tonality.decisions import CHORD_SEQUENCE, KEY_SCORES
from autograder.checks.tonality.harmony import CHROMA, TONAL_CENTROID
from autograder.checks.tonality.kernel import CONSTANT_Q_FRAMES, CONSTANT_Q_KERNEL
from autograder.checks.tonality.spectrum import CONSTANT_Q, CONSTANT_Q_BINS

EXERCISES = (
    CONSTANT_Q_BINS,
    CONSTANT_Q,
    CONSTANT_Q_KERNEL,
    CONSTANT_Q_FRAMES,
    CHROMA,
    TONAL_CENTROID,
    KEY_SCORES,
    CHORD_SEQUENCE,
)
